/** Looks for the number of a challenge in ALTCHA's format. */
import { padded, sha256 } from './sha256';

export interface Challenge {
  algorithm: string;
  challenge: string;
  maxnumber: number;
  salt: string;
  signature: string;
}

/** Returns the number from 0 to `maxnumber` with SHA-256(salt + number) = challenge; null: there is none. */
export function numberOf({ salt, challenge, maxnumber }: Challenge): number | null {
  const head = new TextEncoder().encode(salt);
  const bytes = new Uint8Array(padded(head.length + 16));
  bytes.set(head);
  const target = Int32Array.from(challenge.match(/.{8}/g) ?? [], (word) => parseInt(word, 16) | 0);
  const state = new Int32Array(8);
  for (let number = 0; number <= maxnumber; number++) {
    let digits = 1;
    for (let power = 10; power <= number; power *= 10) digits++;
    for (let rest = number, at = head.length + digits - 1; at >= head.length; at--) {
      bytes[at] = 48 + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    sha256(bytes, head.length + digits, state);
    if (state[0] === target[0] && state.every((word, i) => word === target[i])) return number;
  }
  return null;
}

/** Writes a solution as the header wants it. */
export const payload = ({ algorithm, challenge, salt, signature }: Challenge, number: number): string =>
  btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
