import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { aNamespace, aSnapshot, namespaceNow } from '../../test/support/position-namespace.ts';
import type { Contract } from '../licensing/position/facts.ts';
import { toScenario } from './plan-command.ts';
import { buildPlan, type PlanDocument } from './plan-document.ts';
import { readPlanOptions } from './plan-options.ts';
import { renderPlanText } from './plan-text.ts';

const snapshot = aSnapshot(aNamespace(300));

/** The plan of a command line on recorded data. */
function plan(argv: readonly string[], contracts: readonly Contract[] = []): PlanDocument {
  const options = readPlanOptions(['--from', 'recorded', ...argv]);
  return buildPlan(snapshot, toScenario(options, contracts), options.at ?? namespaceNow);
}

const find = ({ comparisons }: PlanDocument, name: string) => comparisons.find((one) => one.name === name)!;

describe('saaslicense plan', () => {
  it('without a change says what the position is', () => {
    const document = plan([]);
    for (const { counts } of document.comparisons) expect(Object.values(counts).every(({ difference }) => difference === 0)).toBe(true);
    const text = renderPlanText(document);
    expect(text).toContain('POSITION');
    expect(text).not.toContain('PLANNED');
    expect(text).not.toContain('DIFFERENCE');
  });

  it('shows the figures that a change touches, and says of the others that it does not', () => {
    const text = renderPlanText(plan(['--price', 'pd-business=35.00']));
    expect(text).toContain(`Changes
  price of pd-business: 35.00

Model pd-business of profile pagerduty
  FIGURE `);
    expect(text).toMatch(/ {2}Annual cost +USD 19,680\.00 +USD 16,800\.00 +-USD 2,880\.00\n/);
    expect(text).toContain('\nModel emea-business of profile pagerduty-emea: no change\n');
    expect(text).toContain('\nProfile pagerduty-emea: no change\n');
    expect(text).toContain('\nNamespace team-a\n');
  });

  it('tells figures side by side for models, profiles and the namespace, and they add up', () => {
    const document = plan(['--threshold', '30', '--commit', 'emea-business=120', '--price', 'pd-business=35.00']);
    expect(document.comparisons.map(({ scope, name }) => `${scope} ${name}`)).toEqual([
      'Model pd-business',
      'Model pd-stakeholder',
      'Model emea-business',
      'Profile pagerduty',
      'Profile pagerduty-emea',
      'Namespace team-a',
    ]);
    const models = document.comparisons.filter(({ scope }) => scope === 'Model');
    const sumOf = (scopes: typeof models, read: (one: (typeof models)[number]) => number) => scopes.reduce((total, one) => total + read(one), 0);
    const whole = find(document, 'team-a');
    for (const side of ['now', 'planned', 'difference'] as const) {
      for (const figure of ['owned', 'used', 'unused', 'needed', 'available'] as const) expect(sumOf(models, ({ counts }) => counts[figure][side])).toBe(whole.counts[figure][side]);
      const euros = (one: (typeof models)[number]) => one.money.find(({ currency }) => currency === 'EUR')?.figures.annualCost?.[side] ?? 0;
      expect(sumOf(models, euros)).toBe(euros(whole));
    }
    // 40 rights at 41.00 and at 35.00 a month.
    expect(find(document, 'pd-business').money).toMatchObject([{ currency: 'USD', figures: { annualCost: { now: 1_968_000, planned: 1_680_000, difference: -288_000 } } }]);
    expect(find(document, 'emea-business').compliance).toEqual({ now: 'NonCompliant', planned: 'Compliant' });
  });

  it('L16, guard 6: a threshold that is longer than the evidence cannot judge, and the plan says so', () => {
    const document = plan(['--threshold', 'pd-business=120']);
    const { stale, unknown, unused, thresholdDays } = { ...find(document, 'pd-business').counts, thresholdDays: find(document, 'pd-business').thresholdDays };
    expect(thresholdDays).toEqual({ now: 60, planned: 120, difference: 60 });
    expect([stale.planned, unknown.now]).toEqual([0, 0]);
    expect(unknown.planned).toBeGreaterThan(0);
    expect(unused.planned).toBeLessThan(unused.now);
    expect(document.notes).toContain(
      'pd-business: the evidence of activity is 100 days long (2026-08-16 to 2026-11-24), shorter than the threshold of 120 days. It cannot tell who was inactive for so long; they count as unknown, not as unused.',
    );
    expect(plan(['--threshold', 'pd-business=100']).notes.join()).not.toContain('pd-business');
    expect(plan(['--threshold', 'pd-business=101']).notes.join()).toContain('pd-business');
  });

  it('says that nobody is judged where there is no evidence, or it is too old at the time that is asked for', () => {
    expect(plan([]).notes).toEqual([expect.stringContaining('pd-stakeholder: there is no complete evidence of the activity of Stakeholder people')]);
    const later = plan(['--at', '2026-12-24T12:00:00Z']);
    expect(later.notes).toHaveLength(3);
    expect(find(later, 'pd-business').counts.stale.now).toBe(0);
  });

  it('D6: a higher threshold never lists more unused', () => {
    const unusedAt = (days: number) => plan(['--threshold', String(days)]).comparisons.map(({ counts }) => counts.unused.planned);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 400 }), (one, other) => {
        const [lower, higher] = [unusedAt(Math.min(one, other)), unusedAt(Math.max(one, other))];
        for (const [index, unused] of higher.entries()) expect(unused).toBeLessThanOrEqual(lower[index]!);
      }),
      { numRuns: 60, seed: 7 },
    );
    // The property would hold of figures that never change, too.
    expect(unusedAt(10)[0]).toBeGreaterThan(unusedAt(90)[0]!);
  });

  it('tells what a renewal costs, and what is lost with an entitlement of an unknown model', () => {
    const document = plan(['--renewal', 'pd-business-2026=2026-12-31,rights=30,price=38.00']);
    expect(renderPlanText(document)).toContain(`Renewal of pd-business-2026, for pd-business
  TERM                    FROM         TO           RIGHTS             PRICE            COST
  Present term, now       2026-01-01   2026-12-31       40   USD 41.00/Month   USD 19,680.00
  Present term, planned   2026-01-01   2026-12-31       40   USD 41.00/Month   USD 19,680.00
  Next term               2027-01-01   2027-12-31       30   USD 38.00/Month   USD 13,680.00
  Difference of the present term: none
  Suggested rights for the next term, by the peak of people not known to be unused: 22
`);
    const contract: Contract = { name: 'x', model: 'nowhere', rights: 1, price: { amountMinor: 1, currency: 'USD', period: 'Month' }, billing: 'MonthlyPeak', start: '2026-01-01' };
    expect(plan([], [contract]).notes.join()).toContain('Entitlement x: there is no SoftwareModel nowhere in what was read, so it counts nowhere.');
  });

  it('S80: --at after the end of an entitlement shows what a renewal is for', () => {
    const document = plan(['--at', '2027-01-15T00:00:00Z', '--renewal', 'pd-business-2026=2026-12-31,rights=30']);
    expect(find(document, 'pd-business').counts.owned).toEqual({ now: 0, planned: 30, difference: 30 });
    // No price is known without a contract in force: that is not a price of 0.
    expect(find(document, 'pd-business').money[0]?.figures.averageUnitCost).toEqual({ planned: 49_200, difference: 49_200 });
  });
});

