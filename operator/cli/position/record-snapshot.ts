import { compact } from '../../api/compact.ts';
import type { IntegrationProfile, RefreshResult } from '../../api/integration-profile.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { roleGroups } from '../../api/software-subscription.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import type { SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import type { SignalName } from '../../licensing/activity-signals.ts';
import type { ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { hideAddresses } from '../../licensing/text.ts';
import { modelsOf, thresholdOf, toContract } from '../../licensing/position/read-objects.ts';
import type { NamespaceObjects } from './cluster-reader.ts';
import { createPseudonyms, mapTexts, numbered, type Pseudonyms } from './pseudonyms.ts';
import { recordJudging, recordRules, recordSubject } from './record-rules.ts';
import { recordRuns, type RecordedRuns } from './record-runs.ts';
import { byName, byText, normalTime, timeText, toTime } from './snapshot-fields.ts';
import { snapshotVersion, type RecordedCandidate, type RecordedExclusion, type RecordedModel, type RecordedProfile, type RecordedSeat, type Snapshot } from './snapshot-schema.ts';

type Signals = readonly Pick<SignalName, 'name' | 'sees'>[];

export interface RecordOptions {
  /** When it was read, in milliseconds. */
  readonly at: number;
  readonly namespace: string;
  /** Whether candidates tell the name of their person. Addresses are recorded in no case. */
  readonly withPeople: boolean;
  /** Every signal of the provider of a type (T3). */
  readonly signalsOf: (type: string) => Signals;
}

/**
 * What was read, as recorded data: the same whatever the order in which the objects came. People are pseudonyms; the
 * position made from it is the one made from the objects.
 */
export function recordSnapshot(objects: NamespaceObjects, options: RecordOptions): Snapshot {
  const pseudonyms = createPseudonyms();
  const profiles = recordProfiles(objects, options, pseudonyms);
  const models = objects.profiles.flatMap(({ profile }) => modelsOf(profile, objects.models)).map((model) => recordModel(model, objects));
  const contracts = objects.entitlements.map(toContract).map(toRecorded).toSorted(byName);
  const exclusions = recordExclusions(objects.exclusions, pseudonyms);
  const rules = recordRules(objects, pseudonyms);
  const candidates = objects.candidates.filter((one) => isOf(one, profiles)).toSorted((a, b) => byText(a.metadata.name, b.metadata.name));
  const facts = {
    profiles,
    models: models.toSorted(byName),
    contracts,
    exclusions,
    candidates: candidates.map((candidate) => recordCandidate(candidate, pseudonyms)),
    rules,
  };
  const named = new Map(objects.candidates.map(({ metadata, spec }) => [metadata.name, spec.subject.displayName]));
  const scrubbed = mapTexts(facts, (text) => pseudonyms.within(text));
  return {
    apiVersion: snapshotVersion,
    at: toTime(options.at),
    namespace: options.namespace,
    people: options.withPeople ? 'Names' : 'Pseudonyms',
    counts: countsOf(scrubbed),
    ...scrubbed,
    candidates: options.withPeople ? scrubbed.candidates.map((one) => ({ ...one, ...compact({ person: named.get(one.name) }) })) : scrubbed.candidates,
  };
}

/** How much of each is in the recorded data: a file that was cut or edited contradicts it. */
export function countsOf({ profiles, models, contracts, exclusions, candidates, rules }: Omit<Snapshot, 'counts' | 'apiVersion' | 'at' | 'namespace' | 'people'>): Snapshot['counts'] {
  const seats = profiles.reduce((total, profile) => total + profile.seats.length, 0);
  return { profiles: profiles.length, models: models.length, contracts: contracts.length, exclusions: exclusions.length, candidates: candidates.length, seats, ...compact({ rules: rules?.length }) };
}

/**
 * The recorded data of one profile of it. People keep their pseudonyms, exclusions are for all profiles, and entitlements of
 * other profiles go.
 */
export function onlyProfile(snapshot: Snapshot, name: string): Snapshot {
  const others = new Set(snapshot.models.filter((model) => model.profile !== name).map((model) => model.name));
  const rest = {
    profiles: snapshot.profiles.filter((profile) => profile.name === name),
    models: snapshot.models.filter((model) => model.profile === name),
    contracts: snapshot.contracts.filter(({ model }) => !others.has(model)),
    exclusions: snapshot.exclusions,
    candidates: snapshot.candidates.filter(({ profile }) => profile === name),
    ...compact({ rules: snapshot.rules?.filter(({ profile }) => profile === name) }),
  };
  return { ...snapshot, ...rest, counts: countsOf(rest) };
}

/** Recorded data without the names of people. */
export function withoutNames(snapshot: Snapshot): Snapshot {
  return { ...snapshot, people: 'Pseudonyms', candidates: snapshot.candidates.map(({ person: _person, ...rest }) => rest) };
}

/** Seats are numbered through all profiles, in the order of their names: which of two comes first stays. */
function recordProfiles(objects: NamespaceObjects, { signalsOf }: RecordOptions, pseudonyms: Pseudonyms): RecordedProfile[] {
  let number = 0;
  return objects.profiles
    .toSorted((a, b) => byText(a.profile.metadata.name, b.profile.metadata.name))
    .map(({ profile, seats }) => ({
      ...recordProfile(profile, signalsOf(profile.spec.type), recordRuns(profile, objects)),
      seats: seats.toSorted(byName).map((seat) => recordSeat(seat, numbered('seat', (number += 1)), pseudonyms)),
    }));
}

function recordProfile({ metadata, spec, status }: IntegrationProfile, signals: Signals, runs: RecordedRuns): Omit<RecordedProfile, 'seats'> {
  return {
    name: metadata.name,
    type: spec.type,
    displayName: spec.displayName,
    downloadActivity: spec.downloadActivity,
    activitySignals: spec.activitySignals.toSorted(byText),
    signals: signals.map(({ name, sees }) => ({ name, sees: roleGroups.filter((group) => sees.includes(group)) })).toSorted(byName),
    ...compact({
      state: status?.state,
      suspended: spec.suspend ? (true as const) : undefined,
      reclaimDisabled: spec.reclaimSubscriptions ? undefined : (true as const),
      teamPrecedence: spec.reconciliation?.teamPrecedence,
      lastRefreshTime: normalTime(status?.lastRefreshTime),
      refresh: recordRefresh(status, runs),
      refreshing: runs.refreshing,
    }),
  };
}

function recordRefresh(status: IntegrationProfile['status'], { halfWritten }: RecordedRuns): RecordedProfile['refresh'] {
  const { subscriptions, activity } = status?.refresh ?? {};
  if (subscriptions === undefined && activity === undefined) return undefined;
  const signals = activity?.signals
    ?.map(({ name, available, from, to }) => ({ name, available, ...compact({ from: normalTime(from), to: normalTime(to) }) }))
    .toSorted(byName);
  return compact({
    subscriptions: subscriptions && compact({
      ...recordRun(subscriptions),
      start: normalTime(subscriptions.startTime),
      halfWritten: halfWritten ? (true as const) : undefined,
      connection: subscriptions.connection,
      licenseCount: subscriptions.licenseCount,
      licenses: subscriptions.licenses,
    }),
    activity: activity && compact({ ...recordRun(activity), connection: activity.connection, signals }),
  });
}

function recordRun({ result, lastSuccessTime }: RefreshResult) {
  return { result, lastSuccess: normalTime(lastSuccessTime) };
}

function recordSeat(seat: ReclaimSeat, name: string, pseudonyms: Pseudonyms): RecordedSeat {
  const { identifier, edition, roleGroup, role, teams, aliases, activity } = seat;
  return {
    name,
    identifier,
    roleGroup,
    role: hideAddresses(role),
    person: pseudonyms.of(seat.person),
    subject: recordSubject(seat, pseudonyms),
    ...compact({
      edition,
      activity,
      aliases: aliases.length === 0 ? undefined : aliases.map((alias) => pseudonyms.of(alias)),
      teams: teams.length === 0 ? undefined : teams.map(hideAddresses),
      pending: seat.pending ? (true as const) : undefined,
      assignedAt: timeText(seat.assignedAt),
      firstSeen: timeText(seat.firstSeen),
      personSince: timeText(seat.personSince),
      lastActivity: timeText(seat.lastActivity),
      evidenceFrom: timeText(seat.evidenceFrom),
    }),
  };
}

function recordModel(model: SoftwareModel, { rules }: NamespaceObjects): RecordedModel {
  const { profileRef, publisher, product, edition, subscriptionIdentifiers, roleGroup, unitPrice } = model.spec;
  const peaks = model.status?.monthlyPeaks;
  return {
    name: model.metadata.name,
    profile: profileRef.name,
    publisher,
    product,
    identifiers: subscriptionIdentifiers.toSorted(byText),
    roleGroup,
    thresholdDays: thresholdOf(model, rules),
    ...compact({ edition, unitPrice, averagePrices: recordPrices(model), monthlyPeaks: peaks?.toSorted((a, b) => byText(a.month, b.month)) }),
  };
}

function recordPrices({ status }: SoftwareModel): RecordedModel['averagePrices'] {
  const known = (status?.position?.money ?? []).flatMap(({ currency, averageUnitCost }) => (averageUnitCost === undefined ? [] : [{ currency, amountMinor: averageUnitCost }]));
  return status?.position === undefined ? undefined : known.toSorted((a, b) => byText(a.currency, b.currency));
}

/** An exclusion may be named after its person; nothing needs its name. */
function recordExclusions(exclusions: readonly SubscriptionExclusion[], pseudonyms: Pseudonyms): RecordedExclusion[] {
  const kept = exclusions.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return kept
    .toSorted((a, b) => byText(a.metadata.name, b.metadata.name))
    .map(({ spec }, index) => {
      const person = spec.user === undefined ? undefined : pseudonyms.of(spec.user.userPrincipalName);
      return { name: numbered('exclusion', index + 1), ...compact({ person, licence: spec.subscription, until: normalTime(spec.until), kind: spec.user?.kind }) };
    });
}

function recordCandidate(candidate: RemovalCandidate, pseudonyms: Pseudonyms): RecordedCandidate {
  const { metadata, spec, status } = candidate;
  return {
    ...recordJudging(candidate, pseudonyms),
    name: metadata.name,
    profile: spec.subject.profileRef.name,
    identifier: spec.subject.subscriptionIdentifier,
    action: spec.subject.action,
    state: status?.state ?? 'Ready',
    ...compact({ inactiveDays: status?.evidence?.inactiveDays, openedAt: normalTime(status?.openedAt), closedAt: normalTime(status?.closedAt) }),
  };
}

function toRecorded(contract: ReturnType<typeof toContract>): Snapshot['contracts'][number] {
  const { price, renewal, ...rest } = contract;
  return { ...rest, price: { ...price }, ...(renewal === undefined ? {} : { renewal: { ...renewal } }) };
}

function isOf({ spec }: RemovalCandidate, profiles: readonly RecordedProfile[]): boolean {
  return profiles.some((profile) => profile.name === spec.subject.profileRef.name);
}
