import { sha256 } from '../api/sha256.ts';
import { formatMoney } from '../licensing/position/amounts.ts';
import { buildWorkbench, timeText } from '../licensing/position/build-workbench.ts';
import { compareRenewals, type RenewalComparison } from '../licensing/position/compare-renewals.ts';
import { compareWorkbenches, judgeEvidence, type Comparison } from '../licensing/position/compare.ts';
import { applyScenario, type Scenario } from '../licensing/position/scenario.ts';
import { canonicalText } from '../licensing/hash.ts';
import { noteMixed, noteUnseen } from './position/note-runs.ts';
import { factsOf } from './position/snapshot-facts.ts';
import { withoutNames } from './position/record-snapshot.ts';
import type { Snapshot } from './position/snapshot-schema.ts';

/** What `saaslicense plan` shows; with `-o json` as it is. Money is minor units. */
export interface PlanDocument {
  readonly apiVersion: 'plan.saaslicense.dev/v1';
  readonly namespace: string;
  /** RFC 3339, when the figures are of. */
  readonly at: string;
  /** The changes, as sentences; empty = the position as it is. */
  readonly changes: readonly string[];
  readonly comparisons: readonly Comparison[];
  readonly renewals: readonly RenewalComparison[];
  /** What the figures cannot tell, and why. */
  readonly notes: readonly string[];
  /** Of the recorded data, the changes and the result: equal hashes are equal plans. */
  readonly hash: string;
}

/**
 * The position as it is and as it would be: a pure function of the recorded data, the changes and the time.
 * @param at milliseconds since the epoch.
 * @throws OperatorError InvalidChange (Terminal).
 */
export function buildPlan(snapshot: Snapshot, scenario: Scenario, at: number): PlanDocument {
  const now = factsOf(withoutNames(snapshot), at);
  const profiles = now.profiles.map(({ input, ...profile }) => ({ ...profile, name: input.profile.name }));
  const planned = applyScenario(now, scenario);
  const plan = {
    apiVersion: 'plan.saaslicense.dev/v1' as const,
    namespace: snapshot.namespace,
    at: timeText(at),
    changes: describeScenario(scenario),
    comparisons: compareWorkbenches(buildWorkbench(now), buildWorkbench(planned)),
    renewals: compareRenewals(now, planned, scenario.renewals),
    notes: [...judgeEvidence(planned), ...findLost(scenario, now.profiles.flatMap(({ input }) => input.models.map(({ name }) => name)))],
  };
  // What was seen of refreshes depends on the rights of who looks, and changes no figure.
  return { ...plan, notes: [...noteMixed(profiles), ...plan.notes, ...noteUnseen(profiles)], hash: hashOf({ snapshot, scenario, plan }) };
}

/** The time at which it was recorded, the names of people and whether a refresh was running change no figure. */
function hashOf({ snapshot, scenario, plan }: { readonly snapshot: Snapshot; readonly scenario: Scenario; readonly plan: Omit<PlanDocument, 'hash'> }): string {
  const { at: _at, profiles, ...rest } = withoutNames(snapshot);
  const recorded = { ...rest, profiles: profiles.map(({ refreshing: _refreshing, ...profile }) => profile) };
  const { thresholds, prices, commitments, ...changes } = scenario;
  const wished = { ...changes, thresholds: [...thresholds], prices: [...prices], commitments: [...commitments] };
  return `sha256:${sha256(canonicalText({ recorded, wished, plan }))}`;
}

function describeScenario({ thresholdDays, thresholds, prices, commitments, renewals, contracts }: Scenario): string[] {
  return [
    ...contracts.map(({ name, model, rights, price, start, end }) => `entitlement ${name}: ${rights} rights of ${model} at ${formatMoney(price)} a ${price.period.toLowerCase()}, ${start} to ${end ?? 'no end'}`),
    ...[...prices].map(([model, { amount, period }]) => `price of ${model}: ${amount}${period === undefined ? '' : ` a ${period.toLowerCase()}`}`),
    ...[...commitments].map(([model, rights]) => `rights of ${model}: ${rights} in all`),
    ...renewals.map(({ entitlement, end, rights, amount }) => {
      const parts = [rights === undefined ? [] : [`${rights} rights`], amount === undefined ? [] : [`a price of ${amount}`]].flat();
      return `entitlement ${entitlement}: ends on ${end}, renewed for a year${parts.length === 0 ? '' : ` with ${parts.join(' and ')}`}`;
    }),
    ...(thresholdDays === undefined ? [] : [`threshold of every model: ${thresholdDays} days`]),
    ...[...thresholds].map(([model, days]) => `threshold of ${model}: ${days} days`),
  ];
}

/** Entitlements of models that are not there count nowhere; that must not pass unnoticed. */
function findLost({ contracts }: Scenario, models: readonly string[]): string[] {
  return contracts.flatMap(({ name, model }) => (models.includes(model) ? [] : [`Entitlement ${name}: there is no SoftwareModel ${model} in what was read, so it counts nowhere.`]));
}
