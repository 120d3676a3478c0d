/** The slider that thins votes: even steps on a log scale from 100 votes to all; pure. */

export const STEPS = 60;
export const FEWEST = 100;

/** Votes at a slider position from 0 to STEPS; null at the right end, which is all. */
export function votesAt(step: number, total: number): number | null {
  if (step >= STEPS || total <= FEWEST) return null;
  const votes = FEWEST * (total / FEWEST) ** (step / STEPS);
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(votes)) - 1);
  return Math.min(total, Math.round(votes / unit) * unit);
}

/** The slider position for a number of votes; the right end for all of them. */
export function stepFor(votes: number | null, total: number): number {
  if (votes === null || votes >= total || total <= FEWEST) return STEPS;
  return Math.max(0, Math.min(STEPS - 1, Math.round((STEPS * Math.log(votes / FEWEST)) / Math.log(total / FEWEST))));
}
