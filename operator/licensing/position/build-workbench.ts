import { compact } from '../../api/compact.ts';
import { annualAmount, toMinor } from './amounts.ts';
import { dayOf } from './calendar.ts';
import { stateOf } from './contracts.ts';
import type { Contract, PositionInput, ProfileReport, Seat } from './facts.ts';
import { sumGroups } from './groups.ts';
import { sumCounts } from './persons.ts';
import { adviseRenewal, describeRenewal } from './renewal.ts';
import { sumProfiles } from './sums.ts';
import { createPositionTally } from './tally.ts';
import type { StoredAs, TrendPoint, Workbench, WorkbenchCandidate, WorkbenchContract, WorkbenchModel, WorkbenchProfile } from './workbench.ts';

/** A profile, with all that its position is made from. */
export interface ProfileFacts {
  readonly input: PositionInput;
  readonly seats: readonly Seat[];
  readonly displayName: string;
  /** Publisher of each model, by the name of the model. */
  readonly publishers: ReadonlyMap<string, string>;
  /** When subscriptions were last refreshed. */
  readonly refreshedAt?: string;
  readonly storedAs?: StoredAs;
}

/** All that the workbench of a namespace is made from. */
export interface NamespaceFacts {
  readonly namespace: string;
  /** Milliseconds since the epoch; the same as in each profile's input. */
  readonly now: number;
  readonly profiles: readonly ProfileFacts[];
  /** Of all profiles, and those whose model is not there: they count nowhere. */
  readonly contracts: readonly Contract[];
  /** Open and closed ones. */
  readonly candidates: readonly WorkbenchCandidate[];
}

/**
 * Everything that the workbench shows (S83), from the same calculation as the reconciliation.
 * @param trend figures of earlier times, in any order; the present ones are added.
 */
export function buildWorkbench(facts: NamespaceFacts, trend: readonly TrendPoint[] = []): Workbench {
  const reports = facts.profiles.map((profile) => ({ profile, report: reportOn(profile) }));
  const sum = sumProfiles(reports.map(({ report }) => report.position));
  const present = { at: timeText(facts.now), sum };
  return {
    namespace: facts.namespace,
    at: present.at,
    profiles: reports.map(({ profile, report }) => showProfile(profile, report)).toSorted(byName),
    contracts: facts.contracts.map((contract) => showContract(contract, facts)).toSorted(byName),
    candidates: facts.candidates.filter(({ state }) => !state.startsWith('Closed')).map((candidate) => markStuck(candidate, facts.now)).toSorted(byName),
    sum,
    groups: sumGroups(reports.flatMap(({ report }) => report.models.map(({ groups }) => groups))),
    trend: [...trend.toSorted((a, b) => (a.at < b.at ? -1 : 1)), toTrendPoint(present)],
  };
}

/** The figures of a workbench, for the trend of a later one. */
export function toTrendPoint({ at, sum }: Pick<Workbench, 'at' | 'sum'>): TrendPoint {
  return { at, counts: sumCounts([sum]), money: sum.money };
}

/** Time as the workbench tells it: UTC, whole seconds. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

function reportOn({ input, seats }: ProfileFacts): ProfileReport {
  const tally = createPositionTally(input);
  for (const seat of seats) tally.add(seat);
  return tally.finish();
}

function showProfile({ input, displayName, publishers, refreshedAt, storedAs }: ProfileFacts, { models, position, unrecognized }: ProfileReport): WorkbenchProfile {
  const facts = new Map(input.models.map((model) => [model.name, model]));
  return {
    name: input.profile.name,
    displayName,
    type: input.profile.type,
    report: { position, unrecognized },
    models: models.map((model): WorkbenchModel => {
      const { product = '', edition, identifiers = [] } = facts.get(model.model) ?? {};
      return { ...model, publisher: publishers.get(model.model) ?? '', product, identifiers, ...(edition === undefined ? {} : { edition }) };
    }),
    ...compact({ refreshedAt, storedAs }),
  };
}

function showContract(contract: Contract, { profiles, contracts, now }: NamespaceFacts): WorkbenchContract {
  const today = dayOf(now);
  const models = profiles.flatMap(({ input }) => input.models);
  const peaks = models.find(({ name }) => name === contract.model)?.monthlyPeaks ?? [];
  const { isDue, suggestedRights: peak, ...renewal } = describeRenewal(contract, peaks, today);
  const { suggestedRights, renewedBy } = adviseRenewal(contract, contracts, peak);
  return {
    ...contract,
    ...renewal,
    state: stateOf(contract, today),
    annualCostMinor: toMinor(annualAmount(contract.price, contract.rights)),
    renewalDue: isDue && renewedBy === undefined,
    ...compact({ suggestedRights, renewedBy }),
  };
}

/** A revocation that has not come within 60 days will not come by itself (L36). */
function markStuck(candidate: WorkbenchCandidate, now: number): WorkbenchCandidate {
  const days = Math.floor((now - Date.parse(candidate.openedAt ?? '')) / 86_400_000);
  return candidate.state === 'AwaitingRevocation' && days >= 60 ? { ...candidate, stuckDays: days } : candidate;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
