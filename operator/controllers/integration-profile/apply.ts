import { OperatorError, type Failure } from '../../api/errors.ts';
import { annotations } from '../../api/group.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { applyOwned } from '../../kubernetes/owned-apply.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { buildTriggeredJob } from './cron-job.ts';
import type { JobIntent } from './decide-jobs.ts';
import type { ProfileInput } from './input.ts';
import { ensureRefreshAccess } from './refresh-access.ts';

interface ApplyContext {
  readonly input: ProfileInput;
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

/**
 * Carries out the intents in order. What a person must change (a name that is taken, a value that the
 * API server refuses) is returned as a failure for the conditions; everything else is thrown and retried.
 */
export async function applyIntents(intents: readonly JobIntent[], context: ApplyContext): Promise<Failure | undefined> {
  try {
    if (intents.some((intent) => intent.kind !== 'DeleteCronJob')) {
      await ensureRefreshAccess(context.input, context.dependencies, context.signal);
    }
    for (const intent of intents) await applyIntent(intent, context);
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError && error.failure.kind === 'Terminal') return error.failure;
    throw error;
  }
}

async function applyIntent(intent: JobIntent, context: ApplyContext): Promise<void> {
  switch (intent.kind) {
    case 'DeleteCronJob':
      return deleteCronJob(intent, context);
    case 'ApplyCronJob':
      return applyCronJob(intent, context);
    case 'CreateJob':
      return createJob(intent, context);
  }
}

async function deleteCronJob({ cronJob, why }: Extract<JobIntent, { kind: 'DeleteCronJob' }>, context: ApplyContext): Promise<void> {
  const { input, dependencies, signal } = context;
  const key = { namespace: cronJob.metadata.namespace ?? '', name: cronJob.metadata.name };
  const uid = cronJob.metadata.uid === undefined ? {} : { uid: cronJob.metadata.uid };
  const existed = await dependencies.client.delete(coreResources.CronJob, key, { propagationPolicy: 'Background', signal, ...uid });
  if (!existed) return;
  const title = cronJob.metadata.annotations?.[annotations.jobTitle] ?? cronJob.metadata.name;
  dependencies.events.record(input.profile, { type: 'Normal', reason: 'JobDeleted', action: 'Schedule', note: `Deleted job "${title}" (${why}).` });
}

async function applyCronJob({ cronJob }: Extract<JobIntent, { kind: 'ApplyCronJob' }>, context: ApplyContext): Promise<void> {
  const { input, dependencies, signal } = context;
  const key = `${cronJob.metadata.namespace ?? ''}/${cronJob.metadata.name}`;
  await applyOwned(dependencies.client, coreResources.CronJob, cronJob, {
    owner: input.profile.metadata.uid ?? '',
    fieldManager,
    intentHashAnnotation: annotations.intentHash,
    existing: dependencies.stores.cronJobs.get(key),
    signal,
  });
}

/** The Job's name is made from the trigger, so a second try finds the first (guard against double runs). */
async function createJob(intent: Extract<JobIntent, { kind: 'CreateJob' }>, context: ApplyContext): Promise<void> {
  const { input, dependencies, signal } = context;
  const key = { namespace: input.profile.metadata.namespace ?? '', name: intent.cronJobName };
  const cronJob = await dependencies.client.get<KubernetesObject>(coreResources.CronJob, key, { signal });
  if (cronJob === undefined) return;
  const job = buildTriggeredJob(input.profile, intent.process, { settings: input.settings, trigger: intent.trigger, cronJob });
  try {
    await dependencies.client.create(coreResources.Job, job, { signal, fieldManager });
  } catch (error) {
    if (error instanceof OperatorError && error.failure.kind === 'Conflict') return;
    throw error;
  }
  dependencies.events.record(input.profile, {
    type: 'Normal',
    reason: 'RefreshStarted',
    action: 'Refresh',
    note: `Started the ${intent.process} refresh (${intent.trigger.split(' ')[0] ?? ''}).`,
  });
}
