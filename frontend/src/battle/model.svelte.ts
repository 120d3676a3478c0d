/** One voter's battle from draw to reveal; the pages only show it. */
import { api } from '../api/client';
import { asProblem, toMend, type Problem } from '../api/problem';
import type { ArenaDetail, BattleState, Names, NewBattle, Outcome, Reveal, Send, Side, Ticket } from '../api/types';
import { t } from '../i18n';
import { say } from '../lib/announce.svelte';
import { session } from '../lib/session.svelte';
import { Ballot } from './ballot.svelte';
import { Hold } from './hold.svelte';
import { keep } from './keep';
import { Message, type Attached } from './message.svelte';
import { UNFINISHED, type Phase } from './phase';
import { backoff, pause } from './retry';
import { Standing } from './standing.svelte';
import { dockStatus } from './status';
import { stopSide, streamTurn } from './stream';
import { TurnView, turnsFrom } from './turns.svelte';

export class BattleModel {
  phase = $state<Phase>('loading');
  id = $state<string | null>(null);
  ticket = $state<Ticket | null>(null);
  turns = $state.raw<TurnView[]>([]);
  /** Who answers, where the voter chose them. */
  names = $state.raw<Names | null>(null);
  /** Whether the messages of this battle may have pictures. */
  images = $state(false);
  /** It stays in the composer until the server has taken it. */
  readonly message: Message;
  readonly ballot = new Ballot();
  readonly standing = new Standing();
  readonly hold = new Hold();
  reveal = $state.raw<Reveal | null>(null);
  /** Grows with every reveal that this page itself asked for, so that the focus can follow. */
  revealed = $state(0);

  private abort = new AbortController();

  /**
   * @param onBattle told whenever another battle (or none) is on the page
   * @param onConsent told when the server asks for consent again
   */
  constructor(
    readonly arena: ArenaDetail,
    private readonly onBattle: (id: string | null) => void,
    private readonly onConsent: () => void,
  ) {
    this.message = new Message(arena.slug);
  }

  get turn(): TurnView | null {
    return this.turns.at(-1) ?? null;
  }

  get prepared(): boolean {
    return this.arena.prompt_mode === 'prepared' && !this.names;
  }

  /** A chat with one contestant: one side, no vote. */
  get direct(): boolean {
    return this.names !== null && this.names.b === null;
  }

  /** Whether both sides may answer the last message again. */
  get canRegenerate(): boolean {
    const { turn } = this;
    if (this.phase !== 'votable' || this.ballot.choice || !turn || turn.interrupted) return false;
    return turn.again < this.arena.regenerations;
  }

  /** Whether pictures can be attached now: to a first message, or where the battle began for them. */
  get takesImages(): boolean {
    return this.images || (this.arena.images !== 'none' && this.turns.length === 0 && !this.names);
  }

  get unfinished(): boolean {
    return UNFINISHED.has(this.phase);
  }

  get canVote(): boolean {
    return this.phase === 'votable' && !this.ballot.busy && !this.direct;
  }

  /** Whether it is asked what the voter would do with each answer. */
  get asksUse(): boolean {
    return this.arena.usable_answer && this.names === null && this.phase === 'votable';
  }

