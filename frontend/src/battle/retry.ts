/** Waiting between attempts. */

const BACKOFF_S = [1, 2, 4, 8, 15];

export const pause = (s: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, s * 1000));

/** Seconds to wait after a failed attempt, the first being 0. */
export const backoff = (attempt: number): number => BACKOFF_S[Math.min(attempt, BACKOFF_S.length - 1)] ?? 15;

/** Tells the seconds that are left, down to 0, while `alive`. */
export async function countDown(seconds: number, tell: (left: number) => void, alive: () => boolean): Promise<void> {
  for (let left = Math.ceil(seconds); left > 0 && alive(); left--) {
    tell(left);
    await pause(1);
  }
  tell(0);
}
