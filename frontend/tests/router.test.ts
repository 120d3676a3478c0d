import { describe, expect, it } from 'vitest';
import { match, paths } from '../src/lib/router.svelte';

describe('paths', () => {
  it.each([
    ['/', { name: 'picker' }],
    ['/owner', { name: 'owner' }],
    ['/owner/', { name: 'owner' }],
    ['/a/x', { name: 'battle', slug: 'x', battle: null }],
    ['/a/x/b/17', { name: 'battle', slug: 'x', battle: '17' }],
    ['/a/x/leaderboard', { name: 'leaderboard', slug: 'x' }],
    ['/a/x/about', { name: 'about', slug: 'x' }],
    ['/a/x/queue', { name: 'queue', slug: 'x' }],
    ['/a/x/chat', { name: 'chat', slug: 'x' }],
    ['/s/t-1', { name: 'share', token: 't-1' }],
    ['/s', { name: 'missing' }],
    ['/q/t-1', { name: 'invite', token: 't-1' }],
    ['/q', { name: 'missing' }],
    ['/q/t/u', { name: 'missing' }],
    ['/a', { name: 'missing' }],
    ['/a/x/b', { name: 'missing' }],
    ['/a/x/y/z', { name: 'missing' }],
    ['/%', { name: 'missing' }],
  ])('%s', (path, route) => expect(match(path)).toEqual(route));

  it('lead back to where they came from', () => {
    const slug = 'a b/ü';
    expect(match(paths.leaderboard(slug))).toEqual({ name: 'leaderboard', slug });
    expect(match(paths.queue(slug))).toEqual({ name: 'queue', slug });
    expect(match(paths.battle(slug, '1/2'))).toEqual({ name: 'battle', slug, battle: '1/2' });
  });
});
