import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { padded, sha256 } from '../src/proof/sha256';
import { numberOf, payload, type Challenge } from '../src/proof/solve';

function hex(text: string): string {
  const head = new TextEncoder().encode(text);
  const bytes = new Uint8Array(padded(head.length)).fill(255);
  bytes.set(head);
  const state = new Int32Array(8);
  sha256(bytes, head.length, state);
  return Array.from(state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

const nodes = (text: string): string => createHash('sha256').update(text).digest('hex');

function challenge(number: number, maxnumber = 2_000): Challenge {
  const salt = '0a1b2c3d4e5f60718293a4b5?expires=1790000000&';
  return { algorithm: 'SHA-256', challenge: nodes(`${salt}${number}`), maxnumber, salt, signature: 'ours' };
}

describe('the hash', () => {
  it("is that of FIPS 180-4's examples", () => {
    expect(hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hex('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
  });

  it("is Node's at every length around a block's end", () => {
    for (let length = 0; length < 200; length++) expect(hex('x'.repeat(length))).toBe(nodes('x'.repeat(length)));
  });
});

describe('a proof of work', () => {
  it('finds the number, both ends included', () => {
    for (const number of [0, 9, 10, 1234, 2_000]) expect(numberOf(challenge(number))).toBe(number);
  });

  it('ends where there is no number', () => {
    expect(numberOf(challenge(2_001))).toBeNull();
    expect(numberOf({ ...challenge(3), challenge: 'no hash' })).toBeNull();
  });

  it('is written as ALTCHA writes it', () => {
    expect(JSON.parse(atob(payload(challenge(3), 3)))).toEqual({
      algorithm: 'SHA-256',
      challenge: challenge(3).challenge,
      number: 3,
      salt: challenge(3).salt,
      signature: 'ours',
    });
  });
});
