import { describe, expect, it } from 'vitest';
import { t, tn } from '../src/i18n';
import { en } from '../src/i18n/en';
import { dollars, language, list, percent, recipients, seconds } from '../src/lib/format';

describe('recipients', () => {
  it.each([
    ['this machine', ''],
    ['', ''],
    ['OpenAI, United States', 'OpenAI, United States'],
    ['this machine, Mistral, EU', 'Mistral, EU'],
  ])('of "%s" are "%s"', (runsAt, outside) => expect(recipients(runsAt)).toBe(outside));
});

describe('numbers', () => {
  it.each([
    [null, 'unknown'],
    [0, '$0'],
    [0.00001234, '$0.000012'],
    [0.0006, '$0.0006'],
    [0.0042, '$0.0042'],
    [0.05, '$0.05'],
    [1.3, '$1.30'],
  ])('%s dollars', (usd, text) => expect(dollars(usd)).toBe(text));

  it('unknown is a word, never 0', () => {
    expect(seconds(null)).toBe('unknown');
    expect(percent(null)).toBe('unknown');
    expect(percent(0)).toBe('0.0 %');
  });

  it('languages have names, other words stay', () => {
    expect(language('en')).toBe('English');
    expect(language('not a code')).toBe('not a code');
  });

  it('lists end in and', () => expect([list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual(['a', 'a and b', 'a, b and c']));
});

describe('messages', () => {
  it('are filled and counted', () => {
    expect(t('dock.stop', { side: 'B' })).toBe('Stop B');
    expect(tn('votes', 1)).toBe('1 vote');
    expect(tn('votes', 1284)).toBe('1,284 votes');
  });

  it('have both forms wherever they count', () => {
    for (const key of Object.keys(en)) {
      if (key.endsWith('.one')) expect(en).toHaveProperty([key.replace(/\.one$/, '.other')]);
    }
  });

  it('are all in use', async () => {
    const { readdirSync, readFileSync } = await import('node:fs');
    const files = (readdirSync('src', { recursive: true }) as string[]).filter((f) => /\.(svelte|ts)$/.test(f) && !f.includes('i18n'));
    const source = files.map((f) => readFileSync(`src/${f}`, 'utf8')).join('\n');
    const families = ['theme.', 'side.', 'health.', 'outcome.', 'excluded.', 'about.draw.', 'about.method.', 'board.', 'method.', 'cluster.', 'interval.', 'query.', 'pareto.measure.', 'pareto.axis.', 'snapshots.cluster.', 'exclude.alternative.', 'use.', 'voters.status.', 'consent.pii.', 'chat.'];
    const unused = Object.keys(en).filter((key) => {
      const stem = key.replace(/\.(one|other)$/, '');
      return !source.includes(`'${stem}'`) && !families.some((family) => key.startsWith(family) && source.includes(`\`${family}\${`));
    });
    expect(unused.filter((key) => !key.startsWith('excluded.'))).toEqual([]);
  });
});
