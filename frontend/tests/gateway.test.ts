import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { gateway, type ApiKey, type Chat, type Deployment, type UsageSum } from '../src/api/gateway';
import { EMPTY, formOf, keyState, modelsText, ratesText, readForm } from '../src/gateway/limits';
import { Playground, type Options } from '../src/gateway/playground.svelte';
import { requestOf, snippet } from '../src/gateway/snippets';
import { budgetShare, chart, short, sinceDay, spendText, usageDays } from '../src/gateway/usage';
import { agoText, askedText, latencyText, loadText, markOf, stateText, workerLoad } from '../src/gateway/words';
import { json, offline, Served } from './served';

let served: Served;
beforeEach(() => {
  served = new Served();
});
afterEach(() => vi.unstubAllGlobals());

const NOW = Date.parse('2026-03-10T12:00:00Z');

test.each([
  ['ready', 'ok', 'Ready'],
  ['down', 'down', 'Down: no heartbeat'],
  ['loading', 'slow', 'Loading: no heartbeat'],
  ['draining', 'off', 'Draining, 2 requests run'],
  ['open', 'down', 'Circuit open until 13:40:05 UTC'],
  ['half_open', 'slow', 'Circuit half-open: one request tries it: no heartbeat'],
  ['resting', 'slow', 'Rests until 13:40:05 UTC: its provider asked for it'],
] as const)('%s is drawn %s and told in words', (state, mark, text) => {
  const row = { state, detail: state === 'ready' ? '' : 'no heartbeat', until: '2026-03-10T13:40:05Z', in_flight: 2 };
  expect([markOf(row), stateText(row)]).toEqual([mark, text]);
});

test('load, latency and heartbeat in words; what nobody measured is no 0', () => {
  const load = (max_concurrent: number | null) => loadText({ in_flight: 3, max_concurrent } as Deployment);
  expect([load(null), load(64)]).toEqual(['3', '3 of 64']);
  expect([latencyText(null, null), latencyText(0.21, 1.44)]).toEqual(['–', '0.21 / 1.4 s']);
  expect(agoText('2026-03-10T12:00:00Z', '2026-03-10T12:00:02Z')).toBe('2 s ago');
  expect(agoText('2026-03-10T11:50:00Z', '2026-03-10T12:00:00Z')).toBe('10 min ago');
  expect([workerLoad({ busy: null, slots: 4 }), workerLoad({ busy: 2, slots: 0 })]).toEqual(['unknown of 4', '2']);
});

const AT = '2026-03-10T12:00:05Z';

test('one tiny request: its text, time and cost, or what went wrong', () => {
  const asked = { deployment: 'red', text: 'OK\n', seconds: 0.42, prompt_tokens: 9, completion_tokens: 2, cost_usd: null, error: null };
  expect(askedText(asked, AT)).toBe('Asked at 12:00:05 UTC: “OK” in 0.42 s, 9 + 2 tokens, cost unknown');
  expect(askedText({ ...asked, text: '', prompt_tokens: null, cost_usd: 0 }, AT)).toContain('an answer without text in 0.42 s, tokens unknown, $0');
  expect(askedText({ ...asked, text: null, error: 'red: HTTP 500' }, AT)).toBe('Asked at 12:00:05 UTC, failed after 0.42 s: red: HTTP 500');
});

const sum = (day: string | null, over: Partial<UsageSum> = {}): UsageSum => ({
  key_id: null, key_name: null, model: null, deployment: null, day, requests: 4, errors: 1, prompt_tokens: 100, completion_tokens: 50,
  cached_tokens: 0, cost_usd: 0.5, unpriced: 0, seconds_mean: 1, seconds_max: 2, ttft_s_mean: 0.2, ...over,
});

