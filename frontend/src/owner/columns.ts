/** The columns of a file of prompts, looked up in its first part, to choose from. */

const PART = 64 * 1024;
const DELIMITERS = [',', ';', '\t', '|'];

/** Reads the names of a file's columns; none where it has no such thing. */
export async function columnsOf(file: Blob & { name: string }): Promise<string[]> {
  const bytes = new Uint8Array(await file.slice(0, PART).arrayBuffer());
  return columnsIn(file.name, decode(bytes));
}

/** Finds the names of the columns at the beginning of a text. */
export function columnsIn(name: string, text: string): string[] {
  const suffix = name.toLowerCase().split('.').pop() ?? '';
  if (suffix === 'csv' || suffix === 'tsv') return header(text);
  if (suffix === 'json' || suffix === 'jsonl' || suffix === 'ndjson') return keys(text);
  return [];
}

function decode(bytes: Uint8Array): string {
  const [a, b] = bytes;
  const encoding = a === 0xff && b === 0xfe ? 'utf-16le' : a === 0xfe && b === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** The first line of a table, with its quotes and its most frequent delimiter. */
function header(text: string): string[] {
  const line = firstLine(text);
  const bare = line.replace(/"(?:[^"]|"")*"/g, '');
  const of = (mark: string): number => bare.split(mark).length;
  const delimiter = DELIMITERS.reduce((best, mark) => (of(mark) > of(best) ? mark : best));
  const cells: string[] = [];
  let [cell, quoted] = ['', false];
  for (const sign of line) {
    if (sign === '"') quoted = !quoted;
    else if (sign === delimiter && !quoted) [cell] = ['', cells.push(cell)];
    else cell += sign;
  }
  cells.push(cell);
  return cells.map((one) => one.trim()).filter(Boolean);
}

function firstLine(text: string): string {
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if ((text[i] === '\n' || text[i] === '\r') && !quoted) return text.slice(0, i);
  }
  return text;
}

/** The keys of the first object, also of one that the part cuts off. */
function keys(text: string): string[] {
  const start = text.indexOf('{');
  if (start < 0) return [];
  const found: string[] = [];
  let depth = 0;
  for (let i = start; i < text.length; i += 1) {
    const sign = text[i];
    if (sign === '{' || sign === '[') depth += 1;
    else if (sign === '}' || sign === ']') depth -= 1;
    else if (sign === '"') {
      const end = closing(text, i);
      const isKey = depth === 1 && /^\s*:/.test(text.slice(end + 1, end + 20));
      if (isKey) found.push(text.slice(i + 1, end));
      i = end;
    }
    if (depth === 0) break;
  }
  return found;
}

function closing(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
