import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReclaimSeat, createHasher, daysAgo, judgeContext } from '../../../test/support/reclaim-company.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { alignColumns } from '../../cli/workbench/align-columns.ts';
import { addressPattern } from '../text.ts';
import { createEvaluation } from './evaluate.ts';
import { buildReclaimPlan, type ReclaimPlanInput } from './plan.ts';
import { renderReclaimPlan } from './plan-text.ts';

const models = [
  { metadata: { name: 'full' }, spec: { subscriptionIdentifiers: ['LFULL'] }, status: { position: { money: [{ currency: 'USD', averageUnitCost: 49_200 }] } } },
] as unknown as SoftwareModel[];

function candidate(name: string, subscription: string, status: object): RemovalCandidate {
  return { metadata: { name }, spec: { subject: { subscriptionRef: { name: subscription } } }, status } as unknown as RemovalCandidate;
}

const seats = [
  ...Array.from({ length: 8 }, (_, index) => aReclaimSeat({ name: `active-${index}`, lastActivity: daysAgo(3), role: index === 7 ? 'admin' : 'user' })),
  aReclaimSeat({ name: 'bob', edition: 'Business', role: 'admin' }),
  aReclaimSeat({ name: 'ann', activity: 'Never', identifier: 'LOTHER' }),
  aReclaimSeat({ name: 'eve', role: 'manager' }),
  aReclaimSeat({ name: 'cto', role: 'owner' }),
  aReclaimSeat({ name: 'adm', role: 'admin', lastActivity: daysAgo(1) }),
];
const open = [
  candidate('remove-bob', 'bob', { state: 'AwaitingUser', blockers: [{ kind: 'Schedule', name: 'Night shift of ann@example.com', detail: 'layer 1' }] }),
  candidate('remove-gone', 'active-0', { state: 'Ready' }),
];

const id = 'a'.repeat(40);

function input(change: Partial<ReclaimPlanInput> & { spec?: object } = {}): ReclaimPlanInput {
  const { spec = {}, ...others } = change;
  const context = judgeContext({ spec: { protect: { roles: ['manager'] }, limits: { maxPercent: 20 }, ...spec } });
  return { profile: 'pagerduty', reviewId: id, context, hold: undefined, seats, models, candidates: open, hasher: createHasher(), ...others };
}

