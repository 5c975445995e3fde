import { compact } from '../api/compact.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { RemovalCandidate } from '../api/removal-candidate.ts';
import { stripObject } from '../kubernetes/object-key.ts';
import type { ObservedJob } from './dependencies.ts';
import type { ObservedCronJob } from './integration-profile/input.ts';
import { keepSpecEntries } from './integration-profile/spec-writers.ts';

interface JobObject extends KubernetesObject {
  status?: {
    completionTime?: string;
    conditions?: { type: string; status: string; lastTransitionTime?: string }[];
  };
}

/** What the controllers keep of a Job: whether it runs, and when and how it ended. */
export function observeJob(object: KubernetesObject): ObservedJob {
  const job: JobObject = object;
  const ended = job.status?.conditions?.find((each) => (each.type === 'Complete' || each.type === 'Failed') && each.status === 'True');
  const { name, namespace, uid, labels, resourceVersion, ownerReferences } = job.metadata;
  const metadata = Object.fromEntries(
    Object.entries({ name, namespace, uid, labels, resourceVersion, ownerReferences }).filter(([, value]) => value !== undefined),
  );
  return {
    metadata: { ...metadata, name },
    state: ended === undefined ? 'Active' : ended.type === 'Complete' ? 'Succeeded' : 'Failed',
    finishedAt: ended === undefined ? undefined : Date.parse(job.status?.completionTime ?? ended.lastTransitionTime ?? ''),
  };
}

/** A profile with as much of managedFields as tells who writes its spec (S30). */
export function observeProfile(object: KubernetesObject): IntegrationProfile {
  const managedFields = keepSpecEntries(object.metadata.managedFields);
  const profile = stripObject(object);
  if (!isProfile(profile)) throw new TypeError('The API server gave an IntegrationProfile without a spec.');
  return managedFields === undefined ? profile : { ...profile, metadata: { ...profile.metadata, managedFields } };
}

function isProfile(object: KubernetesObject): object is IntegrationProfile {
  return 'spec' in object;
}

/** A CronJob without its status: who ran when is read from the Jobs. */
export function observeCronJob(object: KubernetesObject): ObservedCronJob {
  const { status: _status, ...rest } = object as ObservedCronJob & { status?: unknown };
  return rest;
}

/**
 * What is kept of a RemovalCandidate: enough to know which are open, whose they are, and when to look. Evidence, messages and
 * history, which are most of it, are read live by whoever acts on one.
 */
export function observeCandidate(object: KubernetesObject): RemovalCandidate {
  const candidate = stripObject(object);
  if (!isCandidate(candidate)) throw new TypeError('The API server gave a RemovalCandidate without a spec.');
  const { metadata, spec, status } = candidate;
  const { name, namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels } = metadata;
  return {
    metadata: { name, ...compact({ namespace, uid, resourceVersion, generation, creationTimestamp, deletionTimestamp, labels }) },
    spec: { subject: spec.subject, justification: spec.justification, assignmentGroup: spec.assignmentGroup, ...compact({ decision: spec.decision, restore: spec.restore }) },
    status: status === undefined ? {} : keptStatus(status),
  };
}

function isCandidate(object: KubernetesObject): object is RemovalCandidate {
  return 'spec' in object;
}

function keptStatus(status: NonNullable<RemovalCandidate['status']>): NonNullable<RemovalCandidate['status']> {
  const { uid, state, reason, openedAt, closedAt, deadline, answer, attempt, undo, potentialSavings, planHash, returnedAt, tookEffectAt, observedGeneration } = status;
  return compact({ uid, state, reason, openedAt, closedAt, deadline, answer, attempt, undo, potentialSavings, planHash, returnedAt, tookEffectAt, observedGeneration });
}
