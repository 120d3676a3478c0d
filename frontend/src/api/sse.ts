/** Server-sent events over fetch: EventSource cannot POST. */

export interface SseEvent {
  event: string;
  data: string;
}

/** Cuts a stream of text into events as the HTML standard does; comments are dropped. */
export class SseParser {
  private rest = '';
  private event = '';
  private data: string[] = [];

  /** Takes the next piece of text and returns the events that it completed. */
  push(chunk: string): SseEvent[] {
    const events: SseEvent[] = [];
    this.rest += chunk;
    for (;;) {
      const end = this.rest.search(/[\r\n]/);
      // A lone CR at the very end may be half of CRLF: wait for the next piece.
      if (end < 0 || (this.rest[end] === '\r' && end === this.rest.length - 1)) break;
      const line = this.rest.slice(0, end);
      const width = this.rest.startsWith('\r\n', end) ? 2 : 1;
      this.rest = this.rest.slice(end + width);
      const event = this.line(line);
      if (event) events.push(event);
    }
    return events;
  }

  private line(line: string): SseEvent | null {
    if (line === '') {
      const event = this.data.length ? { event: this.event || 'message', data: this.data.join('\n') } : null;
      this.event = '';
      this.data = [];
      return event;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    return null;
  }
}

/** Yields the events of a streaming response until it ends. */
export async function* readEvents(response: Response): AsyncGenerator<SseEvent> {
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = new SseParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