test('every day has a place, and a day of unknown cost is marked and has no bar', () => {
  const since = sinceDay(4, NOW);
  expect(since).toBe('2026-03-07');
  const days = usageDays([sum('2026-03-08'), sum('2026-03-10', { cost_usd: null, unpriced: 4 })], since, NOW);
  expect(days.map(({ day, requests, cost }) => [day.slice(-2), requests, cost])).toEqual([['07', 0, 0], ['08', 4, 0.5], ['09', 0, 0], ['10', 4, null]]);
  const spend = chart(days, 'spend', 80);
  expect([spend.most, spend.unknown]).toEqual([0.5, true]);
  expect(spend.bars.map(({ height, unknown }) => [height, unknown])).toEqual([[0, false], [80, false], [0, false], [0, true]]);
  const requests = chart(days, 'requests', 80);
  expect(requests.bars.map(({ height, bad }) => [height, bad])).toEqual([[0, 0], [80, 20], [0, 0], [80, 20]]);
  const [first, last] = [requests.bars[0], requests.bars.at(-1)];
  expect([first?.x, (last?.x ?? 0) + (last?.width ?? 0)]).toEqual([2.5, 97.5]);
  expect(chart(usageDays([], since, NOW), 'tokens', 80)).toMatchObject({ most: 0, unknown: false });
});

test('an unknown cost is never 0, and a budget stands beside what is known', () => {
  expect(spendText({ cost_usd: 1.3, unpriced: 0 })).toBe('$1.30');
  expect(spendText({ cost_usd: null, unpriced: 3 })).toBe('unknown for 3 requests');
  expect(spendText({ cost_usd: 1.3, unpriced: 1 }, 2)).toBe('$1.30 of $2.00 (unknown for 1 request)');
  expect(spendText({ cost_usd: null, unpriced: 1 }, 2)).toBe('$0 of $2.00 (unknown for 1 request)');
  expect([budgetShare(undefined, 2), budgetShare(sum(null), 2), budgetShare(sum(null), 0), budgetShare(sum(null), null)]).toEqual([0, 0.25, 1, null]);
  expect([short(9_999), short(12_340), short(4_560_000)]).toEqual(['9,999', '12.3 k', '4.56 M']);
});

const KEY: ApiKey = {
  id: 'k1', name: 'ci', prefix: 'ba-abc', models: ['small'], requests_per_minute: 60, tokens_per_minute: null, usd_per_day: 1.5, usd_per_month: null,
  expires_at: '2026-04-01T00:00:00Z', created_at: '2026-03-01T00:00:00Z', revoked_at: null, last_used_on: null,
};

test('a form becomes a key, and a key the same form again', () => {
  const form = formOf(KEY);
  expect(form).toEqual({ name: 'ci', models: ['small'], rpm: '60', tpm: '', day: '1.5', month: '', last: '2026-03-31' });
  expect(readForm(form, NOW, KEY)).toEqual({
    body: { name: 'ci', models: ['small'], requests_per_minute: 60, tokens_per_minute: null, usd_per_day: 1.5, usd_per_month: null, expires_at: KEY.expires_at },
  });
  expect(readForm({ ...EMPTY, name: ' x ', last: '2026-03-10' }, NOW)).toMatchObject({ body: { name: 'x', expires_at: '2026-03-11T00:00:00.000Z' } });
  // An end that is over, of a key whose name alone is changed, stays as it is.
  const over = { ...KEY, expires_at: '2026-03-02T10:30:00Z' };
  expect(readForm({ ...formOf(over), name: 'new' }, NOW, over)).toMatchObject({ body: { expires_at: over.expires_at } });
});

test('each wrong field is named with its value', () => {
  const read = readForm({ ...EMPTY, rpm: '0', tpm: '1.5', day: '-1', month: 'ten', last: '2026-03-09' }, NOW);
  expect(Object.keys('wrong' in read ? read.wrong : {}).sort()).toEqual(['day', 'last', 'month', 'name', 'rpm', 'tpm']);
  expect('wrong' in read && read.wrong.month).toContain('ten');
});

