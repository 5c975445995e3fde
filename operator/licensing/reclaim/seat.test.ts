import { describe, expect, it } from 'vitest';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';
import { toReclaimSeat } from './seat.ts';

function subscription(spec: object = {}, status?: object): SoftwareSubscription {
  const facts = { externalUserId: 'P1', displayName: 'Ann', userPrincipalName: 'Ann@Example.com', subscriptionIdentifier: 'LFULL', role: 'user', roleGroup: 'FullUser', invitationPending: false };
  return { metadata: { name: 'ann', creationTimestamp: '2026-01-01T00:00:00Z' }, spec: { ...facts, ...spec }, ...(status === undefined ? {} : { status }) } as unknown as SoftwareSubscription;
}

describe('a subscription as rules judge it', () => {
  it('C14: keeps role, teams and job title as they are, for selectors are written so', () => {
    const seat = toReclaimSeat(subscription({ role: 'r@x.example', teams: ['ops@x.example'], jobTitle: 'Head' }));
    expect(seat).toMatchObject({ role: 'r@x.example', teams: ['ops@x.example'], jobTitle: 'Head', externalUserId: 'P1', displayName: 'Ann', person: 'ann@example.com' });
  });

  it.each([
    ['the address in the company', { resolvedEmail: 'ann@corp.example' }, 'ann@corp.example'],
    ['else the one at the vendor', {}, 'Ann@Example.com'],
    ['else none', { userPrincipalName: '' }, undefined],
  ])('L7, L24: notices go to %s', (_story, spec, expected) => {
    expect(toReclaimSeat(subscription(spec)).address).toBe(expected);
  });

  it('C16, guard 6: has the latest activity of each signal, that of the last activity too, and none that cannot be read', () => {
    const evidence = [{ signal: 'SignIn', time: '2026-05-01T00:00:00Z', source: 'x' }, { signal: 'OnCall', time: 'long ago', source: 'x' }];
    const seat = toReclaimSeat(subscription({}, { activity: 'Recorded', evidence, lastActivity: { time: '2026-06-01T00:00:00Z', signal: 'SignIn' } }));
    expect(seat.evidence).toEqual([{ signal: 'SignIn', at: Date.parse('2026-06-01T00:00:00Z') }]);
    expect(toReclaimSeat(subscription()).evidence).toEqual([]);
  });

  it('guard 9: what was seen before the seat was handed over is the former person’s', () => {
    const evidence = [{ signal: 'OnCall', time: '2026-05-01T00:00:00Z', source: 'x' }, { signal: 'SignIn', time: '2026-06-02T00:00:00Z', source: 'x' }];
    const status = { activity: 'Recorded', evidence, lastActivity: { time: '2026-06-02T00:00:00Z', signal: 'SignIn' } };
    expect(toReclaimSeat(subscription({ personSince: '2026-06-01T00:00:00Z' }, status)).evidence).toEqual([{ signal: 'SignIn', at: Date.parse('2026-06-02T00:00:00Z') }]);
    expect(toReclaimSeat(subscription({ personSince: '2026-06-03T00:00:00Z' }, status)).evidence).toEqual([]);
  });
});
