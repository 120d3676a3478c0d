/** A conversation with one model through the gateway: asked, streamed, stopped, accounted for. */
import { gateway, type Chat } from '../api/gateway';
import { g } from '../i18n/gateway';
import { problemText } from '../lib/loaded.svelte';

export interface Used {
  request_id: string;
  deployment: string | null;
  prompt_tokens: number | null;
  completion_tokens: number | null;
  cost_usd: number | null;
  ttft_s: number | null;
  seconds: number;
  status: number;
}

export class Message {
  text = $state('');
  /** Null while it is written, and where it was stopped. */
  used = $state.raw<Used | null>(null);
  error = $state('');
  /** The model ended at the cap on tokens. */
  cut = $state(false);
  stopped = $state(false);

  constructor(
    readonly id: number,
    readonly role: 'user' | 'assistant',
    /** Who answers; '' for the user. */
    readonly model: string,
    text = '',
  ) {
    this.text = text;
  }
}

interface Chunk {
  choices?: { delta?: { content?: string | null }; message?: { content?: string | null }; finish_reason?: string | null }[];
  error?: { message?: string } | string;
}

export interface Options {
  model: string;
  system: string;
  temperature: string;
  maxTokens: string;
  stream: boolean;
}

export class Playground {
  messages = $state<Message[]>([]);
  active = $state(false);
  /** What was asked last. */
  last = $state.raw<Chat | null>(null);
  private abort: AbortController | null = null;
  private count = 0;

  /** The request as it would be sent with this text as the next message. */
  chat({ model, system, temperature, maxTokens, stream }: Options, text: string): Chat {
    const said = this.told().map(({ role, text: content }) => ({ role, content }));
    return {
      model,
      system: system.trim() || null,
      messages: text ? [...said, { role: 'user', content: text }] : said,
      temperature: temperature.trim() === '' ? null : Number(temperature),
      max_tokens: maxTokens.trim() === '' ? null : Number(maxTokens),
      stream,
    };
  }

  /** Asks; every failure is told in the answer's place. */
  async send(options: Options, text: string): Promise<void> {
    if (this.active) return;
    const body = (this.last = this.chat(options, text));
    this.add('user', '', text);
    const answer = this.add('assistant', body.model);
    const abort = (this.abort = new AbortController());
    this.active = true;
    try {
      for await (const { event, data } of gateway.chat(body, abort.signal)) take(answer, event, data);
      if (!answer.used && !answer.error) answer.error = g('play.broken');
    } catch (thrown) {
      if (abort.signal.aborted) answer.stopped = true;
      else answer.error = problemText(thrown);
    } finally {
      if (this.abort === abort) [this.active, this.abort] = [false, null];
    }
  }

  /** Ends the answer here and at the model. */
  stop(): void {
    this.abort?.abort();
  }

  clear(): void {
    this.stop();
    [this.messages, this.active, this.last, this.abort] = [[], false, null, null];
  }

  /** What the model is told again: a question without any answer is left out. */
  private told(): Message[] {
    return this.messages.filter((one, i) => (one.role === 'user' ? this.messages[i + 1]?.text : one.text));
  }

  private add(role: 'user' | 'assistant', model: string, text = ''): Message {
    const message = new Message(this.count++, role, model, text);
    this.messages.push(message);
    return message;
  }
}

/** Takes one event of the stream. */
function take(answer: Message, event: string, data: string): void {
  if (data === '[DONE]') return;
  const said = JSON.parse(data) as Chunk;
  if (event === 'used') {
    answer.used = said as unknown as Used;
    return;
  }
  if (said.error !== undefined) {
    answer.error = (typeof said.error === 'string' ? said.error : said.error.message) || g('play.broken');
    return;
  }
  const [choice] = said.choices ?? [];
  answer.text += choice?.delta?.content ?? choice?.message?.content ?? '';
  if (choice?.finish_reason === 'length') answer.cut = true;
}
