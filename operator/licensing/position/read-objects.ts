import type { IntegrationProfile, SignalResult } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareEntitlement } from '../../api/software-entitlement.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { roleGroups, type RoleGroup, type SoftwareSubscription } from '../../api/software-subscription.ts';
import type { SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import { compact } from '../../api/compact.ts';
import type { SignalName } from '../activity-signals.ts';
import { hideAddresses } from '../text.ts';
import type { Contract, ExclusionFacts, FreedRight, ListedLicence, ModelFacts, PositionInput, Seat, Watch } from './facts.ts';

/** Days without activity after which a right is stale where no rule says otherwise (L2). */
export const defaultThresholdDays = 60;

/** Evidence that is older than this many milliseconds judges nobody: seven days (guard 6). */
export const maxEvidenceAgeMs = 7 * 86_400_000;

/** The objects of one namespace that a profile's position is made from; those of other profiles are left aside. */
export interface PositionObjects {
  readonly profile: IntegrationProfile;
  /** Every signal of the provider, with the role groups that it sees (T3). */
  readonly signals: readonly Pick<SignalName, 'name' | 'sees'>[];
  /** All of the namespace. */
  readonly models: readonly SoftwareModel[];
  readonly entitlements: readonly SoftwareEntitlement[];
  readonly exclusions: readonly SubscriptionExclusion[];
  readonly rules: readonly ReclamationRule[];
  readonly candidates: readonly RemovalCandidate[];
}

/** What the position of the profile is made from, read from its objects; seats come one by one with `toSeat`. */
export function readPositionInput(objects: PositionObjects, now: number): PositionInput {
  const { profile, models, entitlements, exclusions, candidates } = objects;
  const own = modelsOf(profile, models);
  const names = new Set(own.map((model) => model.metadata.name));
  const licences = listedLicences(profile);
  return {
    now,
    profile: { name: profile.metadata.name, type: profile.spec.type, teamPrecedence: profile.spec.reconciliation?.teamPrecedence ?? [] },
    watches: readWatches(objects, now),
    models: own.map((model) => toModelFacts(model, objects)),
    takenNames: models.map(({ metadata }) => metadata.name).filter((name) => !names.has(name)).toSorted(),
    listed: licences.map(({ identifier, name, roleGroup }) => ({ identifier, name, roleGroup })),
    listedAll: listsAll(profile),
    contracts: entitlements.filter(({ metadata, spec }) => names.has(spec.modelRef.name) && metadata.deletionTimestamp === undefined).map(toContract).toSorted(byName),
    exclusions: exclusions.filter((one) => isInForce(one, now)).map(toExclusionFacts).toSorted(byName),
    freed: latestOf(candidates.flatMap((one) => freedOf(one, profile.metadata.name))),
  };
}

/** The models of a profile, by name. */
export function modelsOf(profile: IntegrationProfile, models: readonly SoftwareModel[]): SoftwareModel[] {
  const own = models.filter(({ metadata, spec }) => spec.profileRef.name === profile.metadata.name && metadata.deletionTimestamp === undefined);
  return own.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/**
 * A subscription as the figures are made from it. Whoever was handed the seat of somebody else has it since then: it is no older, was not
 * watched before, and what was seen before was the former person (guard 9).
 */
export function toSeat({ metadata, spec, status }: SoftwareSubscription): Seat {
  const personSince = toMs(spec.personSince);
  const addresses = [spec.resolvedEmail, spec.userPrincipalName].flatMap((address) => (address ? [address.toLowerCase()] : []));
  return {
    name: metadata.name,
    identifier: spec.subscriptionIdentifier,
    roleGroup: spec.roleGroup,
    role: hideAddresses(spec.role),
    person: addresses[0] ?? spec.externalUserId,
    aliases: addresses.slice(1).filter((address) => address !== addresses[0]),
    teams: (spec.teams ?? []).map(hideAddresses),
    pending: spec.invitationPending,
    ...compact({
      edition: spec.edition === undefined ? undefined : hideAddresses(spec.edition),
      personSince,
      firstSeen: notBefore(personSince, toMs(metadata.creationTimestamp)),
      assignedAt: notBefore(personSince, toMs(spec.assignedAt)),
      evidenceFrom: notBefore(personSince, toMs(status?.evidenceFrom)),
      ...activityOf(status, personSince),
    }),
  };
}

function activityOf(status: SoftwareSubscription['status'], personSince = -Infinity): Pick<Seat, 'lastActivity' | 'activity'> {
  const last = toMs(status?.lastActivity?.time);
  if (last !== undefined && last < personSince) return { activity: 'Never' };
  return compact({ activity: status?.activity, lastActivity: last });
}

function notBefore(earliest: number | undefined, time: number | undefined): number | undefined {
  return time === undefined || earliest === undefined ? time : Math.max(time, earliest);
}

/** A right bought, without what only Kubernetes needs. */
export function toContract({ metadata, spec }: SoftwareEntitlement): Contract {
  const { unitCost, period, renewal } = spec;
  return {
    name: metadata.name,
    model: spec.modelRef.name,
    rights: spec.purchasedRights,
    price: { amountMinor: unitCost.amountMinor, currency: unitCost.currency, period },
    billing: spec.billing,
    start: spec.startDate,
    ...compact({ end: spec.endDate, costCenter: spec.costCenter, renewal }),
  };
}

/** Whether the exclusion has an effect at this time. An end that cannot be read ends nothing: a person stays protected. */
export function isInForce({ metadata, spec }: SubscriptionExclusion, now: number): boolean {
  return metadata.deletionTimestamp === undefined && (spec.until === undefined || !(Date.parse(spec.until) <= now));
}

/**
 * Threshold of a model: of the rules that are limited to it, else of those for the whole profile, else 60 days (L2). Of
 * several the longest counts, so that nobody is called unused whom one of them calls active.
 */
export function thresholdOf(model: SoftwareModel, rules: readonly ReclamationRule[]): number {
  const ofProfile = rules.filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.profileRef.name === model.spec.profileRef.name);
  const own = ofProfile.filter(({ spec }) => spec.softwareModelRef?.name === model.metadata.name);
  const chosen = own.length > 0 ? own : ofProfile.filter(({ spec }) => spec.softwareModelRef === undefined);
  return chosen.length === 0 ? defaultThresholdDays : Math.max(...chosen.map(({ spec }) => spec.lastActivityThresholdDays));
}

/**
 * Since when and until when each role group has been watched without a gap by every enabled signal that sees it. None
 * where one of them never was complete, where activity is not downloaded, where the evidence is of another account
 * than the people, or where it is older than seven days (guard 6).
 */
function readWatches({ profile, signals }: PositionObjects, now: number): Map<RoleGroup, Watch> {
  const watches = new Map<RoleGroup, Watch>();
  const results = usableSignals(profile);
  const enabled = signals.filter(({ name }) => profile.spec.activitySignals.includes(name));
  for (const roleGroup of roleGroups) {
    const seeing = enabled.filter(({ sees }) => sees.includes(roleGroup)).map(({ name }) => name);
    const watch = seeing.length === 0 ? undefined : commonWatch(seeing, results, now);
    if (watch !== undefined) watches.set(roleGroup, watch);
  }
  return watches;
}

/** Results of the signals, when they are of the same account as the people; none when activity is not downloaded. */
export function usableSignals({ spec, status }: IntegrationProfile): readonly SignalResult[] {
  const { subscriptions, activity } = status?.refresh ?? {};
  if (!spec.downloadActivity || activity?.connection !== subscriptions?.connection) return [];
  return activity?.signals ?? [];
}

/** What all of these signals have watched; undefined when one of them has not, or when it is long ago. */
export function commonWatch(names: readonly string[], results: readonly SignalResult[], now: number): Watch | undefined {
  const windows = names.map((name) => results.find((result) => result.name === name));
  const from = Math.max(...windows.map((result) => toMs(result?.from) ?? Infinity));
  const to = Math.min(now, ...windows.map((result) => toMs(result?.to) ?? -Infinity));
  return from < to && to >= now - maxEvidenceAgeMs ? { from, to } : undefined;
}

function toModelFacts(model: SoftwareModel, { profile, rules }: PositionObjects): ModelFacts {
  const { product, edition, subscriptionIdentifiers, roleGroup, unitPrice } = model.spec;
  return {
    name: model.metadata.name,
    product,
    identifiers: subscriptionIdentifiers,
    roleGroup,
    thresholdDays: thresholdOf(model, rules),
    monthlyPeaks: model.status?.monthlyPeaks ?? [],
    ...compact({ edition, seats: seatsOf(profile, subscriptionIdentifiers) }),
    ...(unitPrice === undefined ? {} : { unitPrice }),
  };
}

function listsAll({ status }: IntegrationProfile): boolean {
  const { licenses = [], licenseCount = 0 } = status?.refresh?.subscriptions ?? {};
  return licenseCount <= licenses.length;
}

/** Licences that the vendor itself lists; an entry without its count was only found on people. */
function listedLicences({ status }: IntegrationProfile): (ListedLicence & { assigned: number; available?: number | undefined })[] {
  return (status?.refresh?.subscriptions?.licenses ?? []).flatMap(({ identifier, name, roleGroup, assigned, available }) =>
    assigned === undefined ? [] : [{ identifier, name: hideAddresses(name), roleGroup: toRoleGroup(roleGroup), assigned, available }],
  );
}

function seatsOf(profile: IntegrationProfile, identifiers: readonly string[]): ModelFacts['seats'] {
  const licences = listedLicences(profile).filter(({ identifier }) => identifiers.includes(identifier));
  if (licences.length === 0) return undefined;
  const assigned = sum(licences.map((licence) => licence.assigned));
  const limits = licences.map((licence) => licence.available).filter((available) => available !== undefined);
  return limits.length < licences.length ? { assigned } : { assigned, available: sum(limits) };
}

function toExclusionFacts({ metadata, spec }: SubscriptionExclusion): ExclusionFacts {
  const person = spec.user?.userPrincipalName.toLowerCase();
  return { name: metadata.name, ...compact({ person, licence: spec.subscription }) };
}

/** The right that a candidate has freed; none while it is open, or of another profile. */
export function freedOf({ metadata, spec, status }: RemovalCandidate, profileName: string): FreedRight[] {
  const { profileRef, subscriptionIdentifier, externalUserId } = spec.subject;
  const freedAt = toMs(status?.closedAt);
  if (profileRef.name !== profileName || status?.state !== 'ClosedComplete' || freedAt === undefined) return [];
  return [{ candidate: metadata.name, identifier: subscriptionIdentifier, person: externalUserId, freedAt }];
}

/** Of each person and licence the last one: who came back and was reclaimed again has freed one right, not two. */
export function latestOf(freed: readonly FreedRight[]): FreedRight[] {
  const latest = new Map<string, FreedRight>();
  for (const one of freed) {
    const key = JSON.stringify([one.identifier, one.person ?? one.candidate]);
    const before = latest.get(key);
    if (before === undefined || before.freedAt < one.freedAt) latest.set(key, one);
  }
  return [...latest.values()];
}

function toRoleGroup(text: string): RoleGroup {
  return roleGroups.find((group) => group === text) ?? 'Unknown';
}

export function toMs(time: string | undefined): number | undefined {
  const ms = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(ms) ? undefined : ms;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
