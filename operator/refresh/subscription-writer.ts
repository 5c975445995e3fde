import { apiVersion, labels, product } from '../api/group.ts';
import { conflict, OperatorError, terminal, toFailure } from '../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile } from '../api/integration-profile.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../api/software-subscription.ts';
import {
  differingFields,
  fingerprint,
  type SpecChanges,
  type StoredSubscription,
  type SubscriptionUpdate,
  type WantedSubscription,
} from '../licensing/subscription-difference.ts';
import { profileLabelValue } from '../licensing/subscription-name.ts';
import { isOwned } from '../licensing/subscription-owner.ts';
import type { Progress, RefreshDependencies } from './dependencies.ts';
import { profileGone, readProfile } from './gather.ts';
import { retryTransient } from './retry.ts';
import { isOfNamesake } from './stored-subscriptions.ts';

/** Field manager of what the subscriptions refresh writes. */
export const subscriptionsManager = 'saaslicense-refresh-subscriptions';
/** How often a subscription that somebody else keeps writing is read and compared again. */
const settleTries = 5;

type StoredReference = Pick<StoredSubscription, 'name' | 'uid' | 'resourceVersion'>;

/** Writes of one run; every one of them is safe to carry out twice, so a run may be killed anywhere. */
export interface SubscriptionWriter {
  create(wanted: WantedSubscription): Promise<void>;
  update(update: SubscriptionUpdate): Promise<void>;
  remove(stored: StoredReference): Promise<void>;
}

interface WriterContext {
  readonly profile: IntegrationProfile;
  /** When the pull began, RFC 3339. */
  readonly pulledAt: string;
  readonly dependencies: RefreshDependencies;
  readonly progress: Progress;
}

/**
 * New subscriptions are made by POST, which costs the API server a third less than a server-side apply.
 * Changed fields go by JSON merge patch with the resourceVersion as precondition: an apply after a POST
 * could not remove a field, as the two are different managers of it, and an apply of some fields would drop
 * the others (docs/decisions/0006-refresh-writes.md).
 */
export function createSubscriptionWriter(context: WriterContext): SubscriptionWriter {
  const { dependencies } = context;
  const attempt = (write: () => Promise<void>): Promise<void> => retryTransient(write, dependencies).catch(rethrowPurely);
  return {
    create: (wanted) => attempt(() => orSettle(postNew(wanted, context), wanted, context)),
    update: (update) => attempt(() => orSettle(patch(update.name, patchOf(update), context), update, context)),
    remove: (stored) => attempt(() => remove(stored, context)),
  };
}

/** Carries on with reading and comparing when somebody else, or this run's own lost request, wrote first. */
async function orSettle(first: Promise<void>, wanted: WantedSubscription, context: WriterContext): Promise<void> {
  try {
    await first;
  } catch (error) {
    if (!isConflict(error)) throw error;
    await settle(wanted, context);
  }
}

