/** Where a battle stands on the page; the server knows fewer states. */

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
  | 'closed' // the deadline has passed
  | 'login' // the arena is for people who log in
  | 'gone'
  | 'blocked'; // `problem` says why; `retry` goes on

/** A battle that may still be voted on. */
export const UNFINISHED: ReadonlySet<Phase> = new Set(['streaming', 'resuming', 'remote', 'votable', 'interrupted']);
