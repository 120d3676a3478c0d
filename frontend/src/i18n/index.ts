/** Texts by typed key; a message's {names} are its required parameters. */
import { en } from './en';

type Messages = typeof en;
export type Key = keyof Messages;
type Params<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? P | Params<Rest> : never;
type Values<K extends Key> = Record<Params<Messages[K]>, string | number>;
type Args<K extends Key> = [Params<Messages[K]>] extends [never] ? [] : [Values<K>];
type CountKey = { [K in Key]: K extends `${infer Stem}.one` ? Stem : never }[Key];

export const locale = 'en';
const plural = new Intl.PluralRules(locale);

/** The text of one message. */
export function t<K extends Key>(key: K, ...[values]: Args<K>): string {
  return fill(en[key], (values ?? {}) as Record<string, string | number>);
}

/** The text that fits a count: `key.one` or `key.other`; `{n}` is the count, grouped. */
export function tn(key: CountKey, n: number, values: Record<string, string | number> = {}): string {
  const messages: Record<string, string> = en;
  const form = messages[`${key}.${plural.select(n)}`] ?? messages[`${key}.other`] ?? key;
  return fill(form, { n: n.toLocaleString(locale), ...values });
}

function fill(message: string, values: Record<string, string | number>): string {
  return message.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