  /** Shows a battle by id, or else the open one of this arena, or else a new one. */
  async open(id: string | null): Promise<void> {
    const wanted = id ?? keep.openBattle(this.arena.slug);
    if (!wanted) return this.start();
    this.reset();
    const { signal } = this.abort;
    try {
      const state = await api.battle(wanted);
      if (signal.aborted) return;
      if (!id && !['waiting', 'streaming', 'votable'].includes(state.status)) return await this.start();
      this.show(state);
    } catch (error) {
      if (signal.aborted) return;
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
    if (this.arena.status === 'closed' || session.needsLogin(this.arena)) {
      this.phase = this.arena.status === 'closed' ? 'closed' : 'login';
      this.onBattle(null);
    } else if (this.prepared) {
      if (await this.draw()) await this.run('');
    } else {
      this.phase = this.arena.status === 'loading' || this.arena.status === 'unavailable' ? 'notready' : 'compose';
      this.onBattle(null);
    }
  }

  /** Sends a message, `confirm` one with personal data too; false where it stays in the composer. */
  async send(content: string, confirm = false): Promise<boolean> {
    this.message.text = content;
    const { images } = this.message;
    const others = images.length > 0 && !this.images; // those that were drawn may not take pictures
    if ((!this.id || others) && !(await this.draw(images.length > 0))) return false;
    if (this.id) keep.setDraft(this.id, null); // what was said of the answers so far
    this.ballot.reset();
    return this.run(content, confirm, images);
  }

  /** Sends the interrupted turn once more. */
  async again(): Promise<void> {
    const { turn, id } = this;
    if (!turn || !id) return;
    this.turns = this.turns.slice(0, -1);
    const next = new TurnView(turn.number, turn.content);
    next.images = turn.images;
    await this.stream(id, next, true, false, turn.images.length > 0 ? 'keep' : []);
  }

  /** Lets both sides answer the last message again; the server keeps what they wrote before. */
  async regenerate(): Promise<void> {
    const { id, turn } = this;
    if (!id || !turn || !this.canRegenerate) return;
    this.turns = this.turns.slice(0, -1);
    const next = new TurnView(turn.number, turn.content);
    next.again = turn.again + 1;
    next.masked = turn.masked;
    next.images = turn.images;
    keep.setDraft(id, null); // what was said of the answers so far
    if (await this.stream(id, next, true, true)) return this.ballot.use.reset();
    // Nothing has changed on the server: the answers are there as before, with the reason beside.
    const { problem } = this.hold;
    this.turns = [...this.turns, turn];
    this.phase = 'votable';
    this.hold.clear();
    this.hold.problem = problem;
  }

  stop(side: Side): void {
    if (this.id && this.turn) void stopSide(this.id, this.turn.side(side), side);
  }

  async skip(): Promise<void> {
    const { id } = this;
    if (!id || this.reveal || this.ballot.busy) return;
    try {
      await api.skip(id);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.transient || problem.code === 'rate-limited') {
        this.hold.problem = problem;
        return;
      }
    }
    keep.setDraft(id, null);
    if (this.turns.length > 0) this.message.clear(); // a follow-up is of no use in another battle
    say(t('dock.skipped'));
    if (this.names) this.phase = 'skipped';
    else await this.start();
  }

  choose(outcome: Outcome): void {
    if (!this.canVote || !this.id) return;
    this.hold.clear();
    this.ballot.choose(this.id, outcome);
  }

  undo(): void {
    if (!this.ballot.choice || this.ballot.busy || !this.id) return;
    this.ballot.undo(this.id);
    say(t('say.undone'));
  }

  toggleReason(reason: string): void {
    if (this.id && !this.ballot.busy) this.ballot.toggle(this.id, reason);
  }

  setSend(side: Side, send: Send): void {
    if (this.id && this.asksUse && !this.ballot.busy) this.ballot.setSend(this.id, side, send);
  }

  toggleBreach(side: Side): void {
    if (this.id && this.asksUse && !this.ballot.busy) this.ballot.toggleBreach(this.id, side);
  }

  /** Saves the vote, trying again while the connection is lost, and shows who was who. */
  async submit(): Promise<void> {
    const { id } = this;
    if (!id || !this.ballot.choice || this.ballot.busy) return;
    this.hold.clear();
    const asked = this.asksUse;
    if (asked && this.ballot.use.missing.length > 0) {
      this.ballot.use.wanted = true;
      say(this.ballot.use.complaint);
      return;
    }
    const { signal } = this.abort;
    const cast = await this.ballot.cast(id, () => !signal.aborted && this.id === id, asked);
    if (cast.result === 'saved') this.finish(id, cast.reveal);
    else if (cast.result === 'settled') await this.settle(id);
    else if (cast.result === 'refused') this.hold.problem = cast.problem;
  }

  /** Looks again whether the arena can answer; called while `notready`. */
  async checkReady(): Promise<ArenaDetail> {
    const arena = await api.arena(this.arena.slug);
    if (this.phase === 'notready' && arena.status === 'closed') this.phase = 'closed';
    if (this.phase === 'notready' && arena.status === 'ready') {
      this.arena.status = 'ready';
      if (this.prepared) void this.start();
      else this.phase = this.turns.length > 0 ? 'votable' : 'compose';
    }
    return arena;
  }

  dispose(): void {
    this.abort.abort();
  }

  private reset(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.phase = 'loading';
    this.id = this.ticket = this.reveal = this.names = null;
    this.turns = [];
    this.images = false;
    this.hold.clear();
    this.ballot.reset();
  }

  /** Gets a battle from the server; false where the page now says why there is none. */
  private async draw(images = false): Promise<boolean> {
    const { signal } = this.abort;
    try {
      const battle = await api.newBattle(this.arena.slug, images);
      if (signal.aborted) return false;
      this.adopt(battle);
      return true;
    } catch (error) {
      if (!signal.aborted) this.refuse(asProblem(error));
      return false;
    }
  }

