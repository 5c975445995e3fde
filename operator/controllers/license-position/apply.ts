import { OperatorError } from '../../api/errors.ts';
import { softwareModelResource, type SoftwareModel } from '../../api/software-model.ts';
import type { ModelIntents } from '../../licensing/position/facts.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { adoptIdentifier } from './adopt-identifier.ts';
import { buildModel } from './build-model.ts';
import type { PositionScene } from './input.ts';

interface ApplyContext {
  readonly scene: PositionScene;
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

/**
 * Makes new models and gives identifiers of a changed plan to the models that they continue (S73). Gives the models as they are
 * then: a cache lags behind. What a person wrote in a spec is never changed.
 */
export async function applyModels(intents: ModelIntents, context: ApplyContext): Promise<SoftwareModel[]> {
  const models = new Map(context.scene.models.map((model) => [model.metadata.name, model]));
  for (const { name } of intents.create) {
    const created = await createModel(name, intents, context);
    if (created !== undefined) models.set(name, created);
  }
  for (const { model: name, identifier } of intents.adopt) {
    const model = models.get(name);
    if (model !== undefined) models.set(name, await adoptIdentifier(model, identifier, context));
  }
  return [...models.values()];
}

async function createModel(name: string, { create }: ModelIntents, { scene, dependencies, signal }: ApplyContext): Promise<SoftwareModel | undefined> {
  const { client, providers, events } = dependencies;
  const { profile } = scene;
  const provider = providers.get(profile.spec.type);
  const intent = create.find((one) => one.name === name);
  // Without its provider nobody can name the product; the profile says so (S29).
  if (provider === undefined || intent === undefined) return undefined;
  try {
    const created = await client.create<SoftwareModel>(softwareModelResource, buildModel(intent, profile, provider), { signal, fieldManager });
    events.record(profile, { type: 'Normal', reason: 'ModelCreated', action: 'Reconcile', note: `Made the SoftwareModel ${name}.` });
    return created;
  } catch (error) {
    // Made by an earlier pass, which the cache has not seen yet, or by a person under this name: the next pass sees it.
    if (error instanceof OperatorError && error.detail['reason'] === 'AlreadyExists') return undefined;
    throw error;
  }
}
