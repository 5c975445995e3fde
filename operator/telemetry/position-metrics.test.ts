import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anEntitlement } from '../../test/support/position-builders.ts';
import { checkExposition } from '../../test/tooling/check-exposition.ts';
import type { LicensePosition, PositionCounts, ProfilePosition } from '../api/license-position.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const business = { namespace: 'team-a', name: 'business' };
const profile = { namespace: 'team-a', name: 'pagerduty' };
const at = 'namespace="team-a",profile="pagerduty",model="business"';
const sum = 'namespace="team-a",profile="pagerduty"';

/** 100 rights owned, 80 used: 50 active and 6 each of the others. */
const counts: PositionCounts = {
  owned: 100,
  assigned: 83,
  excluded: 2,
  duplicates: 1,
  used: 80,
  active: 50,
  stale: 6,
  neverUsed: 7,
  pending: 5,
  recent: 8,
  unknown: 4,
  unused: 18,
  available: 20,
  needed: 0,
};

function aPosition(change: Partial<LicensePosition> = {}): LicensePosition {
  return {
    ...counts,
    time: '2026-11-24T03:00:00Z',
    inputs: 'made-from',
    thresholdDays: 60,
    unusedPercent: 22,
    compliance: 'Compliant',
    ages: { upTo30: 40, upTo60: 10, upTo90: 6, over90: 0, none: 24 },
    money: [
      {
        currency: 'USD',
        annualCost: 4_920_001,
        trueUpCost: 0,
        overLicensedCost: 984_000,
        potentialSavings: 885_600,
        freedSavings: 60_000,
        realisedSavings: 10_000,
        atRenewalSavings: 30_000,
        forgoneSavings: 20_000,
        realisedToDate: 1250,
      },
    ],
    ...change,
  };
}

function aSum(change: Partial<ProfilePosition> = {}): ProfilePosition {
  return { ...counts, time: '2026-11-24T03:00:00Z', inputs: 'x', models: 2, compliance: 'Compliant', unrecognized: 0, money: [{ currency: 'JPY', annualCost: 4100 }], ...change };
}

function showModel(metrics: Metrics, position: LicensePosition | undefined, name = 'business'): void {
  metrics.setSoftwareModel({ namespace: 'team-a', name }, { profile: 'pagerduty', status: position === undefined ? {} : { position } });
}

/** Sample lines of one metric, or of all of ours. */
async function samples(metrics: Metrics, name = ''): Promise<string[]> {
  return (await metrics.render()).split('\n').filter((line) => line.startsWith(name === '' ? 'saaslicense_' : `saaslicense_${name}{`));
}

async function values(metrics: Metrics, name: string): Promise<number[]> {
  return (await samples(metrics, name)).map((line) => Number(line.slice(line.lastIndexOf(' ') + 1)));
}

