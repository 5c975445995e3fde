import { compact } from '../../api/compact.ts';
import type { IntegrationProfile, IntegrationProfileStatus } from '../../api/integration-profile.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import type { SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import type { NamespaceFacts, ProfileFacts } from '../../licensing/position/build-workbench.ts';
import type { Contract, PositionInput, Seat } from '../../licensing/position/facts.ts';
import { readPositionInput } from '../../licensing/position/read-objects.ts';
import { storedAs } from './note-runs.ts';
import type { RecordedCandidate, RecordedContract, RecordedExclusion, RecordedModel, RecordedProfile, RecordedSeat, Snapshot } from './snapshot-schema.ts';

/**
 * The facts that the position at a time is made from. What depends on the time, such as which exclusions are in force and
 * whether the evidence is too old to judge anybody, is decided here and by the code that decides it for the operator.
 * People and their activity are those of the recorded data, whatever the time.
 * @param now milliseconds since the epoch.
 */
export function factsOf(snapshot: Snapshot, now: number): NamespaceFacts {
  return {
    namespace: snapshot.namespace,
    now,
    profiles: snapshot.profiles.map((profile) => profileFacts(profile, snapshot, now)),
    contracts: snapshot.contracts.map(toContract),
    candidates: snapshot.candidates.map(toListed),
  };
}

function profileFacts(profile: RecordedProfile, snapshot: Snapshot, now: number): ProfileFacts {
  const models = snapshot.models.filter((model) => model.profile === profile.name);
  return {
    input: toInput(profile, models, { snapshot, now }),
    seats: profile.seats.map(toSeat),
    displayName: profile.displayName,
    publishers: new Map(models.map(({ name, publisher }) => [name, publisher])),
    ...compact({ refreshedAt: profile.lastRefreshTime, storedAs: storedAs(profile) }),
  };
}

function toInput(profile: RecordedProfile, models: readonly RecordedModel[], { snapshot, now }: { readonly snapshot: Snapshot; readonly now: number }): PositionInput {
  const objects = {
    profile: toProfile(profile),
    signals: profile.signals,
    models: models.map(toModel),
    entitlements: [],
    exclusions: snapshot.exclusions.map(toExclusion),
    rules: [],
    candidates: [],
  };
  const input = readPositionInput(objects, now);
  const thresholds = new Map(models.map(({ name, thresholdDays }) => [name, thresholdDays]));
  const closed = snapshot.candidates.filter((one) => one.profile === profile.name && one.state === 'ClosedComplete' && one.closedAt !== undefined);
  const freed = closed.map(({ name, identifier, closedAt = '' }) => ({ candidate: name, identifier, freedAt: Date.parse(closedAt) }));
  return {
    ...input,
    models: input.models.map((model) => ({ ...model, thresholdDays: thresholds.get(model.name) ?? model.thresholdDays })),
    contracts: snapshot.contracts.filter((contract) => thresholds.has(contract.model)).map(toContract),
    // What was freed later than the time that is asked for was not freed then.
    freed: freed.filter(({ freedAt }) => freedAt <= now),
  };
}

export function toProfile(profile: RecordedProfile): IntegrationProfile {
  const { name, type, displayName, downloadActivity, activitySignals, teamPrecedence, refresh } = profile;
  return {
    metadata: { name },
    spec: {
      type,
      displayName,
      downloadActivity,
      activitySignals,
      connectionAliasRef: { name },
      downloadSubscriptions: true,
      reclaimSubscriptions: false,
      reclaimLimits: { maxPerDay: 1, maxPercentPerDay: 1 },
      publish: false,
      publicationPolicy: 'Confirm',
      suspend: true,
      maxLookBackDays: 60,
      ...(teamPrecedence === undefined ? {} : { reconciliation: { periodHours: 1, teamPrecedence } }),
    },
    ...(refresh === undefined ? {} : { status: { refresh: toRefresh(refresh) } }),
  };
}

function toRefresh({ subscriptions, activity }: NonNullable<RecordedProfile['refresh']>): NonNullable<IntegrationProfileStatus['refresh']> {
  const run = {
    result: 'Succeeded',
    reason: 'Recorded',
    message: '',
    startTime: '',
    completionTime: '',
    durationSeconds: 0,
    vendorRequests: 0,
    apiWrites: 0,
    created: 0,
    updated: 0,
    deleted: 0,
  } as const;
  return compact({
    subscriptions: subscriptions && { ...run, ...compact(subscriptions) },
    activity: activity && { ...run, ...compact(activity) },
  });
}

export function toModel(model: RecordedModel): SoftwareModel {
  const { name, profile, publisher, product, edition, identifiers, roleGroup, unitPrice, monthlyPeaks } = model;
  return {
    metadata: { name },
    spec: { profileRef: { name: profile }, publisher, product, subscriptionIdentifiers: identifiers, roleGroup, ...compact({ edition, unitPrice }) },
    ...(monthlyPeaks === undefined ? {} : { status: { monthlyPeaks } }),
  };
}

function toContract({ renewal, end, costCenter, ...rest }: RecordedContract): Contract {
  return { ...rest, ...compact({ renewal, end, costCenter }) };
}

export function toExclusion({ name, person, licence, until }: RecordedExclusion): SubscriptionExclusion {
  const user = person === undefined ? undefined : { userPrincipalName: person, kind: 'Person' as const };
  return { metadata: { name }, spec: { reason: 'Recorded', ...compact({ user, subscription: licence, until }) } };
}

/** What the workbench lists of a candidate. */
function toListed({ name, profile, person, identifier, action, state, inactiveDays, openedAt }: RecordedCandidate): NamespaceFacts['candidates'][number] {
  return { name, profile, identifier, action, state, ...compact({ person, inactiveDays, openedAt }) };
}

/** A seat as the position counts it. */
export function toSeat({ subject: _subject, aliases = [], teams = [], pending, assignedAt, firstSeen, personSince, lastActivity, evidenceFrom, ...rest }: RecordedSeat): Seat {
  return {
    ...compact(rest),
    aliases,
    teams,
    pending: pending === true,
    ...compact({ assignedAt: toMs(assignedAt), firstSeen: toMs(firstSeen), personSince: toMs(personSince), lastActivity: toMs(lastActivity), evidenceFrom: toMs(evidenceFrom) }),
  };
}

export function toMs(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}