async function settle(wanted: WantedSubscription, context: WriterContext): Promise<void> {
  for (let tried = 0; tried < settleTries; tried += 1) {
    try {
      await settleOnce(wanted, context);
      return;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  throw conflict('A subscription was changed by others again and again while it was written.');
}

async function settleOnce(wanted: WantedSubscription, context: WriterContext): Promise<void> {
  const { client, signal } = context.dependencies;
  const key = keyOf(wanted.name, context.profile);
  const existing = await client.get<SoftwareSubscription>(softwareSubscriptionResource, key, { signal });
  if (existing === undefined) return postNew(wanted, context);
  if (!isOwned(existing, context.profile)) {
    await makeRoom(existing, context);
    return postNew(wanted, context);
  }
  const changes = differingFields(fingerprint(existing.spec), wanted.spec, context.pulledAt);
  const profileLabel = labelsOf(context.profile)[labels.profile];
  const isLabelled = existing.metadata.labels?.[labels.profile] === profileLabel;
  if (changes === undefined && isLabelled) return undefined;
  if (!isLabelled) return restore(existing, changes ?? {}, context);
  return patch(wanted.name, { metadata: { resourceVersion: existing.metadata.resourceVersion }, spec: changes }, context);
}

/**
 * Without the label the activity refreshes did not see it: whatever happened since was not recorded, so its evidence starts
 * anew (guard 6). The status goes first, so that a run killed in between finds the label missing again.
 */
async function restore(existing: SoftwareSubscription, changes: SpecChanges, context: WriterContext): Promise<void> {
  const { client, signal } = context.dependencies;
  const key = keyOf(existing.metadata.name, context.profile);
  let { resourceVersion } = existing.metadata;
  if (existing.status?.evidenceFrom !== undefined || existing.status?.activity === 'Never') {
    const activity = existing.status.activity === 'Never' ? { activity: 'Unknown' } : {};
    const body = { metadata: { resourceVersion }, status: { ...activity, evidenceFrom: null } };
    const options = { fieldManager: subscriptionsManager, subresource: 'status', signal } as const;
    const written = await client.mergePatch<SoftwareSubscription>(softwareSubscriptionResource, key, body, options);
    context.progress.apiWrites += 1;
    ({ resourceVersion } = written.metadata);
  }
  await patch(existing.metadata.name, { metadata: { resourceVersion, labels: labelsOf(context.profile) }, spec: changes }, context);
}

/** Removes what an earlier profile of this name left behind; anything else that is not ours stays. */
async function makeRoom(existing: SoftwareSubscription, context: WriterContext): Promise<void> {
  const { client, signal } = context.dependencies;
  const { name, uid = '' } = existing.metadata;
  if (!isOfNamesake(existing, context.profile)) {
    throw terminal(
      'NotOwned',
      'A SoftwareSubscription that this profile does not own has the name of one that it needs; the log names it. Delete it.',
      { subscription: name },
    );
  }
  // Asked after the object was read: while ours is the profile of this name, no later one can have made it.
  const { namespace = '', name: profileName, uid: profileUid = '' } = context.profile.metadata;
  if ((await readProfile({ namespace, profileName, profileUid }, context.dependencies)) === undefined) throw profileGone();
  const isGone = await client.delete(softwareSubscriptionResource, keyOf(name, context.profile), { uid, signal });
  if (isGone) context.progress.apiWrites += 1;
}

async function postNew(wanted: WantedSubscription, context: WriterContext): Promise<void> {
  const { profile, dependencies, progress } = context;
  const { signal } = dependencies;
  const subscription = buildSubscription(wanted, profile);
  await dependencies.client.create(softwareSubscriptionResource, subscription, { fieldManager: subscriptionsManager, signal });
  progress.created += 1;
  progress.apiWrites += 1;
}

async function patch(name: string, body: unknown, context: WriterContext): Promise<void> {
  const { profile, dependencies, progress } = context;
  const { client, signal } = dependencies;
  const options = { fieldManager: subscriptionsManager, signal };
  await client.mergePatch(softwareSubscriptionResource, keyOf(name, profile), body, options);
  progress.updated += 1;
  progress.apiWrites += 1;
}

/** Only that very object as it was read: one that was made anew or written in the meantime stays until the next run. */
async function remove(stored: StoredReference, context: WriterContext): Promise<void> {
  const { client, signal } = context.dependencies;
  try {
    const { uid, resourceVersion } = stored;
    const wasThere = await client.delete(softwareSubscriptionResource, keyOf(stored.name, context.profile), { uid, resourceVersion, signal });
    if (!wasThere) return;
  } catch (error) {
    if (isConflict(error)) return;
    throw error;
  }
  context.progress.deleted += 1;
  context.progress.apiWrites += 1;
}

function buildSubscription({ name, spec }: WantedSubscription, profile: IntegrationProfile): SoftwareSubscription {
  const { kind } = integrationProfileResource;
  const owner = { apiVersion, kind, name: profile.metadata.name, uid: profile.metadata.uid ?? '' };
  return {
    metadata: {
      name,
      namespace: profile.metadata.namespace ?? '',
      labels: labelsOf(profile),
      // Not blockOwnerDeletion: that would need a right on the profile's finalizers, and nothing waits for it.
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: false }],
    },
    spec,
  };
}

function labelsOf(profile: IntegrationProfile): Record<string, string> {
  return { [labels.profile]: profileLabelValue(profile.metadata.name), [labels.managedBy]: product };
}

function patchOf(update: { resourceVersion: string; changes: SpecChanges }): object {
  return { metadata: { resourceVersion: update.resourceVersion }, spec: update.changes };
}

function keyOf(name: string, profile: IntegrationProfile): { namespace: string; name: string } {
  return { namespace: profile.metadata.namespace ?? '', name };
}

function isConflict(error: unknown): boolean {
  return error instanceof OperatorError && error.failure.kind === 'Conflict';
}

/** Failures of ours, whose messages name nobody. */
const pureReasons: readonly string[] = ['NotOwned', 'ProfileGone'];

/** The client's message names the object; a result's message must not (operator/api/errors.ts). The log keeps it. */
export function rethrowPurely(error: unknown): never {
  if (!(error instanceof OperatorError) || pureReasons.includes(error.failure.reason)) throw error;
  const failure = toFailure(error);
  const message = `Writing a subscription failed (${failure.reason}); the log of the Job has the details.`;
  throw new OperatorError({ ...failure, message }, { ...error.detail, api: failure.message });
}
