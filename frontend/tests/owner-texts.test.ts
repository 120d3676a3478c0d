import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { on, o, owner } from '../src/i18n/owner';

const FAMILIES = ['import.pii.', 'import.field.', 'import.found.', 'privacy.pii.'];

test('the owner’s texts are filled and counted like the others', () => {
  expect(o('import.reading', { name: 'a.csv' })).toBe('Reading a.csv');
  expect(on('make.missing', 1)).toBe('1 answer is missing.');
  expect(on('make.missing', 1200)).toBe('1,200 answers are missing.');
});

test('the owner’s texts have both forms wherever they count, and are all in use', () => {
  const files = (readdirSync('src', { recursive: true }) as string[]).filter((f) => /\.(svelte|ts)$/.test(f) && !f.includes('i18n'));
  const source = files.map((f) => readFileSync(`src/${f}`, 'utf8')).join('\n');
  const unused = Object.keys(owner).filter((key) => {
    const stem = key.replace(/\.(one|other)$/, '');
    if (key.endsWith('.one')) expect(owner).toHaveProperty([`${stem}.other`]);
    return !source.includes(`'${stem}'`) && !FAMILIES.some((family) => key.startsWith(family) && source.includes(`\`${family}\${`));
  });
  expect(unused).toEqual([]);
});
