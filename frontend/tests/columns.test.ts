import { expect, test } from 'vitest';
import { importQuery } from '../src/api/owner';
import { columnsIn, columnsOf } from '../src/owner/columns';

test.each([
  ['a.csv', 'id,prompt,"answer, of A"\r\n1,"x,y",z', ['id', 'prompt', 'answer, of A']],
  ['a.CSV', 'Nummer;Frage;Art\n1;2;3', ['Nummer', 'Frage', 'Art']],
  ['a.tsv', 'id\tprompt\n', ['id', 'prompt']],
  ['a.csv', '"two\nlines",b\n1,2', ['two\nlines', 'b']],
  ['a.jsonl', '{"input": {"deep": "x:y"}, "name": "q\\"r", "n": [1]}\n{"other": 1}', ['input', 'name', 'n']],
  ['a.json', '[{"prompt": "cut off', ['prompt']],
  ['a.txt', 'a,b,c', []],
  ['a.csv', '', []],
])('%s: the columns to choose from', (name, text, columns) => {
  expect(columnsIn(name, text)).toEqual(columns);
});

test('a table in UTF-16 has its columns too', async () => {
  const bytes = new Uint8Array([0xff, 0xfe, ...[...'id;é'].flatMap((c) => [c.charCodeAt(0), 0])]);
  const file = { name: 'a.csv', slice: () => ({ arrayBuffer: async () => bytes.buffer }) };
  expect(await columnsOf(file as unknown as File)).toEqual(['id', 'é']);
});

test('an upload says only what was chosen', () => {
  const plain = { pii: '', sample: null, skip: false, columns: {} } as const;
  expect(importQuery('a b.csv', plain)).toBe('name=a+b.csv');
  expect(importQuery('a.csv', { pii: 'redact', sample: 60, skip: true, columns: { prompt: 'Frage?' } })).toBe(
    'name=a.csv&pii=redact&sample=60&skip_bad=true&map=prompt%3DFrage%3F',
  );
});
