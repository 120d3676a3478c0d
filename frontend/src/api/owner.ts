/** The calls of the owner's sections; voters never load them. */
import { get, post, remove, upload } from './client';
import type { components } from './schema';

type Schemas = components['schemas'];
export type Import = Schemas['ImportOut'];
export type Staged = Schemas['ImportStaged'];
export type Preview = Schemas['ImportPreview'];
export type Answers = Schemas['AnswersOut'];
export type ArenaFile = Schemas['ArenaFileOut'];
export type FileCheck = Schemas['ArenaFileCheck'];
export type FileProblem = Schemas['FileProblemOut'];
export type Keys = Schemas['KeysOut'];
export type OwnerKey = Schemas['KeyOut'];
export type AuditPage = Schemas['AuditPage'];
export type Moderation = Schemas['ModerationOut'];

export interface ImportOptions {
  pii: Preview['pii'] | '';
  sample: number | null;
  skip: boolean;
  columns: Readonly<Record<string, string>>;
}

const seg = encodeURIComponent;
const arena = (slug: string): string => `/owner/arenas/${seg(slug)}`;

export interface AuditFilter {
  what: string;
  who: string;
}

/** The query of the audit log and of its CSV: what is empty is not asked for. */
export function auditQuery({ what, who }: AuditFilter, page: { before?: number | undefined; limit?: number } = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ what: what.trim(), who: who.trim(), ...page })) if (value) query.set(name, String(value));
  return query.size > 0 ? `?${query}` : '';
}

/** The query of an upload; what is not given is left to the server. */
export function importQuery(name: string, { pii, sample, skip, columns }: ImportOptions): string {
  const query = new URLSearchParams({ name });
  if (pii) query.set('pii', pii);
  if (sample !== null) query.set('sample', String(sample));
  if (skip) query.set('skip_bad', 'true');
  for (const [ours, theirs] of Object.entries(columns)) query.append('map', `${ours}=${theirs}`);
  return query.toString();
}

export const owner = {
  imports: async (slug: string, signal?: AbortSignal) => (await get<{ imports: Import[] }>(`${arena(slug)}/imports`, signal)).imports,
  stage: (slug: string, file: File, options: ImportOptions, signal?: AbortSignal) =>
    upload<Staged>(`${arena(slug)}/imports?${importQuery(file.name, options)}`, file, signal),
  confirm: (id: string) => post<Import>(`/owner/imports/${seg(id)}/confirm`, {}),
  discard: (id: string) => remove<unknown>(`/owner/imports/${seg(id)}`),
  answers: (slug: string, signal?: AbortSignal) => get<Answers>(`${arena(slug)}/answers`, signal),
  make: (slug: string, cap: number | null) => post<Answers>(`${arena(slug)}/answers`, { max_spend_usd: cap }),
  stop: (slug: string) => post<Answers>(`${arena(slug)}/answers/stop`, {}),
  file: (slug: string, signal?: AbortSignal) => get<ArenaFile>(`${arena(slug)}/file`, signal),
  check: (slug: string, text: string) => post<FileCheck>(`${arena(slug)}/file/check`, { text }),
  save: (slug: string, text: string, revision: string) => post<ArenaFile>(`${arena(slug)}/file`, { text, revision }),
  keys: (signal?: AbortSignal) => get<Keys>('/owner/keys', signal),
  enterKey: (name: string, value: string) => post<Keys>(`/owner/keys/${seg(name)}`, { value }),
  audit: (filter: AuditFilter, page: { before?: number | undefined; limit: number }, signal?: AbortSignal) =>
    get<AuditPage>(`/owner/audit${auditQuery(filter, page)}`, signal),
  moderation: (slug: string, signal?: AbortSignal) => get<Moderation>(`${arena(slug)}/moderation`, signal),
  deleteKey: (name: string) => remove<Keys>(`/owner/keys/${seg(name)}`),
};