describe('guard 6: a plan of a profile that was being refreshed', () => {
  const changed = (refreshing: boolean | undefined) => ({ ...snapshot, profiles: snapshot.profiles.map(({ refreshing: _was, ...profile }) => ({ ...profile, ...(refreshing === undefined ? {} : { refreshing }) })) });
  const planOf = (refreshing: boolean | undefined) => buildPlan(changed(refreshing), toScenario(readPlanOptions(['--from', 'recorded'])), namespaceNow);

  it('says so first, and last that it could not be seen; neither is part of the hash, since it depends on who looks', () => {
    const [still, moving, unseen] = [planOf(false), planOf(true), planOf(undefined)];
    expect(moving.notes.slice(0, 2)).toEqual(['pagerduty', 'pagerduty-emea'].map((name) => expect.stringContaining(`Profile ${name}: A refresh of the subscriptions is running`) as string));
    expect(unseen.notes.at(-1)).toMatch(/^Whether a refresh of the subscriptions of pagerduty, pagerduty-emea was running could not be seen/);
    expect(unseen.notes.slice(0, -1)).toEqual(still.notes);
    expect(new Set([still.hash, moving.hash, unseen.hash]).size).toBe(1);
  });
});

describe('the plan hash', () => {
  it('is the same for the same data, changes and time, whenever it was recorded and whether or not names were', () => {
    const scenario = toScenario(readPlanOptions(['--threshold', '30']));
    const hash = buildPlan(aSnapshot(), scenario, namespaceNow).hash;
    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    const others = [aSnapshot(aNamespace(), { withPeople: true }), aSnapshot(aNamespace(), { at: namespaceNow + 3_600_000 })];
    for (const other of others) expect(buildPlan(other, scenario, namespaceNow).hash).toBe(hash);
  });

  it('is another one for other data, changes or time', () => {
    const hashes = [
      buildPlan(aSnapshot(), toScenario(readPlanOptions([])), namespaceNow),
      buildPlan(aSnapshot(aNamespace(61)), toScenario(readPlanOptions([])), namespaceNow),
      buildPlan(aSnapshot(), toScenario(readPlanOptions(['--threshold', '60'])), namespaceNow),
      buildPlan(aSnapshot(), toScenario(readPlanOptions(['--threshold', 'pd-business=60'])), namespaceNow),
      buildPlan(aSnapshot(), toScenario(readPlanOptions([])), namespaceNow + 1000),
    ].map(({ hash }) => hash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