describe('the position of a model', () => {
  it('S83, S84: shows rights owned, used, available and needed, and by what use', async () => {
    const metrics = createMetrics();
    showModel(metrics, aPosition());
    expect(await samples(metrics, 'rights')).toEqual([
      `saaslicense_rights{${at},state="owned"} 100`,
      `saaslicense_rights{${at},state="used"} 80`,
      `saaslicense_rights{${at},state="available"} 20`,
      `saaslicense_rights{${at},state="needed"} 0`,
    ]);
    expect(await samples(metrics, 'rights_used')).toEqual([
      `saaslicense_rights_used{${at},use="active"} 50`,
      `saaslicense_rights_used{${at},use="stale"} 6`,
      `saaslicense_rights_used{${at},use="never_used"} 7`,
      `saaslicense_rights_used{${at},use="pending"} 5`,
      `saaslicense_rights_used{${at},use="recent"} 8`,
      `saaslicense_rights_used{${at},use="unknown"} 4`,
    ]);
    expect((await values(metrics, 'rights_used')).reduce((a, b) => a + b)).toBe(80);
    expect(await samples(metrics, 'subscriptions_excluded')).toEqual([`saaslicense_subscriptions_excluded{${at}} 2`]);
  });

  it.each([
    ['Compliant', [`saaslicense_compliant{${at}} 1`]],
    ['NonCompliant', [`saaslicense_compliant{${at}} 0`]],
    ['NoEntitlement', []],
  ] as const)('S84: %s is shown as what it is, and without an entitlement there is nothing to say', async (compliance, lines) => {
    const metrics = createMetrics();
    showModel(metrics, aPosition({ compliance }));
    expect(await samples(metrics, 'compliant')).toEqual(lines);
  });

  it('C20: shows the seats that the vendor still has to give, and none where it states no limit', async () => {
    const metrics = createMetrics();
    showModel(metrics, aPosition({ seatsAvailable: 7 }));
    expect(await samples(metrics, 'seats_available')).toEqual([`saaslicense_seats_available{${at}} 7`]);
    showModel(metrics, aPosition({ seatsAvailable: 0 }));
    expect(await values(metrics, 'seats_available')).toEqual([0]);
    showModel(metrics, aPosition());
    expect(await samples(metrics, 'seats_available')).toEqual([]);
  });

  it('C20: shows the seats that the vendor still has to give, where it states a limit', async () => {
    const metrics = createMetrics();
    showModel(metrics, aPosition({ seatsAssigned: 83, seatsAvailable: 0 }));
    expect(await samples(metrics, 'seats_available')).toEqual([`saaslicense_seats_available{${at}} 0`]);
    showModel(metrics, aPosition({ seatsAssigned: 83 }));
    expect(await samples(metrics, 'seats_available')).toEqual([]);
  });

  it('D9, C21: shows money in whole units of its currency, and savings by kind that add up', async () => {
    const metrics = createMetrics();
    showModel(metrics, aPosition());
    const usd = `${at},currency="USD"`;
    expect((await samples(metrics)).filter((line) => line.includes('currency='))).toEqual([
      `saaslicense_annual_cost{${usd}} 49200.01`,
      `saaslicense_true_up_cost{${usd}} 0`,
      `saaslicense_over_licensed_cost{${usd}} 9840`,
      ...[['potential', 8856], ['freed', 600], ['realised', 100], ['at_renewal', 300], ['forgone', 200]].map(
        ([kind, value]) => `saaslicense_savings{namespace="team-a",profile="pagerduty",model="business",kind="${kind}",currency="USD"} ${value}`,
      ),
      `saaslicense_savings_realised_to_date{${usd}} 12.5`,
    ]);
  });

  it('D9: never mixes currencies, takes each at its own digits, and shows no figure that is not known', async () => {
    const metrics = createMetrics();
    showModel(metrics, aPosition({ money: [{ currency: 'USD', annualCost: 4100 }, { currency: 'JPY', annualCost: 4100 }, { currency: 'BHD', annualCost: 4100 }] }));
    expect(await samples(metrics, 'annual_cost')).toEqual([
      `saaslicense_annual_cost{${at},currency="USD"} 41`,
      `saaslicense_annual_cost{${at},currency="JPY"} 4100`,
      `saaslicense_annual_cost{${at},currency="BHD"} 4.1`,
    ]);
    for (const name of ['true_up_cost', 'over_licensed_cost', 'savings', 'savings_realised_to_date', 'cost_allocated']) expect(await samples(metrics, name)).toEqual([]);
  });

  it('C22: allocates the cost to teams and to cost centres', async () => {
    const metrics = createMetrics();
    const share = (annualCost: number) => ({ used: 1, unused: 0, costs: [{ currency: 'USD', annualCost }] });
    showModel(metrics, aPosition({ groups: { teams: [{ name: 'Payments', ...share(3_000_001) }, { name: '(not used)', ...share(1_920_000) }], costCenters: [{ name: '4711', ...share(4_920_001) }] } }));
    const allocated = (by: string, name: string, value: number) =>
      `saaslicense_cost_allocated{${at},by="${by}",name="${name}",currency="USD"} ${value}`;
    expect(await samples(metrics, 'cost_allocated')).toEqual([allocated('team', 'Payments', 30_000.01), allocated('team', '(not used)', 19_200), allocated('cost_center', '4711', 49_200.01)]);
  });

  it('C22, guard 7: the shares add up to the cent whatever the teams are called, and no name shows an e-mail address', async () => {
    const teams = array(record({ name: constantFrom('A', 'B', 'jo@example.com', 'Sam.Rivera@example.org', '(none)'), annualCost: integer({ min: 0, max: 1_000_000_000 }) }), { maxLength: 25 });
    const read = async (lines: { name: string; annualCost: number }[]): Promise<{ cents: number; text: string }> => {
      const metrics = createMetrics();
      const groups = lines.map(({ name, annualCost }) => ({ name, used: 1, unused: 0, costs: [{ currency: 'USD', annualCost }] }));
      showModel(metrics, aPosition({ groups: { teams: groups } }));
      return { cents: (await values(metrics, 'cost_allocated')).reduce((total, value) => total + Math.round(value * 100), 0), text: await metrics.render() };
    };
    const cases: { name: string; annualCost: number }[][] = [];
    assert(property(teams, (lines) => void cases.push(lines)), { seed: 22, numRuns: 50 });
    for (const lines of cases) {
      const { cents, text } = await read(lines);
      expect(cents).toBe(lines.reduce((total, { annualCost }) => total + annualCost, 0));
      expect(text).not.toContain('@');
      expect(checkExposition(text)).toEqual([]);
    }
  });

  it('B3.31: every series goes with its object, what the position no longer says goes with it, and others stay', async () => {
    const metrics = createMetrics();
    showModel(metrics, aPosition());
    showModel(metrics, aPosition(), 'stakeholder');
    showModel(metrics, aPosition({ money: [], compliance: 'NoEntitlement' }));
    const unpriced = (await samples(metrics)).filter((line) => line.includes('model="business"'));
    expect(unpriced).toHaveLength(4 + 6 + 1);
    metrics.forgetSoftwareModel(business);
    const left = await samples(metrics);
    expect(left.length).toBeGreaterThan(11);
    expect(left.every((line) => line.includes('model="stakeholder"'))).toBe(true);
    showModel(metrics, undefined, 'stakeholder');
    expect(await samples(metrics)).toEqual([]);
  });

  it('guard 7: holds models to 50 a profile, and lets another in when one goes', async () => {
    const metrics = createMetrics();
    for (let index = 0; index < 60; index += 1) showModel(metrics, aPosition(), `model-${index}`);
    expect(await samples(metrics, 'compliant')).toHaveLength(50);
    metrics.forgetSoftwareModel({ namespace: 'team-a', name: 'model-3' });
    const shown = await samples(metrics, 'compliant');
    expect(shown).toHaveLength(50);
    expect(shown.some((line) => line.includes('"model-50"'))).toBe(true);
    expect(shown.some((line) => line.includes('"model-3"'))).toBe(false);
  });
});

