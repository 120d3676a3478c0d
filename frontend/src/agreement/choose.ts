/** What is chosen to be compared, and what is wrong with it; pure. */
import type { Alias, Choices, ScoreTable, Suggestion, Wanted } from '../api/agreement';
import { a } from '../i18n/agreement';

export const MAX_TABLES = 3;
export const MAX_TABLE = 60_000;

export interface Chosen {
  arenas: string[];
  runs: string[];
  /** Runs whose blind votes of people are an evaluation. */
  people: string[];
  tables: ScoreTable[];
  /** A line `this=that` each. */
  aliases: string;
}

/** How many evaluations that is: each judge of a run is one. */
export function evaluations(chosen: Chosen, choices: Choices): number {
  const judges = choices.runs.filter((one) => chosen.runs.includes(one.name)).reduce((sum, one) => sum + one.judges.length, 0);
  return chosen.arenas.length + chosen.people.length + chosen.tables.length + judges;
}

/** How many there are to choose from, tables aside. */
export const offered = (choices: Choices): number =>
  choices.arenas.length + choices.runs.reduce((sum, one) => sum + one.judges.length + (one.blind_votes > 0 ? 1 : 0), 0);

/** Reads the lines; `error` names the first one that says nothing. */
export function readAliases(text: string): { aliases: Alias[]; error: string } {
  const aliases: Alias[] = [];
  for (const [number, line] of text.split('\n').entries()) {
    if (!line.trim()) continue;
    const at = line.indexOf('=');
    const [name, other] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    if (at < 0 || !name || !other) return { aliases: [], error: a('aliases.wrong', { n: number + 1, line: line.trim() }) };
    aliases.push({ this: name, that: other });
  }
  return { aliases, error: '' };
}

/** The lines with one more, unless it is there. */
export function withAlias(text: string, alias: Alias): string {
  const line = `${alias.this}=${alias.that}`;
  const lines = text.split('\n').filter((one) => one.trim());
  return lines.some((one) => one.trim() === line) ? text : [...lines, line].join('\n');
}

/** Each two names once, with all evaluations that have them. */
export function merged(suggestions: readonly Suggestion[]): Suggestion[] {
  const found = new Map<string, Suggestion>();
  for (const one of suggestions) {
    const key = JSON.stringify([one.this, one.that]);
    found.set(key, { ...one, where: [...new Set([...(found.get(key)?.where ?? []), ...one.where])] });
  }
  return [...found.values()];
}

/** What is wrong with a file before it is sent; '' is nothing. */
export function fileFault(file: { name: string; size: number }, tables: readonly ScoreTable[]): string {
  if (!/\.(csv|tsv)$/i.test(file.name)) return a('table.kind', { name: file.name });
  if (file.size > MAX_TABLE) return a('table.large', { name: file.name, kb: Math.round(MAX_TABLE / 1000) });
  if (tables.some((one) => one.name === file.name)) return a('table.twice', { name: file.name });
  return tables.length >= MAX_TABLES ? a('table.many', { n: MAX_TABLES }) : '';
}

/** What keeps the comparison from being asked for; '' is nothing. */
export function fault(chosen: Chosen, choices: Choices): string {
  const n = evaluations(chosen, choices);
  if (n < 2) return a(n === 0 ? 'choose.two' : 'choose.one_more');
  if (n > choices.max_evaluations) return a('choose.many', { n, max: choices.max_evaluations });
  return readAliases(chosen.aliases).error;
}

export const wantedOf = ({ aliases, ...chosen }: Chosen): Wanted => ({ ...chosen, aliases: readAliases(aliases).aliases });
