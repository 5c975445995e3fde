import { OperatorError, toFailure } from '../../api/errors.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import { softwareModelResource, type SoftwareModel } from '../../api/software-model.ts';
import { writeStatus } from '../../kubernetes/status-writer.ts';
import type { ProfileReport } from '../../licensing/position/facts.ts';
import { latestOf, modelsOf, readPositionInput } from '../../licensing/position/read-objects.ts';
import { createPositionTally } from '../../licensing/position/tally.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { makeRules } from '../reclamation-rule/make-rules.ts';
import { stampConditions } from '../stamp.ts';
import { applyModels } from './apply.ts';
import { claimsOf, isFound, mayBeMissing } from './claims.ts';
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
  // Of models that an earlier pass has made: the cache may lag behind those of this one.
  await makeRules(profile, dependencies, signal);
  const now = clock.now();
  const due = decideDue(scene, now);
  const pass: Pass = { key, now, dependencies, signal };
  if (due.kind === 'NeverRefreshed' || due.kind === 'HalfRefreshed') {
    for (const model of modelsOf(profile, scene.models)) await writeModel(model, describeWaiting(model, due.kind), pass);
    return {};
  }
  if (due.kind !== 'Due') return { requeueAfterMs: due.wakeAfterMs };
  try {
    const isSettled = await compareRights(scene, pass);
    return { requeueAfterMs: isSettled ? due.wakeAfterMs : lagMs };
  } catch (error) {
    await tellFailure(error, scene, pass);
    throw error;
  }
}

/** False while a model that was to be made is not there yet. */
async function compareRights(scene: PositionScene, pass: Pass): Promise<boolean> {
  const { report, models, isSettled } = await calculate(scene, pass);
  const inputs = inputsOf({ ...scene, models }, pass.now);
  await writeModels(report, { ...scene, models }, { ...pass, inputs });
  if (!isSettled) return false;
  await writeProfile(scene.profile, { ...report.position, inputs }, pass);
  pass.dependencies.exclusionMatches.set(objectName(pass.key), report.matched);
  return true;
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
  const freed = await readCandidates(scene.profile, { client: pass.dependencies.client, signal: pass.signal });
  const count = async (models: readonly SoftwareModel[]): Promise<ProfileReport> => {
    const tally = createPositionTally({ ...readPositionInput({ ...scene, models, candidates: [] }, pass.now), freed: latestOf(freed) });
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
async function tellFailure(error: unknown, { profile, models }: PositionScene, pass: Pass): Promise<void> {
  const failure = toFailure(error);
  if (!(error instanceof OperatorError) || failure.kind !== 'Terminal') return;
  for (const model of modelsOf(profile, models)) await writeModel(model, describeFailed(model, failure), pass);
}

async function writeModels(report: ProfileReport, { profile, models }: PositionScene, pass: Pass & { readonly inputs: string }): Promise<void> {
  const own = modelsOf(profile, models);
  const claims = claimsOf(own);
  for (const model of own) {
    const found = report.models.find((one) => one.model === model.metadata.name);
    if (found === undefined) continue;
    const claimedBy = claims.get(model.metadata.name) ?? new Map<string, string>();
    const context = { claimedBy, isFound: isFound(model, found, profile), mayBeMissing: mayBeMissing(model, found, report), inputs: pass.inputs };
    await writeModel(model, decideModelStatus(model, found, context), pass);
  }
}

async function writeModel(model: SoftwareModel, plan: ModelPlan, { now, dependencies, signal }: Pass): Promise<void> {
  const { generation } = model.metadata;
  const conditions = stampConditions(model.status?.conditions, plan.parts, { generation, now, ownedTypes: modelConditionTypes });
  await writeStatus(dependencies.client, softwareModelResource, withoutRule(model), { ...plan.status, conditions }, { fieldManager, signal });
  for (const event of modelEvents(model.status, plan)) dependencies.events.record(model, event);
}

/** The model without the name of its rule, which has a writer of its own. */
function withoutRule(model: SoftwareModel): SoftwareModel {
  const { reclamationRule: _rule, ...status } = model.status ?? {};
  return { ...model, status };
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
