/** Short names for the shapes that are generated from OpenAPI. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Arena = Schemas['ArenaOut'];
export type ArenaDetail = Schemas['ArenaDetail'];
export type Session = Schemas['SessionOut'];
export type NewBattle = Schemas['BattleOut'];
export type BattleState = Schemas['BattleState'];
export type BattleStatus = BattleState['status'];
export type Turn = Schemas['TurnOut'];
export type Progress = Schemas['Progress'];
export type Ticket = Schemas['PromptOut'];
export type Vote = Schemas['VoteIn'];
export type Outcome = Vote['outcome'];
export type Reveal = Schemas['RevealOut'];
export type RevealSide = Schemas['RevealSide'];
export type Me = Schemas['MeOut'];
export type Mirror = Schemas['Mirror'];
export type Habit = Schemas['Habit'];
export type Board = Schemas['Board'];
export type BoardRow = Schemas['Row'];
export type Population = Board['population'];
export type Pairs = Schemas['PairsOut'];
export type PairRow = Schemas['PairRow'];
export type Truth = Schemas['TruthOut'];
export type Decision = Schemas['DecisionOut'];
export type PairDecision = Schemas['PairDecision'];
export type Pareto = Schemas['ParetoOut'];
export type ParetoPoint = Schemas['ParetoPoint'];
export type CategoriesFit = Schemas['CategoriesFitOut'];
export type Snapshot = Schemas['SnapshotOut'];
export type SnapshotIn = Schemas['SnapshotIn'];
export type History = Schemas['HistoryOut'];
export type HistorySeries = Schemas['HistorySeries'];
export type StyleCoefficient = Schemas['StyleCoefficient'];
export type Exclusions = Schemas['ExclusionsOut'];
export type FlaggedVoter = Schemas['FlaggedVoter'];
export type Owner = Schemas['OwnerOut'];
export type OwnerContestant = Schemas['OwnerContestant'];
export type OwnerDeployment = Schemas['OwnerDeployment'];
export type Simulated = Schemas['SimulateOut'];
export type Recipient = Schemas['RecipientOut'];

export type Side = 'a' | 'b';
export const SIDES: readonly Side[] = ['a', 'b'];
