/** The one line of the dock that says what is going on and what to do. */
import { toMend } from '../api/problem';
import type { Side } from '../api/types';
import { t } from '../i18n';
import type { Hold } from './hold.svelte';
import type { BattleModel } from './model.svelte';
import type { SideView, TurnView } from './turns.svelte';

export interface DockStatus {
  text: string;
  /** Something that needs the voter's attention. */
  alarm: boolean;
}

const calm = (text: string): DockStatus => ({ text, alarm: false });
const alarm = (text: string): DockStatus => ({ text, alarm: true });

export function dockStatus(model: BattleModel): DockStatus {
  // While a message is written, the composer says what is wrong.
  const held = model.phase === 'compose' ? '' : holdText(model.hold);
  if (held) return alarm(held);
  switch (model.phase) {
    case 'streaming':
      return model.direct ? calm(t('dock.chat_writing', { name: model.names?.a ?? '' })) : writing(model);
    case 'votable':
      if (model.turn?.interrupted) return alarm(t('dock.interrupted'));
      return calm(model.direct ? t('dock.chat') : model.names ? t('dock.named') : t('dock.ready'));
    case 'interrupted':
      return alarm(t('dock.interrupted'));
    case 'resuming':
      return alarm(t('dock.resuming'));
    case 'remote':
      return calm(t('dock.still_running'));
    case 'failed':
      return alarm(failed(model.turn));
    case 'skipped':
      return calm(t('dock.skipped'));
    case 'compose':
      return calm(t('dock.write_first'));
    default:
      return calm(t('dock.preparing'));
  }
}

/** Says why the battle does not go on at the moment; '' where it does. */
export function holdText({ limit, problem }: Hold): string {
  if (limit > 0) return t('app.rate_limited', { seconds: limit });
  if (!problem) return '';
  if (toMend(problem)) return problem.detail;
  return problem.code === 'offline' ? t('app.offline') : t('app.error', { detail: problem.message });
}

/** Says that a side could not answer, and why where that is known. */
export function failure(side: Side, { cause }: SideView): string {
  return t('side.could_not', { side: side.toUpperCase(), cause: cause || t('side.not_counted') });
}

function failed(turn: TurnView | null): string {
  const [side, other] = turn?.failedSides ?? [];
  if (!turn || !side) return t('dock.failed_any');
  return other ? t('dock.failed_both') : failure(side, turn.side(side));
}

function writing(model: BattleModel): DockStatus {
  const active = model.turn?.activeSides ?? [];
  const slow = active.filter((side) => model.turn?.side(side).slow).map((side) => side.toUpperCase());
  if (slow.length === 2) return alarm(t('dock.slow_both'));
  if (slow[0]) return alarm(t('dock.slow', { side: slow[0] }));
  const [only] = active;
  if (active.length === 1 && only) return calm(t('dock.one_writing', { side: only.toUpperCase() }));
  return calm(t('dock.both_writing'));
}
