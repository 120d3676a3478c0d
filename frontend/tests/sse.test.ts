import { describe, expect, it } from 'vitest';
import { readEvents, SseParser } from '../src/api/sse';

const STREAM = ': hello\n\nevent: delta\ndata: {"side":"a"}\n\nevent: x\r\ndata: 1\r\ndata:2\r\n\r\ndata: é\n\nevent: lost\ndata: never ended\n';
const EVENTS = [
  { event: 'delta', data: '{"side":"a"}' },
  { event: 'x', data: '1\n2' },
  { event: 'message', data: 'é' },
];

describe('server-sent events', () => {
  it.each([1, 2, 3, 5, 8, 1000])('are read from pieces of %i characters', (size) => {
    const parser = new SseParser();
    const events = [];
    for (let i = 0; i < STREAM.length; i += size) events.push(...parser.push(STREAM.slice(i, i + size)));
    expect(events).toEqual(EVENTS);
  });

  it('survive a cut inside a character', async () => {
    const bytes = new TextEncoder().encode(STREAM);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const events = [];
    for await (const event of readEvents(new Response(body))) events.push(event);
    expect(events).toEqual(EVENTS);
  });
});
