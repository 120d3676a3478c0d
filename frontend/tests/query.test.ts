import { describe, expect, it } from 'vitest';
import { boardQuery, defaults, pairsQuery, possible, readQuery, settled, votesQuery, writeQuery } from '../src/board/query';

describe('the address of a board', () => {
  it('is empty for the usual board', () => {
    expect(writeQuery(defaults('live'), 'live')).toBe('');
    expect(writeQuery(defaults('published'), 'published')).toBe('');
    expect(readQuery('', 'replay')).toEqual({ query: defaults('replay'), refused: [] });
  });

  it.each([
    '?category=Late+delivery&method=davidson&interval=anytime',
    '?style=true&cluster=voter&excluded=with',
    '?population=simulated&votes=500&seed=9&method=four-outcome',
    '?method=elo',
  ])('comes back as it was: %s', (search) => {
    const { query, refused } = readQuery(search, 'replay');
    expect(refused).toEqual([]);
    expect(writeQuery(query, 'replay')).toBe(search);
  });

  it('names what it cannot show and shows the usual board', () => {
    const { query, refused } = readQuery('?method=magic&votes=-3&seed=x&style=maybe&population=simulated', 'live');
    expect(query).toEqual(defaults('live'));
    expect(refused.map((one) => one.name)).toEqual(['population', 'votes', 'seed', 'method', 'style']);
    expect(refused[3]?.value).toBe('magic');
  });

  it('names what does not go together', () => {
    const { query, refused } = readQuery('?method=davidson&style=true&cluster=voter', 'live');
    expect(query).toMatchObject({ method: 'davidson', style: false, cluster: 'none' });
    expect(refused.map((one) => one.name)).toEqual(['style', 'cluster']);
  });

  it('asks a published board for nothing that needs single votes', () => {
    expect(possible(defaults('published'), 'published')).toMatchObject({ style: false, cluster: false, excluded: false, interval: true });
    expect(readQuery('?method=elo', 'published').refused).toEqual([{ name: 'method', value: 'elo' }]);
  });

  it('asks simulated voters for none of it either', () => {
    const { query, refused } = readQuery('?population=simulated&style=true&excluded=with', 'replay');
    expect(query).toMatchObject({ population: 'simulated', style: false, excluded: 'without' });
    expect(refused.map((one) => one.name)).toEqual(['style', 'excluded']);
    expect(settled({ ...defaults('replay'), population: 'simulated', method: 'elo' }, 'replay').method).toBe('bt');
  });

  it('drops the anytime interval where single votes are needed', () => {
    const one = { ...defaults('live'), style: true, interval: 'anytime' as const };
    expect(settled(one, 'live').interval).toBe('sandwich');
  });
});

describe('the query of the API', () => {
  it('holds only what differs, and always whose votes', () => {
    expect(boardQuery(defaults('live'))).toBe('population=people');
    const one = { ...defaults('live'), method: 'elo' as const, votes: 200, seed: 3, excluded: 'with' as const };
    expect(boardQuery(one)).toBe('population=people&votes=200&seed=3&method=elo&excluded=with');
    expect(votesQuery(one)).toBe('population=people&votes=200&seed=3');
    expect(pairsQuery(one)).toBe('population=people&votes=200&seed=3&excluded=with');
  });
});
