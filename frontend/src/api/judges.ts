/** The calls of the judges' pages; voters never load them. */
import { get, post } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type JudgeRun = Schemas['JudgeRunOut'];
export type JudgeRuns = Schemas['JudgeRunsOut'];
export type JudgeRunSummary = Schemas['JudgeRunSummary'];
export type Verdict = Schemas['VerdictOut'];
export type ReportPart = Schemas['ReportPart'];
export type ReportTable = Schemas['ReportTable'];
export type AgreementOfPeople = Schemas['AgreementOfPeople'];
export type JudgedItems = Schemas['JudgedItems'];
export type JudgedRow = Schemas['JudgedRow'];
export type JudgedItem = Schemas['JudgedItem'];
export type Said = Schemas['SaidOut'];
export type JudgeText = Schemas['JudgeText'];
export type Flag = JudgedRow['flags'][number];
export type Result = Said['result'];
export type Outcome = NonNullable<JudgedItem['vote']>;

const seg = encodeURIComponent;

export const judges = {
  runs: (signal?: AbortSignal) => get<JudgeRuns>('/judge-runs', signal),
  run: (run: string, signal?: AbortSignal) => get<JudgeRunSummary>(`/judge-runs/${seg(run)}`, signal),
  /** @param query as `judges/query` writes it */
  items: (run: string, query: string, signal?: AbortSignal) => get<JudgedItems>(`/judge-runs/${seg(run)}/items?${query}`, signal),
  item: (run: string, key: string, blind: boolean, signal?: AbortSignal) =>
    get<JudgedItem>(`/judge-runs/${seg(run)}/items/${seg(key)}?blind=${blind}`, signal),
  vote: (run: string, key: string, outcome: Outcome, blind: boolean) =>
    post<JudgedItem>(`/judge-runs/${seg(run)}/items/${seg(key)}/vote`, { outcome, blind }),
  votes: (run: string, kind: 'jsonl' | 'parquet') => `/api/judge-runs/${seg(run)}/votes.${kind}`,
};
