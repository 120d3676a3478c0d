/** The calls of the page on agreement; voters never load them. */
import { get, post } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Choices = Schemas['AgreementChoices'];
export type Wanted = Required<Schemas['AgreementIn']>;
export type Alias = Schemas['AliasIn'];
export type ScoreTable = Schemas['ScoreTableIn'];
export type Report = Schemas['AgreementReport'];
export type Suggestion = Schemas['AliasSuggestion'];

export const agreement = {
  choices: (signal?: AbortSignal) => get<Choices>('/agreement', signal),
  compare: (wanted: Wanted) => post<Report>('/agreement', wanted),
  /** The whole report, as the command writes it; there for a while only. */
  report: (id: string, kind: 'html' | 'json' | 'md', download = false) =>
    `/api/agreement/${encodeURIComponent(id)}/report.${kind}${download ? '?download=true' : ''}`,
};