describe('the sums of a profile', () => {
  it('S83, L25: show all its models, when it was reconciled, and what is not recognised', async () => {
    const metrics = createMetrics();
    const unknown = { identifier: 'PLIC9', roleGroup: 'Unknown', subscriptions: 3, reason: 'UnknownRole' };
    metrics.setProfilePosition(profile, aSum({ unrecognized: 3, unrecognizedIdentifiers: [unknown] }));
    expect(await samples(metrics)).toEqual(
      expect.arrayContaining([
        `saaslicense_profile_rights{${sum},state="owned"} 100`,
        `saaslicense_profile_rights{${sum},state="needed"} 0`,
        `saaslicense_profile_rights_used{${sum},use="stale"} 6`,
        `saaslicense_profile_annual_cost{${sum},currency="JPY"} 4100`,
        `saaslicense_models{${sum}} 2`,
        `saaslicense_reconciliation_timestamp_seconds{${sum}} ${Date.UTC(2026, 10, 24, 3) / 1000}`,
        `saaslicense_unrecognized_identifiers{${sum}} 1`,
        `saaslicense_unrecognized_subscriptions{${sum}} 3`,
      ]),
    );
  });

  it('L31: say of each product whether it is covered', async () => {
    const metrics = createMetrics();
    const product = (name: string, compliance: 'Compliant' | 'NonCompliant' | 'NoEntitlement') => ({ product: name, compliance, owned: 0, used: 0, needed: 0, available: 0 });
    metrics.setProfilePosition(profile, aSum({ products: [product('PagerDuty', 'NonCompliant'), product('AIOps', 'Compliant'), product('Free', 'NoEntitlement')] }));
    expect(await samples(metrics, 'product_compliant')).toEqual([
      `saaslicense_product_compliant{${sum},product="PagerDuty"} 0`,
      `saaslicense_product_compliant{${sum},product="AIOps"} 1`,
    ]);
    const alike = ['Compliant', 'NonCompliant', 'NoEntitlement'] as const;
    metrics.setProfilePosition(profile, aSum({ products: alike.map((compliance, index) => product(`for p${index}@example.com`, compliance)) }));
    expect(await samples(metrics, 'product_compliant')).toEqual([`saaslicense_product_compliant{${sum},product="for [email]"} 0`]);
  });

  it('a profile that was never reconciled shows no figures, not zeros, and one that is gone leaves none', async () => {
    const metrics = createMetrics();
    metrics.setProfilePosition(profile, undefined);
    expect(await samples(metrics)).toEqual([]);
    metrics.setProfilePosition(profile, aSum());
    metrics.setProfilePosition({ ...profile, name: 'other' }, aSum());
    metrics.setProfilePosition(profile, undefined);
    const left = await samples(metrics);
    expect(left.length).toBeGreaterThan(10);
    expect(left.every((line) => line.includes('profile="other"'))).toBe(true);
  });
});

