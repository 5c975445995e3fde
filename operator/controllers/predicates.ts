import type { ConnectionAlias } from '../api/connection-alias.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { tokenRejection } from './token-rejection.ts';

/** A change of a cached object, as the reflector tells it. */
export interface Change<T> {
  readonly key: string;
  readonly old?: T;
  readonly new?: T;
}

/**
 * True when a person changed the object: spec, annotations (requestedAt is one), labels or deletion.
 * Our own status writes are none of these, so they do not wake us again (facts/operators.md A9.13).
 */
export function isChangeOfIntent({ old, new: now }: Change<KubernetesObject>): boolean {
  if (old === undefined || now === undefined) return true;
  return JSON.stringify(intentOf(old)) !== JSON.stringify(intentOf(now));
}

function intentOf({ metadata }: KubernetesObject): unknown {
  return [metadata.uid, metadata.generation, metadata.annotations, metadata.labels, metadata.deletionTimestamp];
}

/** Besides intent: results that refresh jobs write, and the state and validation that the next pass builds on. */
export function isProfileChange(change: Change<IntegrationProfile>): boolean {
  return isChangeOfIntent(change) || JSON.stringify(progressOf(change.old)) !== JSON.stringify(progressOf(change.new));
}

function progressOf(profile: IntegrationProfile | undefined): unknown {
  const status = profile?.status;
  return [status?.refresh, status?.state, status?.validation, status?.position];
}

/** What of a profile's status its licence position is made from. */
export function isRefreshChange({ old, new: now }: Change<IntegrationProfile>): boolean {
  return JSON.stringify(refreshOf(old)) !== JSON.stringify(refreshOf(now));
}

function refreshOf(profile: IntegrationProfile | undefined): unknown {
  const { subscriptions, activity } = profile?.status?.refresh ?? {};
  return [subscriptions?.completionTime, activity?.completionTime];
}

/** Conditions of an alias that its profiles repeat. */
const toldToProfiles = ['Ready', 'AccountMatch', 'RoleSufficient', 'ScopesSufficient'];

/** What of an alias matters to the profiles that use it. */
export function isAliasReadinessChange({ old, new: now }: Change<ConnectionAlias>): boolean {
  return JSON.stringify(readinessOf(old)) !== JSON.stringify(readinessOf(now));
}

function readinessOf(alias: ConnectionAlias | undefined): unknown {
  if (alias === undefined) return undefined;
  const { metadata, status } = alias;
  const told = status?.conditions?.filter((condition) => toldToProfiles.includes(condition.type)) ?? [];
  const conditions = told.map(({ lastTransitionTime: _time, ...condition }) => condition);
  return [metadata.uid, metadata.generation, status?.observedGeneration, status?.account, conditions];
}

/** What of a profile matters to its aliases: processes and signals that are enabled, through which alias, and whether its token is rejected. */
export function isProcessChange({ old, new: now }: Change<IntegrationProfile>): boolean {
  return JSON.stringify(processesOf(old)) !== JSON.stringify(processesOf(now));
}

function processesOf(profile: IntegrationProfile | undefined): unknown {
  if (profile === undefined || profile.metadata.deletionTimestamp !== undefined) return undefined;
  const { connectionAliasRef, reclaimAliasRef, downloadActivity, activitySignals, reclaimSubscriptions, suspend } = profile.spec;
  const aliases = [connectionAliasRef.name, reclaimAliasRef?.name];
  return [aliases, downloadActivity, activitySignals, reclaimSubscriptions, suspend, tokenRejection(profile)];
}
