import { OperatorError, conflict, type Failure } from '../../api/errors.ts';
import { annotations } from '../../api/group.ts';
import type { RefreshProcess } from '../../api/integration-profile.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { applyOwned } from '../../kubernetes/owned-apply.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { buildTriggeredJob } from './cron-job.ts';
import type { JobIntent } from './decide-jobs.ts';
import type { ProfileInput } from './input.ts';
import { ensureRefreshAccess } from './refresh-access.ts';

export interface ApplyContext {
  readonly input: ProfileInput;
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

export interface ApplyOutcome {
  /** What a person must change: a name that is taken, a value or right that the API server refuses. */
  readonly failure: Failure | undefined;
  /** What ended the pass, to be thrown once the status is safe. */
  readonly error: unknown;
  /** Intents that were not carried out. */
  readonly undone: readonly JobIntent[];
}

/**
 * Carries out the intents in order. A failure that a person must mend holds up the rest of its own process alone, so
 * that a name that is taken for one job keeps no other from being made or deleted; anything else ends the pass.
 */
export async function applyIntents(intents: readonly JobIntent[], context: ApplyContext): Promise<ApplyOutcome> {
  const run = new ApplyRun(context);
  for (const intent of intents) await run.carryOut(intent);
  return { failure: run.failure, error: run.error, undone: run.undone };
}

class ApplyRun {
  failure: Failure | undefined;
  error: unknown;
  readonly undone: JobIntent[] = [];
  readonly #context: ApplyContext;
  readonly #held = new Set<RefreshProcess>();
  #access: Promise<void> | undefined;

  constructor(context: ApplyContext) {
    this.#context = context;
  }

  async carryOut(intent: JobIntent): Promise<void> {
    if (this.error !== undefined || (intent.kind !== 'DeleteCronJob' && this.#held.has(intent.process))) {
      this.undone.push(intent);
      return;
    }
    try {
      if (intent.kind !== 'DeleteCronJob') await this.#ensureAccess();
      await applyIntent(intent, this.#context);
    } catch (error) {
      this.#hold(intent, error);
    }
  }

  /** Deleting needs no access for pods, so it is made when the first job wants it. */
  #ensureAccess(): Promise<void> {
    const { input, dependencies, signal } = this.#context;
    this.#access ??= ensureRefreshAccess(input, dependencies, signal);
    return this.#access;
  }

  #hold(intent: JobIntent, error: unknown): void {
    this.undone.push(intent);
    this.#held.add(intent.process);
    if (error instanceof OperatorError && error.failure.kind === 'Terminal') this.failure ??= error.failure;
    else this.error = error;
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
  dependencies.events.record(input.profile, { type: 'Normal', reason: 'JobDeleted', action: 'Schedule', note: `Deleted job "${title}": ${why}.` });
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
  if (cronJob === undefined) throw conflict(`CronJob ${intent.cronJobName} was deleted by another hand; it is made again.`);
  const job = buildTriggeredJob(input, intent.process, { trigger: intent.trigger, cronJob });
  try {
    await dependencies.client.create(coreResources.Job, job, { signal, fieldManager });
  } catch (error) {
    // Other conflicts, a quota that changed meanwhile say, mean that there is no Job.
    if (error instanceof OperatorError && error.detail['reason'] === 'AlreadyExists') return;
    throw error;
  }
  dependencies.events.record(input.profile, {
    type: 'Normal',
    reason: 'RefreshStarted',
    action: 'Refresh',
    note: `Started the ${intent.process} refresh (${intent.trigger.split(' ')[0] ?? ''}).`,
  });
}
