import type { PositionGroup } from '../../operator/api/license-position.ts';
import type { Workbench } from '../../operator/licensing/position/workbench.ts';
import { aTrendPoint, aWorkbench, aWorkbenchCandidate, aWorkbenchContract, aWorkbenchModel, aWorkbenchProfile } from './workbench-fixtures.ts';

const group = (name: string, used: number, unused: number, ...costs: [currency: string, annualCost: number][]): PositionGroup => ({
  name,
  used,
  unused,
  costs: costs.map(([currency, annualCost]) => ({ currency, annualCost })),
});

/** Two accounts in two currencies, of which one lacks rights: a bit of everything that the workbench shows. */
export function aFullWorkbench(over: Partial<Workbench> = {}): Workbench {
  const professional = aWorkbenchModel({
    name: 'pagerduty-professional',
    edition: 'Professional',
    owned: 120,
    active: 74,
    stale: 13,
    neverUsed: 5,
    pending: 3,
    recent: 4,
    unknown: 2,
    excluded: 2,
    freed: { realised: 98_400, atRenewal: 196_800, forgone: 49_200, toDate: 31_200 },
    options: [
      { action: 'Reclaim', quantity: 21, resolves: false, money: { currency: 'USD', amountMinor: 1_033_200 } },
      { action: 'ReduceAtRenewal', quantity: 38, resolves: false, money: { currency: 'USD', amountMinor: 1_869_600 } },
    ],
  });
  const stakeholder = aWorkbenchModel({
    name: 'pagerduty-stakeholder',
    edition: 'Stakeholder',
    identifiers: ['PZ81S8K', 'PQ2J1XX'],
    owned: 40,
    active: 31,
    stale: 8,
    recent: 6,
    yearlyPrice: 9_600,
    options: [
      { action: 'PurchaseRights', quantity: 5, resolves: true, money: { currency: 'USD', amountMinor: 48_000 } },
      { action: 'Reclaim', quantity: 8, resolves: true, money: { currency: 'USD', amountMinor: 76_800 } },
    ],
  });
  const europe = aWorkbenchModel({ name: 'europe-business', edition: 'Business', identifiers: ['PB00001'], owned: 25, active: 19, stale: 2, unknown: 1, yearlyPrice: 50_400, currency: 'EUR' });
  const trial = aWorkbenchModel({ name: 'europe-aiops', product: 'PagerDuty AIOps', edition: 'AIOps', identifiers: ['PA10PS1'], active: 3, neverUsed: 1, yearlyPrice: 0 });
  const profiles = [
    aWorkbenchProfile({
      name: 'acme',
      displayName: 'PagerDuty Integration',
      models: [professional, stakeholder],
      refreshedAt: '2026-11-24T05:30:00Z',
      unrecognized: [{ identifier: 'PNEW001', name: 'Incident Workflows', roleGroup: 'Unknown', subscriptions: 4, reason: 'UnknownRole' }],
    }),
    aWorkbenchProfile({ name: 'acme-eu', displayName: 'PagerDuty Europe', models: [europe, trial] }),
  ];
  return { ...aWorkbench({ profiles }), ...fullLists, ...over };
}

