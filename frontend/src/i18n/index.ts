/** Texts by typed key; a message's {names} are its required parameters. */
import { en } from './en';

type Params<S extends string> = S extends `${string}{${infer P}}${infer Rest}` ? P | Params<Rest> : never;
type Args<S extends string> = [Params<S>] extends [never] ? [] : [Record<Params<S>, string | number>];
type CountKey<M> = { [K in keyof M]: K extends `${infer Stem}.one` ? Stem : never }[keyof M];

export type Key = keyof typeof en;
export const locale = 'en';
const plural = new Intl.PluralRules(locale);

/** The texts of one file of messages; what only few pages need is a file of its own. */
export function texts<M extends Record<string, string>>(messages: M) {
  const all: Record<string, string> = messages;
  return {
    /** The text of one message. */
    t<K extends keyof M & string>(key: K, ...[values]: Args<M[K]>): string {
      return fill(all[key] ?? key, values ?? {});
    },
    /** The text that fits a count: `key.one` or `key.other`; `{n}` is the count, grouped. */
    tn(key: CountKey<M> & string, n: number, values: Record<string, string | number> = {}): string {
      const form = all[`${key}.${plural.select(n)}`] ?? all[`${key}.other`] ?? key;
      return fill(form, { n: n.toLocaleString(locale), ...values });
    },
  };
}

export const { t, tn } = texts(en);

function fill(message: string, values: Record<string, string | number>): string {
  return message.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
