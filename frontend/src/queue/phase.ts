/** Where a rater stands in a review queue. */
export type QueuePhase =
  | 'loading' // the first pair is being fetched
  | 'rating'
  | 'waiting' // the next pair is not here yet
  | 'finished'
  | 'closed' // the deadline has passed, and this rater has left no pair open
  | 'uninvited' // the queue wants an invite link, or the one used is no longer good
  | 'blocked'; // `hold` says why; its `retry` goes on
