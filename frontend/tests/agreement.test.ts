/** What is chosen to be compared, and what is wrong with it. */
import { describe, expect, it } from 'vitest';
import { evaluations, fault, fileFault, MAX_TABLE, merged, offered, readAliases, wantedOf, withAlias, type Chosen } from '../src/agreement/choose';
import type { Choices } from '../src/api/agreement';

const choices: Choices = {
  arenas: [{ slug: 'support', title: 'Support' }],
  runs: [
    { name: 'first', judges: ['steady', 'giddy'], contestants: ['alder', 'birch'], blind_votes: 3 },
    { name: 'second', judges: ['steady'], contestants: ['alder', 'birch'], blind_votes: 0 },
  ],
  max_evaluations: 4,
  max_votes: 1000,
};
const none: Chosen = { arenas: [], runs: [], people: [], tables: [], aliases: '' };
const table = { name: 'bench.csv', text: 'model,score\n' };

describe('the choice', () => {
  it('counts each judge of a run as one evaluation', () => {
    expect(offered(choices)).toBe(5);
    expect(evaluations({ ...none, runs: ['first'], people: ['first'], tables: [table] }, choices)).toBe(4);
  });
  it('needs two, and not too many', () => {
    expect(fault(none, choices)).toBe('Choose two evaluations.');
    expect(fault({ ...none, arenas: ['support'] }, choices)).toBe('Choose one more evaluation.');
    expect(fault({ ...none, runs: ['first'] }, choices)).toBe('');
    expect(fault({ ...none, arenas: ['support'], runs: ['first', 'second'], tables: [table] }, choices)).toContain('at most 4');
    expect(fault({ ...none, runs: ['first'], aliases: 'a=b\nc' }, choices)).toBe('Line 2 of the names, c: write this=that.');
  });
  it('refuses files before they are sent', () => {
    expect(fileFault({ name: 'b.xlsx', size: 9 }, [])).toContain('no .csv or .tsv');
    expect(fileFault({ name: 'b.csv', size: MAX_TABLE + 1 }, [])).toContain('larger than 60 kB');
    expect(fileFault({ name: 'bench.csv', size: 9 }, [table])).toContain('already');
    expect(fileFault({ name: 'd.csv', size: 9 }, [table, table, table])).toBe('At most 3 tables at once.');
    expect(fileFault({ name: 'B.CSV', size: MAX_TABLE }, [table])).toBe('');
  });
});

describe('names that stand for others', () => {
  it('are lines; names may hold the mark after the first', () => {
    expect(readAliases(' a = b \n\nx=y=z')).toEqual({ aliases: [{ this: 'a', that: 'b' }, { this: 'x', that: 'y=z' }], error: '' });
    expect(readAliases('=b').error).toContain('Line 1');
    expect(wantedOf({ ...none, aliases: 'a=b' }).aliases).toEqual([{ this: 'a', that: 'b' }]);
  });
  it('are suggested once, whoever has them', () => {
    const one = { this: 'a', that: 'A' };
    expect(merged([{ ...one, where: ['x', 'y'] }, { ...one, where: ['z', 'y'] }])).toEqual([{ ...one, where: ['x', 'y', 'z'] }]);
  });
  it('are added once', () => {
    const once = withAlias('x=y\n', { this: 'a', that: 'b' });
    expect(once).toBe('x=y\na=b');
    expect(withAlias(once, { this: 'a', that: 'b' })).toBe(once);
  });
});