describe('D1: the plan of a rule', () => {
  it('D1, D5: is who would go, why, what is known to stand in the way and what it saves', () => {
    const plan = buildReclaimPlan(input());
    expect(plan).toMatchObject({
      apiVersion: 'plan.saaslicense.dev/v1', rule: 'unused', profile: 'pagerduty', at: '2026-11-24T09:00:00.000Z', mode: 'Propose', review: { id, confirmed: false }, action: 'Remove',
      counts: { covered: 13, active: 9, inactive: 4, candidates: 2, protected: 2 },
      guards: [{ guard: 'Owner', count: 1 }, { guard: 'Role', count: 1 }],
      noLonger: ['remove-gone'],
      savings: [{ amountMinor: 49_200, currency: 'USD' }],
      unpriced: 1,
      pace: { allowed: 2, left: 2 },
    });
    expect(plan.people.map(({ evidence: _evidence, ...person }) => person)).toEqual([
      { subscription: 'ann', externalUserId: 'P-ann', role: 'user', identifier: 'LOTHER', justification: 'LowUsage', thresholdDays: 60, confidencePercent: 60, action: 'Remove', blockers: [] },
      {
        subscription: 'bob', externalUserId: 'P-bob', role: 'admin', identifier: 'LFULL', licence: 'Business', justification: 'LowUsage', inactiveDays: 90, thresholdDays: 60, confidencePercent: 55, action: 'Remove',
        saving: { amountMinor: 49_200, currency: 'USD' }, candidate: 'remove-bob', state: 'AwaitingUser', blockers: [{ kind: 'Schedule', name: 'Night shift of (address)', detail: 'layer 1' }],
      },
    ]);
    expect(plan).not.toHaveProperty('held');
    expect(plan).not.toHaveProperty('confirmed');
  });

  it('D1: same input, same bytes, in whatever order the subscriptions come', () => {
    const bytes = JSON.stringify(buildReclaimPlan(input()));
    fc.assert(
      fc.property(fc.shuffledSubarray(seats, { minLength: seats.length }), (shuffled) => {
        expect(JSON.stringify(buildReclaimPlan(input({ seats: shuffled })))).toBe(bytes);
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('D1, D10: has the hash of the evaluation that the operator makes', () => {
    const { context } = input();
    const evaluation = createEvaluation({ ...context, admins: 3, profile: 'pagerduty', hasher: createHasher() });
    for (const seat of seats.toSorted((a, b) => (a.name < b.name ? -1 : 1))) evaluation.add(seat);
    const { hash } = buildReclaimPlan(input());
    expect(evaluation.finish().hash).toBe(hash);
    expect(buildReclaimPlan(input({ spec: { confirmedPlan: hash } }))).toMatchObject({ confirmed: true, hash });
    expect(buildReclaimPlan(input({ spec: { confirmedPlan: hash, lastActivityThresholdDays: 61 } })).confirmed).toBe(false);
  });

  it('guards 5 and 6: says what holds it, and then closes nobody', () => {
    const hold = { reason: 'DataStale', message: 'Too old.', needsPerson: true };
    expect(buildReclaimPlan(input({ hold, context: judgeContext({ watches: new Map() }) }))).toMatchObject({ held: { reason: 'DataStale', message: 'Too old.' }, people: [], noLonger: [] });
    expect(buildReclaimPlan(input({ spec: { limits: { maxCandidateRatio: 15 } } })).held?.reason).toBe('BlastRadius');
  });

  it('C13: counts the admins itself, and the owner is none of those who stay', () => {
    const fewer = seats.filter(({ name }) => name !== 'adm');
    expect(buildReclaimPlan(input({ seats: fewer })).guards).toEqual([{ guard: 'Owner', count: 1 }, { guard: 'Role', count: 1 }, { guard: 'LastAdmin', count: 1 }]);
  });

  it('D7: tells who else manages the account, without the address by which it was found', () => {
    const ownership = new Map([['ann@example.com', [{ managedBy: 'Terraform' as const, reference: 'pagerduty_user.ann@example.com' }]], ['id:P-bob', [{ managedBy: 'Crossplane' as const, reference: 'User bob' }]]]);
    const [ann, bob] = buildReclaimPlan(input({ ownership })).people;
    expect(ann?.blockers).toEqual([{ kind: 'Ownership', name: 'Terraform', detail: '(address)' }]);
    expect(bob?.blockers).toHaveLength(2);
  });

  it('guard 7: has no address in it, and neither has its text', () => {
    const plan = buildReclaimPlan(input());
    expect(JSON.stringify(plan).match(addressPattern)).toBeNull();
    expect(renderReclaimPlan(plan, alignColumns).match(addressPattern)).toBeNull();
  });
});

describe('D1: the plan as text', () => {
  it('D1: is for reviewers', () => {
    const plan = buildReclaimPlan(input());
    expect(renderReclaimPlan(plan, alignColumns).split('\n')).toEqual([
      'Reclaim plan of rule unused for profile pagerduty at 2026-11-24T09:00:00.000Z',
      'Remove: the account is deleted at the vendor, for good. Mode Propose, not confirmed: nothing is reclaimed.',
      '',
      'SUBSCRIPTIONS               COUNT',
      'Covered                        13',
      '  active                        9',
      '  too new to judge              0',
      '  unknown                       0',
      '  inactive                      4',
      '    excluded                    0',
      '    protected                   2',
      '    kept a short time ago       0',
      '    of another rule             0',
      '    candidates                  2',
      'Kept out by Owner               1',
      'Kept out by Role                1',
      '',
      'SUBSCRIPTION   USER    ROLE    LICENCE    INACTIVE   WHY        SURE        SAVES   STATE          BLOCKERS',
      'ann            P-ann   user    LOTHER        never   LowUsage   60 %            -   new                   0',
      'bob            P-bob   admin   Business       90 d   LowUsage   55 %   USD 492.00   AwaitingUser          1',
      '',
      'Known to stand in the way',
      '  bob: Schedule Night shift of (address) (layer 1)',
      '',
      'Would be closed, as the rule does not find them any more: remove-gone',
      '',
      'Savings in a year: USD 492.00 + 1 without a price',
      'At most 2 in a period, 2 now.',
      '',
      `Rule ${id}: after you have read the rule, set spec.confirmedRule to this id`,
      `Plan ${plan.hash}`,
      '',
    ]);
  });

  it('D1: says what holds it, that it is not the confirmed one, and what it would do', () => {
    const spec = { action: 'Downgrade', downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'LSTAKE' }, confirmedPlan: `sha256:${'0'.repeat(64)}`, confirmedRule: id, lastActivityThresholdDays: 20 };
    const text = renderReclaimPlan(buildReclaimPlan(input({ spec, seats: [], candidates: [], hold: { reason: 'RuleSuspended', message: 'Suspended.', needsPerson: true } })), alignColumns);
    for (const part of ['Downgrade to read_only_user with licence LSTAKE. Mode Propose, confirmed.', `Rule ${id}, confirmed by spec.confirmedRule`, 'Held, RuleSuspended: Suspended.', 'Nobody would be reclaimed.', 'not confirmed by spec.confirmedPlan: only people of the confirmed plan are reclaimed', 'Savings in a year: none', 'are fewer than one', 'A threshold of 20 days is short']) {
      expect(text).toContain(part);
    }
  });
});
