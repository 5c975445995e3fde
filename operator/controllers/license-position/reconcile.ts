import { OperatorError, toFailure } from '../../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { writeStatus } from '../../kubernetes/status-writer.ts';
import type { ProfileReport } from '../../licensing/position/facts.ts';
import { modelsOf, readPositionInput } from '../../licensing/position/read-objects.ts';
import { createPositionTally } from '../../licensing/position/tally.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { stampConditions } from '../stamp.ts';
import { applyModels } from './apply.ts';
import { claimsOf, isFound } from './claims.ts';
import { decideDue, inputsOf } from './decide-due.ts';
import { decideModelStatus, describeFailed, describeOrphan, describeWaiting, modelConditionTypes, type ModelPlan } from './decide-status.ts';
import { modelEvents } from './events.ts';
import { gatherScene, readCandidates, readSeats } from './gather.ts';
import type { PositionScene } from './input.ts';

/** Its own, so that the controller of the profile and the refresh jobs, which write the rest of the status, keep theirs. */
const positionManager = `${fieldManager}-position`;
/** A clash of a cache that lags behind: the next look is at what was just made. */
const lagMs = 500;

/**
 * Compares rights owned with rights used for one profile, when that is due (S81, S82): reads its subscriptions page by
 * page, makes the models that are missing, and writes the position into models and profile.
 */
export async function reconcilePosition(
  key: string,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const { stores, ownWrites, clock, exclusionMatches } = dependencies;
  const profile = ownWrites.profiles.newest(key, stores.profiles.get(key));
  if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) {
    exclusionMatches.forget(objectName(key));
    if (profile === undefined) await describeOrphans(key, dependencies, signal);
    return {};
  }
  const scene = gatherScene(profile, dependencies);
  const now = clock.now();
  const due = decideDue(scene, now);
  if (due.kind === 'NeverRefreshed') {
    for (const model of modelsOf(profile, scene.models)) await writeModel(model, describeWaiting(model), { key, now, dependencies, signal });
    return {};
  }
  if (due.kind !== 'Due') return { requeueAfterMs: due.wakeAfterMs };
  const pass: Pass = { key, now, dependencies, signal };
  const { report, models, isSettled } = await calculate(scene, pass).catch(async (error: unknown) => giveUp(error, scene, pass));
  await writeModels(report, models, { ...scene, models }, pass);
  if (!isSettled) return { requeueAfterMs: lagMs };
  // Last, since it says from which inputs all the figures are: a pass that ends early is made again whole.
  await writeProfile(profile, { ...report.position, inputs: inputsOf({ ...scene, models }, now) }, pass);
  exclusionMatches.set(objectName(key), report.matched);
  return { requeueAfterMs: due.wakeAfterMs };
}

interface Pass {
  readonly key: string;
  readonly now: number;
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

interface Calculated {
  readonly report: ProfileReport;
  readonly models: readonly SoftwareModel[];
  /** False while a model that was to be made is not there yet. */
  readonly isSettled: boolean;
}

/** The report; when models had to be made for it, it is made a second time with them. */
async function calculate(scene: PositionScene, pass: Pass): Promise<Calculated> {
  const candidates = await readCandidates(scene.profile, { client: pass.dependencies.client, signal: pass.signal });
  const count = async (models: readonly SoftwareModel[]): Promise<ProfileReport> => {
    const tally = createPositionTally(readPositionInput({ ...scene, models, candidates }, pass.now));
    for await (const seat of readSeats(scene.profile, { client: pass.dependencies.client, signal: pass.signal })) tally.add(seat);
    return tally.finish();
  };
  const first = await count(scene.models);
  if (first.intents.create.length + first.intents.adopt.length === 0) return { report: first, models: scene.models, isSettled: true };
  const models = await applyModels(first.intents, { scene, dependencies: pass.dependencies, signal: pass.signal });
  const report = await count(models);
  const isSettled = report.intents.create.length + report.intents.adopt.length === 0 || !pass.dependencies.providers.has(scene.profile.spec.type);
  return { report, models, isSettled };
}

/** What a person has to mend is told on every model, whose figures stay as they were; anything else is tried again. */
async function giveUp(error: unknown, { profile, models }: PositionScene, pass: Pass): Promise<never> {
  const failure = toFailure(error);
  if (error instanceof OperatorError && failure.kind === 'Terminal') {
    for (const model of modelsOf(profile, models)) await writeModel(model, describeFailed(model, failure), pass);
  }
  throw error;
}

// oxlint-disable-next-line max-params -- reads as a sentence: this report, into these models, of this scene, in this pass
async function writeModels(report: ProfileReport, models: readonly SoftwareModel[], scene: PositionScene, pass: Pass): Promise<void> {
  const own = modelsOf(scene.profile, models);
  const claims = claimsOf(own);
  for (const model of own) {
    const found = report.models.find((one) => one.model === model.metadata.name);
    if (found === undefined) continue;
    const claimedBy = claims.get(model.metadata.name) ?? new Map<string, string>();
    await writeModel(model, decideModelStatus(model, found, { claimedBy, isFound: isFound(model, found, scene.profile) }), pass);
  }
}

async function writeModel(model: SoftwareModel, plan: ModelPlan, { now, dependencies, signal }: Pass): Promise<void> {
  const { generation, namespace = '', name } = model.metadata;
  const conditions = stampConditions(model.status?.conditions, plan.parts, { generation, now, ownedTypes: modelConditionTypes });
  await dependencies.ownWrites.models.write(`${namespace}/${name}`, model, { ...plan.status, conditions }, signal);
  for (const event of modelEvents(model.status, plan)) dependencies.events.record(model, event);
}

async function writeProfile(profile: IntegrationProfile, position: object, { dependencies, signal }: Pass): Promise<void> {
  const own = { ...profile, status: { position: profile.status?.position } };
  await writeStatus(dependencies.client, integrationProfileResource, own, { position }, { fieldManager: positionManager, signal });
}

/** Models that a person wrote for a profile that is not there say so. */
async function describeOrphans(key: string, dependencies: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const now = dependencies.clock.now();
  for (const model of dependencies.stores.models.byIndex(indexes.byProfileName, key)) {
    if (model.metadata.deletionTimestamp !== undefined) continue;
    await writeModel(model, describeOrphan(model), { key, now, dependencies, signal });
  }
}