test('keys in words', () => {
  expect([ratesText(KEY), ratesText({ ...KEY, requests_per_minute: null })]).toEqual(['60 requests/min', 'no limit']);
  expect([modelsText([]), modelsText(['a', 'b']), modelsText(['a', 'b', 'c', 'd'])]).toEqual(['all', 'a, b', '4 models']);
  expect([keyState(KEY, NOW), keyState(KEY, Date.parse('2026-04-01')), keyState({ ...KEY, revoked_at: '2026-03-02T00:00:00Z' }, NOW)]).toEqual(['active', 'expired', 'revoked']);
});

test('keys and usage are asked for at their routes', async () => {
  served.serve('GET /session', () => json({ csrf_token: 't' }));
  served.serve('PUT /owner/gateway/keys/k1', (body) => json({ ...KEY, ...(body as object) }));
  served.serve('DELETE /owner/gateway/keys/k1', () => json({ ...KEY, revoked_at: '2026-03-10T12:00:00Z' }));
  served.serve('GET /owner/usage?since=2026-03-01&by=key', () => json({ sums: [], total: null }));
  const { body } = readForm(formOf(KEY), NOW, KEY) as { body: Parameters<typeof gateway.makeKey>[0] };
  expect((await gateway.changeKey('k1', { ...body, name: 'other' })).name).toBe('other');
  expect((await gateway.revokeKey('k1')).revoked_at).not.toBeNull();
  expect((await gateway.usage('2026-03-01', 'key')).total).toBeNull();
  expect(gateway.usageCsv('2026-03-01')).toBe('/api/owner/usage.csv?since=2026-03-01');
});

const CHAT: Chat = { model: 'small', system: "It's \"brief\".", messages: [{ role: 'user', content: 'Hi\nthere $HOME `x` \\' }], temperature: 0, max_tokens: null, stream: true };

test('the request holds what is chosen only', () => {
  expect(requestOf(CHAT)).toEqual({ model: 'small', messages: [{ role: 'system', content: CHAT.system }, ...CHAT.messages], temperature: 0, stream: true });
  expect(requestOf({ ...CHAT, system: null, temperature: null, stream: false })).toEqual({ model: 'small', messages: CHAT.messages });
});

test('the shell, Python and JavaScript read the request back as it is', () => {
  const curl = snippet('curl', 'https://a.example/v1', CHAT);
  const quoted = /-d '([\s\S]*)'$/.exec(curl)?.[1] ?? '';
  expect(JSON.parse(quoted.replaceAll("'\\''", "'"))).toEqual(requestOf(CHAT));
  expect(quoted.replaceAll("'\\''", '')).not.toContain("'");
  expect(curl).toContain("curl -N 'https://a.example/v1/chat/completions'");

  const python = snippet('python', 'https://a.example/v1', CHAT);
  expect(python).toContain('base_url="https://a.example/v1"');
  expect(python).toContain(`{"role": "user", "content": ${JSON.stringify(CHAT.messages[0]?.content)}},`);
  expect(python).toContain('    temperature=0,\n');
  expect(snippet('python', 'u', { ...CHAT, stream: false })).not.toContain('stream');

  const javascript = snippet('javascript', 'https://a.example/v1', CHAT);
  const call = /create\(([\s\S]*?)\);\n/.exec(javascript)?.[1] ?? '';
  expect(JSON.parse(call)).toEqual(requestOf(CHAT));
});

const OPTIONS: Options = { model: 'small', system: ' ', temperature: '', maxTokens: '', stream: true };
const chunk = (content: string, finish_reason: string | null = null) => `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason }] })}\n\n`;
const USED = { request_id: 'req_1', deployment: 'red', prompt_tokens: 3, completion_tokens: 2, cost_usd: null, ttft_s: 0.1, seconds: 0.2, status: 200 };
const used = (status = 200) => `event: used\ndata: ${JSON.stringify({ ...USED, status })}\n\n`;
const stream = (text: string) => new Response(text, { headers: { 'Content-Type': 'text/event-stream' } });

