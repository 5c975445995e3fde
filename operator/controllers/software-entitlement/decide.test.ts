import { describe, expect, it } from 'vitest';
import { aModel, anEntitlement } from '../../../test/support/position-builders.ts';
import type { SoftwareEntitlement } from '../../api/software-entitlement.ts';
import { decideEntitlement } from './decide.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const term = { billing: 'AnnualCommit', startDate: '2026-03-01', endDate: '2027-02-28' } as const;

function decide(spec: Parameters<typeof anEntitlement>[0] = {}, model = aModel(), siblings: SoftwareEntitlement[] = []) {
  const plan = decideEntitlement({ entitlement: anEntitlement(spec), model, siblings: [anEntitlement(spec), ...siblings] }, now);
  return { ...plan, part: (type: string) => plan.parts.find((part) => part.type === type) };
}

describe('a SoftwareEntitlement', () => {
  it.each([
    ['Upcoming', { startDate: '2026-11-25' }],
    ['Active', { startDate: '2026-11-24' }],
    ['Active', { startDate: '2026-01-01', endDate: '2026-11-24' }],
    ['Expired', { startDate: '2026-01-01', endDate: '2026-11-23' }],
  ] as const)('S80: is %s with %o on 24 November', (state, spec) => {
    const plan = decide({ spec });
    expect(plan.status.state).toBe(state);
    expect(plan.part('Ready')).toMatchObject({ status: 'True', reason: state });
  });

  it('S80: costs rights × price in a year, and its whole term, to the cent', () => {
    const { status } = decide({ spec: term });
    expect(status.annualCost).toEqual({ amountMinor: 100 * 4100 * 12, currency: 'USD' });
    expect(status.annualCostText).toBe('USD 49,200.00');
    expect(status.termCost).toEqual({ amountMinor: 100 * 4100 * 12, currency: 'USD' });
  });

  it('C23, L35: is due for renewal 90 days before its end, with the peak of active subscriptions and a tenth more', () => {
    const model = aModel({ status: { monthlyPeaks: [{ month: '2025-12', used: 99, active: 99 }, { month: '2026-10', used: 90, active: 61 }, { month: '2026-11', used: 80, active: 55 }] } });
    const early = decide({ spec: { ...term, renewal: { noticeDays: 90, bufferPercent: 10 } } }, model);
    expect(early.status).toMatchObject({ renewalNoticeDate: '2026-11-30', suggestedRights: 68 });
    expect(early.part('RenewalDue')).toMatchObject({ status: 'False', reason: 'NotDue' });
    expect(early.requeueAfterMs).toBe(Date.parse('2026-11-30T00:00:00Z') - now);
    const due = decide({ spec: { ...term, renewal: { noticeDays: 120, bufferPercent: 0 } } }, model);
    expect(due.part('RenewalDue')).toMatchObject({ status: 'True', reason: 'RenewalDue' });
    expect(due.status.suggestedRights).toBe(61);
    expect(due.requeueAfterMs).toBe(Date.parse('2027-03-01T00:00:00Z') - now);
  });

  it.each<[string, object, string]>([
    ['goes on the day after', { startDate: '2027-03-01', endDate: '2028-02-29' }, 'Renewed'],
    ['goes on the day after with far fewer rights', { startDate: '2027-03-01', endDate: '2028-02-29', purchasedRights: 1 }, 'RenewalDue'],
    ['overlaps and lasts longer', { startDate: '2026-06-01' }, 'Renewed'],
    ['leaves a gap', { startDate: '2027-03-02' }, 'RenewalDue'],
    ['ends with it', { startDate: '2026-06-01', endDate: '2027-02-28' }, 'RenewalDue'],
    ['was there before', { startDate: '2026-01-01' }, 'RenewalDue'],
  ])('C23: of one beside which another %s', (_what, spec, reason) => {
    const plan = decide({ spec: { ...term, renewal: { noticeDays: 120, bufferPercent: 0 } } }, aModel(), [anEntitlement({ name: 'next', spec })]);
    expect(plan.part('RenewalDue')?.reason).toBe(reason);
  });

  it('leaves out the cost of a term that is too large to be shown, and keeps everything else', () => {
    const spec = { ...term, startDate: '2026-01-01', endDate: '2045-12-31', purchasedRights: 10_000_000, unitCost: { amountMinor: 70_000_000, currency: 'USD' } };
    const { status } = decide({ spec });
    expect(status.termCost).toBeUndefined();
    expect(status.annualCost?.amountMinor).toBe(8_400_000_000_000_000);
  });

  it('runs on without an end: it is never due and nothing changes by itself', () => {
    const plan = decide();
    expect(plan.part('RenewalDue')).toMatchObject({ status: 'False', reason: 'NoEnd' });
    expect(plan.requeueAfterMs).toBeUndefined();
    expect(plan.status.termCost).toBeUndefined();
  });

  it('waits for a model that is not there yet, and says where the names are', () => {
    const { part } = decideEntitlementWithout();
    expect(part('Ready')).toMatchObject({ status: 'Unknown', reason: 'ModelNotFound' });
    expect(part('Reconciling')).toMatchObject({ status: 'True' });
    expect(part('Ready')?.message).toContain('kubectl get swmodel');
  });

  function decideEntitlementWithout() {
    const plan = decideEntitlement({ entitlement: anEntitlement(), model: undefined, siblings: [] }, now);
    return { part: (type: string) => plan.parts.find((part) => part.type === type) };
  }
});
