import { describe, expect, it } from 'vitest';
import { anEntitlement } from '../../test/support/position-builders.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const contract = { namespace: 'team-a', name: 'business-2026' };
const contractAt = 'namespace="team-a",model="business",entitlement="business-2026"';

function showContract(metrics: Metrics, change: Parameters<typeof anEntitlement>[0], renewalDue = false): void {
  const { spec, status = {} } = anEntitlement(change);
  metrics.setEntitlement(contract, { model: 'business', spec, status, renewalDue });
}

/** Sample lines of the metrics whose name starts so. */
async function samples(metrics: Metrics, name = ''): Promise<string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith(`saaslicense_${name}`));
}

describe('an entitlement', () => {
  const term = { billing: 'AnnualCommit', startDate: '2026-03-01', endDate: '2027-02-28' } as const;
  const annualCost = { amountMinor: 4_920_001, currency: 'USD' };

  it('C23, L35: shows what it costs, when its last day is over, whether its renewal is due, and of how many rights', async () => {
    const metrics = createMetrics();
    showContract(metrics, { spec: term, status: { state: 'Active', annualCost, suggestedRights: 55 } }, true);
    expect(await samples(metrics)).toEqual([
      `saaslicense_entitlement_rights{${contractAt}} 100`,
      `saaslicense_entitlement_annual_cost{${contractAt},currency="USD"} 49200.01`,
      `saaslicense_entitlement_end_timestamp_seconds{${contractAt}} ${Date.UTC(2027, 2, 1) / 1000}`,
      `saaslicense_entitlement_renewal_due{${contractAt}} 1`,
      `saaslicense_entitlement_suggested_rights{${contractAt}} 55`,
    ]);
  });

  it('C23: that runs on has no end and no renewal, and one that is to come gives no rights yet', async () => {
    const metrics = createMetrics();
    showContract(metrics, { status: { state: 'Upcoming' } });
    expect(await samples(metrics)).toEqual([`saaslicense_entitlement_rights{${contractAt}} 0`]);
  });

  it('C23: that has expired keeps its end alone: no rights, no cost, and no renewal that would be due for ever', async () => {
    const metrics = createMetrics();
    showContract(metrics, { spec: term, status: { state: 'Active', annualCost, suggestedRights: 55 } }, true);
    showContract(metrics, { spec: term, status: { state: 'Expired', annualCost, suggestedRights: 55 } });
    expect(await samples(metrics)).toEqual([
      `saaslicense_entitlement_rights{${contractAt}} 0`,
      `saaslicense_entitlement_end_timestamp_seconds{${contractAt}} ${Date.UTC(2027, 2, 1) / 1000}`,
      `saaslicense_entitlement_renewal_due{${contractAt}} 0`,
    ]);
  });

  it('that was not looked at yet, or is gone, has no series', async () => {
    const metrics = createMetrics();
    showContract(metrics, { spec: term });
    expect(await samples(metrics)).toEqual([]);
    showContract(metrics, { spec: term, status: { state: 'Active' } }, true);
    metrics.forgetEntitlement(contract);
    expect(await samples(metrics)).toEqual([]);
  });

  it('that is moved to another model leaves no series of the first behind', async () => {
    const metrics = createMetrics();
    showContract(metrics, { status: { state: 'Active' } });
    const { spec } = anEntitlement();
    metrics.setEntitlement(contract, { model: 'stakeholder', spec, status: { state: 'Active' }, renewalDue: false });
    expect(await samples(metrics)).toEqual(['saaslicense_entitlement_rights{namespace="team-a",model="stakeholder",entitlement="business-2026"} 100']);
  });

  it('guard 7: entitlements are held to 50 a model', async () => {
    const metrics = createMetrics();
    const { spec } = anEntitlement();
    for (let index = 0; index < 60; index += 1) {
      metrics.setEntitlement({ namespace: 'team-a', name: `contract-${index}` }, { model: index < 55 ? 'business' : 'stakeholder', spec, status: { state: 'Active' }, renewalDue: false });
    }
    expect(await samples(metrics, 'entitlement_rights')).toHaveLength(50 + 5);
  });
});