const fullLists: Pick<Workbench, 'contracts' | 'candidates' | 'groups' | 'trend'> = {
  contracts: [
    aWorkbenchContract({ rights: 120, costCenter: 'CC-100', end: '2026-12-31', renewal: { noticeDays: 90, bufferPercent: 10 }, noticeDate: '2026-10-02', renewalDue: true, daysToRenewal: 37, suggestedRights: 82 }),
    aWorkbenchContract({
      name: 'stakeholders-2026',
      model: 'pagerduty-stakeholder',
      rights: 40,
      price: { amountMinor: 800, currency: 'USD', period: 'Month' },
      billing: 'MonthlyPeak',
      costCenter: 'CC-100',
      end: '2027-03-31',
      renewal: { noticeDays: 30, bufferPercent: 10 },
      noticeDate: '2027-03-01',
      daysToRenewal: 127,
    }),
    aWorkbenchContract({
      name: 'europe-2026',
      model: 'europe-business',
      rights: 25,
      price: { amountMinor: 50_400, currency: 'EUR', period: 'Year' },
      costCenter: 'CC-200',
      start: '2026-11-15',
      end: '2027-11-14',
    }),
    aWorkbenchContract({ name: 'pagerduty-2025', start: '2025-01-01', end: '2025-12-31', state: 'Expired' }),
  ],
  candidates: [
    aWorkbenchCandidate(),
    aWorkbenchCandidate({ name: 'candidate-2', state: 'Under Review', inactiveDays: 61, action: 'Downgrade' }),
    aWorkbenchCandidate({ name: 'candidate-3', profile: 'acme-eu', identifier: 'PB00001' }),
  ],
  groups: {
    teams: [
      group('Platform', 58, 6, ['EUR', 504_000], ['USD', 2_361_600]),
      group('Payments', 41, 9, ['USD', 1_918_800]),
      group('Search', 33, 8, ['EUR', 604_800], ['USD', 1_131_600]),
      group('(none)', 40, 9, ['EUR', 0], ['USD', 432_000]),
      group('(not used)', 0, 0, ['EUR', 151_200], ['USD', 444_000]),
    ],
    costCenters: [
      { ...group('CC-100', 146, 29, ['USD', 6_288_000]), owned: 160 },
      { ...group('CC-200', 22, 2, ['EUR', 1_260_000]), owned: 25 },
      { ...group('(none)', 4, 1), owned: 0 },
    ],
    roles: [group('user', 101, 18, ['USD', 4_969_200]), group('admin', 12, 0, ['EUR', 100_800], ['USD', 886_800]), group('read_only_user', 59, 14, ['EUR', 1_159_200], ['USD', 432_000])],
  },
  trend: [
    aTrendPoint('2026-07-27T06:00:00Z', { owned: 160, active: 102, stale: 41, neverUsed: 12, pending: 6 }),
    aTrendPoint('2026-08-24T06:00:00Z', { owned: 160, active: 108, stale: 44, neverUsed: 12, pending: 6 }),
    aTrendPoint('2026-09-28T06:00:00Z', { owned: 160, active: 115, stale: 33, neverUsed: 9, pending: 5 }),
    aTrendPoint('2026-10-26T06:00:00Z', { owned: 160, active: 121, stale: 28, neverUsed: 8, pending: 4 }),
    aTrendPoint('2026-11-24T06:00:00Z', { owned: 185, active: 127, stale: 23, neverUsed: 6, pending: 3, recent: 10, unknown: 3 }),
  ],
};

const script = '<script>alert(1)</script>';
const image = '"><img src=x onerror=alert(1)>';
const turned = 'invoice\u{202E}fdp.exe';
const endless = 'x'.repeat(200);
const chinese = '平台工程团队'.repeat(6);
const arabic = 'فريق المنصة';

/** The same with names that mean harm, or no harm but trouble. */
export function aHostileWorkbench(): Workbench {
  const names = [script, image, turned, endless, chinese, arabic, "O'Brien & Söhne", '=HYPERLINK("x")', '${constructor}', 'null\u{0}byte\u{1B}[31mred', '\u{D800}alone'];
  const models = names.map((name, index) =>
    aWorkbenchModel({ name: `model-${String(index)}`, publisher: name, product: name, edition: name, identifiers: [name], owned: 10, active: 9, stale: 3, options: [{ action: 'PurchaseRights', quantity: 2, resolves: true }] }),
  );
  const groups = names.map((name) => ({ ...group(name, 12, 3, ['USD', 590_400]), owned: 10 }));
  return aWorkbench({
    namespace: 'saas-licenses',
    profiles: [
      aWorkbenchProfile({
        name: 'acme',
        displayName: image,
        models,
        unrecognized: names.map((name) => ({ identifier: name, name, roleGroup: name, subscriptions: 1, reason: 'UnknownRole' })),
      }),
    ],
    contracts: names.map((name, index) => aWorkbenchContract({ name: `contract-${String(index)}`, model: `model-${String(index)}`, costCenter: name, renewalDue: true, noticeDate: '2026-10-02', daysToRenewal: 37 })),
    candidates: names.map((name, index) => aWorkbenchCandidate({ name: `candidate-${String(index)}`, person: name, identifier: name, state: name })),
    groups: { teams: groups, costCenters: groups, roles: groups },
    trend: [aTrendPoint('2026-10-26T06:00:00Z', { owned: 1, active: 1 }), aTrendPoint('2026-11-24T06:00:00Z', { owned: 110, active: 99, stale: 33 })],
  });
}

/** Nothing there yet: a namespace without a profile. */
export function anEmptyWorkbench(): Workbench {
  return aWorkbench({ profiles: [] });
}
