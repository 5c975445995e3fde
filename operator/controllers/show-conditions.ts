import type { Condition, KubernetesObject } from '../api/meta.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { aliasConditionTypes } from './connection-alias/decide-status.ts';
import type { Stores } from './dependencies.ts';
import { profileConditionTypes } from './integration-profile/decide-conditions.ts';
import { modelConditionTypes } from './license-position/decide-status.ts';
import { objectName } from './object-key.ts';
import { ruleConditionTypes } from './reclamation-rule/decide-status.ts';
import { entitlementConditionTypes } from './software-entitlement/decide.ts';
import { exclusionConditionTypes } from './subscription-exclusion/decide.ts';

interface WithConditions extends KubernetesObject {
  status?: { conditions?: readonly Condition[] | undefined };
}

interface Watched<T> {
  list(): T[];
  subscribe(listener: (change: { key: string; new?: T }) => void): unknown;
}

/**
 * Shows the conditions of the kinds that have a controller as metrics, as the API server has them: what is alerted on is what `kubectl`
 * shows. Only types of ours are shown, since their number is known; those of other writers could be any.
 */
export function showConditions(stores: Pick<Stores, 'aliases' | 'profiles' | 'models' | 'entitlements' | 'exclusions' | 'rules'>, metrics: Pick<Metrics, 'setConditions'>): void {
  follow('ConnectionAlias', aliasConditionTypes, stores.aliases, metrics);
  follow('IntegrationProfile', profileConditionTypes, stores.profiles, metrics);
  follow('SoftwareModel', modelConditionTypes, stores.models, metrics);
  follow('SoftwareEntitlement', entitlementConditionTypes, stores.entitlements, metrics);
  follow('SubscriptionExclusion', exclusionConditionTypes, stores.exclusions, metrics);
  follow('ReclamationRule', ruleConditionTypes, stores.rules, metrics);
}

// oxlint-disable-next-line max-params -- a row of a table of five
function follow<T extends WithConditions>(kind: string, types: readonly string[], store: Watched<T>, metrics: Pick<Metrics, 'setConditions'>): void {
  const show = (key: string, object: T | undefined): void => {
    const conditions = object?.status?.conditions ?? [];
    metrics.setConditions({ kind, ...objectName(key) }, conditions.filter((condition) => types.includes(condition.type)));
  };
  store.subscribe((change) => show(change.key, change.new));
  for (const object of store.list()) show(`${object.metadata.namespace ?? ''}/${object.metadata.name}`, object);
}
