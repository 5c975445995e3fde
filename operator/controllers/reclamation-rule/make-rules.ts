import { OperatorError } from '../../api/errors.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../api/reclamation-rule.ts';
import { softwareModelResource, type SoftwareModel } from '../../api/software-model.ts';
import { modelsOf } from '../../licensing/position/read-objects.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import { indexes, type ControllerDependencies } from '../dependencies.ts';
import { keyOf } from '../../kubernetes/object-key.ts';
import { buildRule, listedLicenses } from './build-rule.ts';

/** Its own, so that the reconciliation, which writes the rest of a model's status, does not take the field away. */
const rulesManager = `${fieldManager}-rules`;

/** Models of a published profile that have never had a rule: the first ones to be made, or those that people made themselves (S74). */
export function modelsWithoutRule(profile: IntegrationProfile, models: readonly SoftwareModel[]): SoftwareModel[] {
  const isPublished = profile.status?.state === 'Published' && profile.metadata.deletionTimestamp === undefined;
  return isPublished ? modelsOf(profile, models).filter(({ status }) => status?.reclamationRule === undefined) : [];
}

/** The rule that a person has written for the model, or for all of the profile; then none is made. */
export function findOwnRule(model: SoftwareModel, rules: readonly ReclamationRule[]): ReclamationRule | undefined {
  const fitting = rules.filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.profileRef.name === model.spec.profileRef.name);
  return fitting.find(({ spec }) => spec.softwareModelRef?.name === model.metadata.name) ?? fitting.find(({ spec }) => spec.softwareModelRef === undefined);
}

/**
 * Makes the rule of each model that never had one (S74). It is made once and never written again, so whatever a person does to
 * it stays, deleting it too: the model remembers that it had one.
 */
export async function makeRules(profile: IntegrationProfile, dependencies: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const namespace = profile.metadata.namespace ?? '';
  const rules = dependencies.stores.rules.byIndex(indexes.byProfileName, keyOf(profile.metadata));
  for (const model of modelsWithoutRule(profile, dependencies.stores.models.list(namespace))) {
    const name = findOwnRule(model, rules)?.metadata.name ?? (await makeRule(model, profile, dependencies, signal));
    if (name !== undefined) await rememberRule(model, name, dependencies, signal);
  }
}

// oxlint-disable-next-line max-params -- the same four as above, for one model
async function makeRule(model: SoftwareModel, profile: IntegrationProfile, { client, providers, events }: ControllerDependencies, signal: AbortSignal): Promise<string | undefined> {
  const provider = providers.get(profile.spec.type);
  if (provider === undefined) return undefined;
  const { reclaim } = provider;
  const rule = buildRule(model, profile, { downgradeTo: reclaim.chooseDowngrade(listedLicenses(profile)), adminRoles: reclaim.adminRoles });
  if (rule === undefined) return undefined;
  try {
    await client.create(reclamationRuleResource, rule, { signal, fieldManager });
    events.record(profile, { type: 'Normal', reason: 'RuleCreated', action: 'Reconcile', note: `Created the ReclamationRule ${rule.metadata.name}: read it, then set spec.confirmedRule to its status.review.id.` });
  } catch (error) {
    // By an earlier pass that did not come to remember it, or by a person for something else: it is left as it is.
    if (!(error instanceof OperatorError) || error.detail['reason'] !== 'AlreadyExists') throw error;
  }
  return rule.metadata.name;
}

// oxlint-disable-next-line max-params -- which model, which rule, and the usual two
async function rememberRule(model: SoftwareModel, name: string, { client }: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const { namespace = '' } = model.metadata;
  const intent = { metadata: { name: model.metadata.name, namespace, ...(model.metadata.uid === undefined ? {} : { uid: model.metadata.uid }) }, status: { reclamationRule: name } };
  await client.apply(softwareModelResource, { ...intent, apiVersion: softwareModelResource.apiVersion, kind: softwareModelResource.kind }, { fieldManager: rulesManager, force: true, subresource: 'status', signal });
}