describe('the exposition of a position', () => {
  it('is well formed with every metric in use, and no label says more than it may', async () => {
    const metrics = createMetrics();
    const share = { name: 'a "b" \\ c\nd', used: 1, unused: 0, costs: [{ currency: 'USD', annualCost: 1 }] };
    showModel(metrics, aPosition({ seatsAvailable: 7, groups: { teams: [share], costCenters: [share] } }));
    metrics.setProfilePosition(profile, aSum({ money: aPosition().money, products: [{ product: 'PagerDuty', compliance: 'Compliant', owned: 1, used: 1, needed: 0, available: 0 }] }));
    const { spec } = anEntitlement({ spec: { endDate: '2027-02-28' } });
    const status = { state: 'Active', annualCost: { amountMinor: 1, currency: 'USD' }, suggestedRights: 1 } as const;
    metrics.setEntitlement({ namespace: 'team-a', name: 'business-2026' }, { model: 'business', spec, status, renewalDue: false });
    const text = await metrics.render();
    expect(checkExposition(text)).toEqual([]);
    // Those of rules have a test of their own.
    const position = metrics.describe().filter(({ labels }) => !labels.includes('rule') && ['model', 'entitlement', 'product', 'currency'].some((label) => labels.includes(label)));
    expect(position.length).toBeGreaterThan(15);
    const allowed = ['namespace', 'profile', 'model', 'entitlement', 'product', 'currency', 'kind', 'use', 'state', 'by', 'name'];
    expect(position.flatMap(({ labels }) => labels).filter((label) => !allowed.includes(label))).toEqual([]);
    for (const { name } of position) expect(text, name).toContain(`\n${name}{`);
  });
});
