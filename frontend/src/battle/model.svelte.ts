/** One voter's battle from draw to reveal; the pages only show it. */
import { api } from '../api/client';
import { asProblem, type Problem } from '../api/problem';
import type { ArenaDetail, BattleState, Mirror, NewBattle, Outcome, Progress, Reveal, Side, Ticket } from '../api/types';
import { t } from '../i18n';
import { say } from '../lib/announce.svelte';
import { keep } from './keep';
import { TurnView, turnsFrom } from './turns.svelte';

export type Phase =
  | 'loading' // a battle is being drawn or fetched
  | 'compose' // the voter writes the first message
  | 'streaming'
  | 'resuming' // the connection broke; the stored state is fetched
  | 'remote' // the server still writes, but to a stream that this page no longer has
  | 'votable'
  | 'interrupted' // the turn must be sent again
  | 'failed'
  | 'skipped'
  | 'voted'
  | 'exhausted'
  | 'notready'
  | 'gone'
  | 'blocked'; // `problem` says why; `retry` goes on

const FLUSH_MS = 80;
const SLOW_MS = 20_000;
const BACKOFF_S = [1, 2, 4, 8, 15];

const pause = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000));
const backoff = (attempt: number): number => BACKOFF_S[Math.min(attempt, BACKOFF_S.length - 1)] ?? 15;

export class BattleModel {
  phase = $state<Phase>('loading');
  id = $state<string | null>(null);
  ticket = $state<Ticket | null>(null);
  progress = $state<Progress>({ done: 0, total: 0 });
  turns = $state.raw<TurnView[]>([]);
  failedSide = $state<Side | null>(null);
  problem = $state<Problem | null>(null);
  /** Seconds until a rate limit ends; the request is then sent again by itself. */
  limit = $state(0);
  draft = $state('');
  choice = $state<Outcome | null>(null);
  reasons = $state<string[]>([]);
  comment = $state('');
  saving = $state<'no' | 'sending' | 'lost' | 'limited'>('no');
  reveal = $state.raw<Reveal | null>(null);
  mirror = $state.raw<Mirror | null>(null);
  mirrorNeeds = $state<number | null>(null);
  /** Grows with every reveal that this page itself asked for, so that the focus can follow. */
  revealed = $state(0);

  private retryTask: (() => void) | null = null;
  private abort = new AbortController();
  private disposed = false;

  /**
   * @param onBattle told whenever another battle (or none) is on the page
   * @param onConsent told when the server asks for consent again
   */
  constructor(
    readonly arena: ArenaDetail,
    private readonly onBattle: (id: string | null) => void,
    private readonly onConsent: () => void,
  ) {}

  get turn(): TurnView | null {
    return this.turns.at(-1) ?? null;
  }

  get prepared(): boolean {
    return this.arena.prompt_mode === 'prepared';
  }

  /** A battle that may still be voted on. */
  get unfinished(): boolean {
    return ['streaming', 'resuming', 'remote', 'votable', 'interrupted'].includes(this.phase);
  }

  get canVote(): boolean {
    return this.phase === 'votable' && this.saving === 'no';
  }

  /** Shows a battle by id, or else the open one of this arena, or else a new one. */
  async open(id: string | null): Promise<void> {
    const wanted = id ?? keep.openBattle(this.arena.slug);
    if (!wanted) return this.start();
    this.reset();
    try {
      const state = await api.battle(wanted);
      if (!id && !['waiting', 'streaming', 'votable'].includes(state.status)) return this.start();
      this.show(state);
    } catch (error) {
      const problem = asProblem(error);
      if (!id) return this.start();
      if (problem.status === 404 || problem.status === 403) this.phase = 'gone';
      else this.block(problem, () => void this.open(id));
    }
  }

  /** Draws a new battle, or asks for the first message where the voter writes it. */
  async start(): Promise<void> {
    this.reset();
    keep.setOpenBattle(this.arena.slug, null);
    if (this.prepared) {
      if (await this.draw()) await this.run('');
    } else {
      this.phase = this.arena.status === 'loading' || this.arena.status === 'unavailable' ? 'notready' : 'compose';
      this.onBattle(null);
    }
  }

  /** Sends a message to both sides; false where it was not taken and stays in the composer. */
  async send(content: string): Promise<boolean> {
    this.draft = content;
    if (!this.id && !(await this.draw())) return false;
    this.choice = null;
    const taken = await this.run(content);
    return taken;
  }

  /** Sends the interrupted turn once more. */
  async again(): Promise<void> {
    const content = this.turn?.content ?? '';
    this.turns = this.turns.slice(0, -1);
    await this.run(content);
  }

  async stop(side: Side): Promise<void> {
    const view = this.turn?.side(side);
    if (!view?.active || view.stopping || !this.id) return;
    view.stopping = true;
    try {
      await api.stop(this.id, side);
    } catch {
      view.stopping = false;
    }
  }

