import { describe, expect, it } from 'vitest';
import { anExclusion } from '../../../test/support/position-builders.ts';
import { decideExclusion } from './decide.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const input = (exclusion = anExclusion(), matched: [string, number][] = [], profiles = ['pagerduty', 'second']) => ({ exclusion, profiles, matched: new Map(matched) });

describe('a SubscriptionExclusion', () => {
  it('C2: has an effect until its day, and is looked at again then', () => {
    const plan = decideExclusion(input(), now);
    expect(plan.status.state).toBe('Active');
    expect(plan.requeueAfterMs).toBe(Date.parse('2027-01-01T00:00:00Z') - now);
  });

  it('C2: has none from the very moment on, and says so without being unready', () => {
    const plan = decideExclusion(input(anExclusion({ spec: { until: '2026-11-24T12:00:00Z' }, status: { state: 'Active', matched: 1, profiles: [{ name: 'pagerduty', matched: 1 }] } })), now);
    expect(plan.status).toEqual({ observedGeneration: 1, state: 'Expired', matched: 0 });
    expect(plan.parts.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', reason: 'Expired' });
    expect(plan.requeueAfterMs).toBeUndefined();
  });

  it('L26: counts over all profiles of the namespace', () => {
    const plan = decideExclusion(input(anExclusion(), [['second', 2], ['pagerduty', 1]]), now);
    expect(plan.status).toMatchObject({ matched: 3, profiles: [{ name: 'pagerduty', matched: 1 }, { name: 'second', matched: 2 }] });
  });

  it('keeps what it knew of a profile that was not reconciled since the start, and forgets one that is gone', () => {
    const status = { observedGeneration: 1, state: 'Active' as const, matched: 3, profiles: [{ name: 'gone', matched: 1 }, { name: 'second', matched: 2 }] };
    const plan = decideExclusion(input(anExclusion({ status }), [['pagerduty', 4]]), now);
    expect(plan.status).toMatchObject({ matched: 6, profiles: [{ name: 'pagerduty', matched: 4 }, { name: 'second', matched: 2 }] });
  });

  it('does not claim that it matches nobody before anything was counted', () => {
    expect(decideExclusion(input(), now).status.matched).toBeUndefined();
    expect(decideExclusion(input(anExclusion(), [['pagerduty', 0]]), now).status.matched).toBe(0);
  });

  it('forgets whom a former spec matched, and does not say that it matches nobody before every profile was counted', () => {
    const edited = anExclusion({ metadata: { generation: 2 }, status: { observedGeneration: 1, state: 'Active', matched: 3, profiles: [{ name: 'second', matched: 3 }] } });
    expect(decideExclusion(input(edited), now).status.matched).toBeUndefined();
    expect(decideExclusion(input(anExclusion(), [['pagerduty', 0]]), now).parts[0]?.message).not.toContain('no subscription');
  });

  it('keeps a person out whose end cannot be read: nobody is unprotected by a slip', () => {
    expect(decideExclusion(input(anExclusion({ spec: { until: '2027-01-31T00:00:00+24:00' } })), now).status.state).toBe('Active');
  });

  it('says so when it matches nobody, as a mistyped address does', () => {
    const message = (matched: [string, number][]) => decideExclusion(input(anExclusion(), matched, ['pagerduty']), now).parts.find(({ type }) => type === 'Ready')?.message;
    expect(message([['pagerduty', 0]])).toContain('It matches no subscription');
    expect(message([['pagerduty', 1]])).toContain('A person is kept out');
    expect(message([])).toContain('A person is kept out');
  });

  it('guard 7: never repeats the address in a message', () => {
    for (const until of ['2027-01-01T00:00:00Z', '2026-01-01T00:00:00Z']) {
      expect(JSON.stringify(decideExclusion(input(anExclusion({ spec: { until } })), now).parts)).not.toMatch(/@|rivera/i);
    }
  });
});