  private adopt(battle: NewBattle): void {
    this.id = battle.battle_id;
    this.ticket = battle.ticket;
    this.names = battle.contestants;
    this.images = battle.images;
    this.standing.progress = battle.progress;
    // One of one's own choice is found by its address; the arena's page goes on with the blind one.
    if (!this.names) keep.setOpenBattle(this.arena.slug, battle.battle_id);
    this.onBattle(battle.battle_id);
  }

  /** Streams one turn to its end; false where the server did not take it. */
  private async run(content: string, confirm = false, images: readonly Attached[] = []): Promise<boolean> {
    const { id } = this;
    if (!id) return false;
    const turn = new TurnView((this.turn?.number ?? 0) + 1, content);
    turn.images = images.map(({ src }) => src);
    return this.stream(id, turn, confirm, false, turn.images.map((src) => src.slice(src.indexOf(',') + 1)));
  }

  private async stream(
    id: string,
    turn: TurnView,
    confirm: boolean,
    again = false,
    images: readonly string[] | 'keep' = [],
  ): Promise<boolean> {
    if (this.direct) turn.b.state = 'complete';
    this.turns = [...this.turns, turn];
    this.phase = 'streaming';
    this.hold.clear();
    const ended = await streamTurn(id, turn, this.abort.signal, () => again || this.message.clear(), confirm, again, images);
    if (ended.end === 'done') this.phase = 'votable';
    else if (ended.end === 'failed') {
      this.phase = 'failed';
      keep.setOpenBattle(this.arena.slug, null);
      say(dockStatus(this).text);
    } else if (ended.end === 'cut') await this.settle(id);
    else if (ended.end === 'refused') {
      this.turns = this.turns.slice(0, -1);
      this.refuse(ended.problem);
      return false;
    }
    return true;
  }

  /** Fetches the stored state, trying again while the server does not answer. */
  private async settle(id: string): Promise<void> {
    const { signal } = this.abort;
    if (this.phase !== 'remote') this.phase = 'resuming';
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const state = await api.battle(id);
        if (!signal.aborted) this.show(state);
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
    const { battle_id: id, status } = state;
    const asked = this.ballot.busy;
    this.adopt(state);
    this.turns = turnsFrom(state.turns, `battles/${id}`);
    this.ballot.saving = 'no';
    if (status === 'failed' || status === 'skipped') {
      this.phase = status;
      keep.setOpenBattle(this.arena.slug, null);
    } else if (status === 'voted' && state.reveal) this.finish(id, state.reveal, { focus: asked });
    else if (status === 'votable') {
      this.phase = 'votable';
      this.ballot.restore(id);
    } else if (status === 'streaming') {
      const { signal } = this.abort;
      this.phase = 'remote';
      void pause(1.5).then(() => void (signal.aborted || this.settle(id)));
    } else if (this.turns.length > 0) this.phase = 'interrupted';
    else if (this.prepared) void this.run('');
    else this.phase = 'compose';
  }

  private finish(id: string, reveal: Reveal, { focus = true } = {}): void {
    keep.setDraft(id, null);
    keep.setOpenBattle(this.arena.slug, null);
    this.ballot.reset();
    this.message.clear();
    this.reveal = reveal;
    this.phase = 'voted';
    if (focus) this.revealed += 1;
    void this.standing.load(this.arena.slug);
  }

  /** Shows why the server did not give a battle or take a message, and how it goes on. */
  private refuse(problem: Problem): void {
    if (problem.code === 'consent-required') this.onConsent();
    else if (problem.code === 'prompts-exhausted') {
      this.phase = 'exhausted';
      void this.standing.load(this.arena.slug);
    } else if (problem.code === 'arena-closed') this.phase = 'closed';
    else if (problem.code === 'login-required') this.phase = 'login';
    else if (problem.code === 'not-ready') this.phase = 'notready';
    else if (this.prepared) this.block(problem, () => void (this.id ? this.run('') : this.start()));
    else {
      // A message that is wrong in itself is for the voter to mend, not to be sent again.
      this.block(problem, () => void (!toMend(problem) && this.send(this.message.text)));
    }
  }

  private block(problem: Problem, again: () => void): void {
    if (this.turns.length > 0) this.phase = 'votable';
    else this.phase = this.prepared || !this.message.text ? 'blocked' : 'compose';
    this.hold.set(problem, again, this.abort.signal);
  }
}