  async skip(): Promise<void> {
    const { id } = this;
    if (!id || this.reveal || this.saving !== 'no') return;
    try {
      await api.skip(id);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.transient || problem.code === 'rate-limited') {
        this.problem = problem;
        return;
      }
    }
    keep.setDraft(id, null);
    say(t('dock.skipped'));
    await this.start();
  }

  choose(outcome: Outcome): void {
    if (!this.canVote) return;
    this.choice = outcome;
    this.keepDraft();
  }

  undo(): void {
    if (!this.choice || this.saving !== 'no') return;
    this.choice = null;
    if (this.id) keep.setDraft(this.id, null);
    say(t('say.undone'));
  }

  toggleReason(reason: string): void {
    const has = this.reasons.includes(reason);
    this.reasons = has ? this.reasons.filter((r) => r !== reason) : [...this.reasons, reason];
    this.keepDraft();
  }

  /** Saves the vote and shows who was who; keeps trying while the connection is lost. */
  async submit(): Promise<void> {
    const { id, choice } = this;
    if (!id || !choice || this.saving !== 'no') return;
    this.keepDraft();
    const vote = { outcome: choice, reasons: [...this.reasons], comment: this.comment.trim() };
    for (let attempt = 0; !this.disposed && this.id === id; attempt++) {
      this.saving = attempt === 0 ? 'sending' : this.saving;
      try {
        this.finish(id, await api.vote(id, vote));
        return;
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code === 'already-voted' || problem.code === 'battle-state') {
          await this.settle(id);
          return;
        }
        if (problem.code === 'rate-limited') {
          this.saving = 'limited';
          await this.countDown(problem.retryAfter ?? 5);
        } else if (problem.transient) {
          this.saving = 'lost';
          await pause(backoff(attempt));
        } else {
          this.saving = 'no';
          this.problem = problem;
          return;
        }
      }
    }
  }

  /** Goes on after a block: the same request once more. */
  retry(): void {
    const task = this.retryTask;
    this.problem = null;
    this.retryTask = null;
    task?.();
  }

  /** Looks again whether the arena can answer; called while `notready`. */
  async checkReady(): Promise<ArenaDetail> {
    const arena = await api.arena(this.arena.slug);
    if (this.phase === 'notready' && arena.status === 'ready') {
      this.arena.status = 'ready';
      if (this.prepared) void this.start();
      else this.phase = this.turns.length ? 'votable' : 'compose';
    }
    return arena;
  }

  dispose(): void {
    this.disposed = true;
    this.abort.abort();
  }

  private reset(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.phase = 'loading';
    this.id = this.ticket = this.failedSide = this.problem = this.choice = this.reveal = null;
    this.turns = [];
    this.reasons = [];
    this.comment = '';
    this.saving = 'no';
    this.limit = 0;
  }

  /** Gets a battle from the server; false where the page now says why there is none. */
  private async draw(): Promise<boolean> {
    const { signal } = this.abort;
    try {
      const battle = await api.newBattle(this.arena.slug);
      if (signal.aborted) return false;
      this.adopt(battle);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      this.refuse(asProblem(error), () => void this.start());
      return false;
    }
  }

  private adopt(battle: NewBattle): void {
    this.id = battle.battle_id;
    this.ticket = battle.ticket;
    this.progress = battle.progress;
    keep.setOpenBattle(this.arena.slug, battle.battle_id);
    this.onBattle(battle.battle_id);
  }

  /** Streams one turn to its end; false where the server did not take it. */
  private async run(content: string): Promise<boolean> {
    const { id } = this;
    if (!id) return false;
    const { signal } = this.abort;
    const before = this.phase;
    const turn = new TurnView((this.turn?.number ?? 0) + 1, content);
    this.turns = [...this.turns, turn];
    this.phase = 'streaming';
    this.failedSide = this.problem = null;
    let taken = false;
    let done = false;
    let flushAt: ReturnType<typeof setTimeout> | null = null;
    const watch = setInterval(() => turn.markSlow(SLOW_MS), 1000);
    try {
      for await (const event of api.turn(id, content, signal)) {
        taken = true;
        this.draft = '';
        const active = turn.activeSides;
        turn.apply(event);
        if (event.event === 'delta') {
          flushAt ??= setTimeout(() => {
            flushAt = null;
            requestAnimationFrame(() => turn.flush());
          }, FLUSH_MS);
        } else if (event.event === 'error') {
          this.fail(event.side);
        } else {
          done ||= event.event === 'turn_done';
          this.announce(turn, active);
        }
      }
    } catch (error) {
      if (signal.aborted || this.disposed) return taken;
      const problem = asProblem(error);
      if (!taken && problem.status !== 0) {
        this.turns = this.turns.slice(0, -1);
        this.phase = before === 'votable' ? 'votable' : 'loading';
        this.refuse(problem, () => void (this.prepared ? this.run('') : this.send(content)));
        return false;
      }
    } finally {
      clearInterval(watch);
      if (flushAt !== null) clearTimeout(flushAt);
      turn.flush();
    }
    if (signal.aborted || this.disposed || this.phase !== 'streaming') return taken;
    if (done) this.phase = 'votable';
    else await this.settle(id);
    return true;
  }

  /** Says each completion once, and the last one together with what to do next. */
  private announce(turn: TurnView, before: Side[]): void {
    const now = turn.activeSides;
    if (now.length === before.length) return;
    if (now.length === 0) say(t('say.both_complete'));
    else for (const side of before) if (!now.includes(side)) say(t('say.side_complete', { side: side.toUpperCase() }));
  }

  private fail(side: Side | null): void {
    this.failedSide = side;
    this.phase = 'failed';
    keep.setOpenBattle(this.arena.slug, null);
    say(side ? t('dock.failed', { side: side.toUpperCase() }) : t('dock.failed_any'));
  }

  /** Fetches the stored state until the server answers and no turn is running. */
  private async settle(id: string): Promise<void> {
    const { signal } = this.abort;
    this.phase = this.phase === 'remote' ? 'remote' : 'resuming';
    for (let attempt = 0; !signal.aborted && !this.disposed; attempt++) {
      try {
        const state = await api.battle(id);
        if (signal.aborted || this.id !== id) return;
        this.show(state);
        return;
      } catch (error) {
        if (!asProblem(error).transient) {
          this.phase = 'gone';
          return;
        }
        await pause(backoff(attempt));
      }
    }
  }

  private show(state: BattleState): void {
    const fresh = this.id !== state.battle_id;
    this.adopt(state);
    this.turns = turnsFrom(state.turns);
    this.saving = 'no';
    if (state.status === 'voted' && state.reveal) this.finish(state.battle_id, state.reveal, { focus: !fresh });
    else if (state.status === 'failed') this.phase = 'failed';
    else if (state.status === 'skipped') this.phase = 'skipped';
    else if (state.status === 'votable') {
      this.phase = 'votable';
      this.restoreDraft(state.battle_id);
    } else if (state.status === 'streaming') {
      this.phase = 'remote';
      setTimeout(() => this.id === state.battle_id && this.phase === 'remote' && void this.settle(state.battle_id), 1500);
    } else if (this.turns.length > 0) this.phase = 'interrupted';
    else if (this.prepared) void this.run('');
    else this.phase = 'compose';
    if (['failed', 'skipped'].includes(this.phase)) keep.setOpenBattle(this.arena.slug, null);
  }

  private finish(id: string, reveal: Reveal, { focus = true } = {}): void {
    keep.setDraft(id, null);
    keep.setOpenBattle(this.arena.slug, null);
    this.reveal = reveal;
    this.choice = reveal.outcome;
    this.saving = 'no';
    this.phase = 'voted';
    if (focus) this.revealed += 1;
    void this.loadMe();
  }

  /** Fetches progress and mirror; the page stays useful without them. */
  async loadMe(): Promise<void> {
    try {
      const me = await api.me(this.arena.slug);
      this.progress = me.progress;
      this.mirror = me.mirror;
      this.mirrorNeeds = me.mirror_needs;
    } catch {
      this.mirrorNeeds = null;
    }
  }

  private refuse(problem: Problem, again: () => void): void {
    if (problem.code === 'consent-required') this.onConsent();
    else if (problem.code === 'prompts-exhausted') {
      this.phase = 'exhausted';
      void this.loadMe();
    } else if (problem.code === 'not-ready') this.phase = 'notready';
    else if (this.prepared || this.phase === 'loading') this.block(problem, again);
    else this.problem = problem;
  }

  private block(problem: Problem, again: () => void): void {
    this.problem = problem;
    this.retryTask = again;
    this.phase = this.prepared ? 'blocked' : this.turns.length > 0 ? 'votable' : 'compose';
    if (problem.code === 'rate-limited') {
      void this.countDown(problem.retryAfter ?? 5).then(() => this.problem === problem && this.retry());
    }
  }

  private async countDown(seconds: number): Promise<void> {
    const { signal } = this.abort;
    for (this.limit = Math.ceil(seconds); this.limit > 0 && !signal.aborted; this.limit--) await pause(1);
  }

  private keepDraft(): void {
    if (this.id && this.choice) {
      keep.setDraft(this.id, { outcome: this.choice, reasons: [...this.reasons], comment: this.comment });
    }
  }

  private restoreDraft(id: string): void {
    const draft = keep.draft(id);
    if (!draft) return;
    this.choice = draft.outcome;
    this.reasons = draft.reasons;
    this.comment = draft.comment;
  }
}
