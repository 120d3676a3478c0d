/** Where a rater stands in a review queue. */
export type QueuePhase =
  | 'loading' // the first pair is being fetched
  | 'rating'
  | 'waiting' // the next pair is not here yet
  | 'finished'
  | 'closed' // the deadline has passed, and this rater has left no pair open
  | 'login' // the arena is for people who log in, or for those who were invited
  | 'uninvited' // the queue wants an invite link, or the one used is no longer good
  | 'blocked'; // `hold` says why; its `retry` goes on

/** No pair is shown, and none comes. */
export const ENDED: ReadonlySet<QueuePhase> = new Set(['finished', 'closed', 'login']);