function answers(...texts: string[]): unknown[] {
  const bodies: unknown[] = [];
  served.serve('GET /session', () => json({ csrf_token: 't' }));
  served.serve(
    'POST /owner/gateway/playground',
    ...texts.map((text) => (body: unknown) => {
      bodies.push(body);
      return stream(text);
    }),
  );
  return bodies;
}

test('an answer is streamed, accounted for, and told again with the next message', async () => {
  const bodies = answers(chunk('Hel') + chunk('lo', 'length') + 'data: [DONE]\n\n' + used(), chunk('Bye') + used());
  const play = new Playground();
  await play.send(OPTIONS, 'Hi');
  const [, answer] = play.messages;
  expect([answer?.text, answer?.cut, answer?.used?.deployment, answer?.error, play.active]).toEqual(['Hello', true, 'red', '', false]);
  await play.send({ ...OPTIONS, system: 'Be brief.', temperature: '0.5', maxTokens: '9' }, 'And?');
  expect(bodies[0]).toEqual({ model: 'small', system: null, messages: [{ role: 'user', content: 'Hi' }], temperature: null, max_tokens: null, stream: true });
  expect(bodies[1]).toMatchObject({ system: 'Be brief.', temperature: 0.5, max_tokens: 9, messages: [{ content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { content: 'And?' }] });
  expect(play.last).toEqual(bodies[1]);
  play.clear();
  expect([play.messages, play.last]).toEqual([[], null]);
});

test('an answer in one piece', async () => {
  answers(`event: reply\ndata: ${JSON.stringify({ choices: [{ message: { content: 'Whole.' }, finish_reason: 'stop' }] })}\n\n${used()}`);
  const play = new Playground();
  await play.send({ ...OPTIONS, stream: false }, 'Hi');
  expect(play.messages.map(({ text }) => text)).toEqual(['Hi', 'Whole.']);
});

test('failures are told plainly, and what got no answer is not told again', async () => {
  const failed = `event: failed\ndata: ${JSON.stringify({ error: { message: 'no deployment is ready' } })}\n\n${used(503)}`;
  const broken = chunk('Half') + `data: ${JSON.stringify({ error: { message: 'it broke off' } })}\n\n` + used(502);
  const bodies = answers(failed, broken, chunk('cut off'));
  const play = new Playground();
  for (const text of ['One', 'Two', 'Three']) await play.send(OPTIONS, text);
  expect(play.messages.filter(({ role }) => role === 'assistant').map(({ error }) => error)).toEqual(['no deployment is ready', 'it broke off', 'The answer broke off.']);
  expect(bodies[1]).toMatchObject({ messages: [{ content: 'Two' }] });
  expect(bodies[2]).toMatchObject({ messages: [{ content: 'Two' }, { content: 'Half' }, { content: 'Three' }] });
  served.serve('POST /owner/gateway/playground', offline);
  await play.send(OPTIONS, 'Four');
  expect(play.messages.at(-1)?.error).toContain('does not answer');
});

test('stopping keeps what has come', async () => {
  served.serve('GET /session', () => json({ csrf_token: 't' }));
  let pull: ReadableStreamDefaultController<Uint8Array> | undefined;
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (url === '/api/session') return Promise.resolve(json({ csrf_token: 't' }));
    const body = new ReadableStream<Uint8Array>({ start: (controller) => void (pull = controller) });
    init.signal?.addEventListener('abort', () => pull?.error(new DOMException('gone', 'AbortError')));
    pull?.enqueue(new TextEncoder().encode(chunk('So far')));
    return Promise.resolve(new Response(body));
  });
  const play = new Playground();
  const sent = play.send(OPTIONS, 'Hi');
  await vi.waitFor(() => expect(play.messages[1]?.text).toBe('So far'));
  play.stop();
  await sent;
  expect([play.messages[1]?.stopped, play.messages[1]?.error, play.active]).toEqual([true, '', false]);
});
