import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import type { ProcessName } from '../../api/integration-profile.ts';
import { connectionId as identifyConnection } from '../../licensing/connection-id.ts';
import { backOffRemaining } from '../back-off.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import { hashOf } from '../hash.ts';
import type { ProfileInput } from './input.ts';

/** Whether Validate Connection runs in this pass. */
export type ValidationDecision =
  | { readonly kind: 'Run'; readonly id: string; readonly processes: readonly ProcessName[] }
  | { readonly kind: 'Current' }
  | { readonly kind: 'NotDue' }
  | { readonly kind: 'Blocked'; readonly failure: Failure };

/** Processes that validation covers: never reclaim (S66). */
export function validatedProcesses(input: ProfileInput): ProcessName[] {
  return input.profile.spec.downloadActivity ? ['DownloadSubscriptions', 'PullUserActivity'] : ['DownloadSubscriptions'];
}

/** Enabled processes of the profile, as the provider's `validate` is told them. */
export function enabledProcessesOf(input: ProfileInput): ProcessName[] {
  return input.profile.spec.reclaimSubscriptions ? [...validatedProcesses(input), 'ReclaimSubscription'] : validatedProcesses(input);
}

/**
 * Identity of the connection that is validated: another account, endpoint or alias makes another one, also where
 * a parent alias gives it. Undefined while it cannot be told.
 */
export function presentConnection({ profile, alias, effectiveAlias, provider }: ProfileInput): string | undefined {
  if (alias === undefined || provider === undefined || effectiveAlias === undefined || 'failure' in effectiveAlias) return undefined;
  const settings = effectiveAlias.spec[provider.fragment.settingsKey];
  return identifyConnection({ type: profile.spec.type, aliasUid: alias.metadata.uid ?? '', settings });
}

/** The present connection, or the one that was validated last: what is not there for a moment says nothing about the account. */
export function connectionId(input: ProfileInput): string {
  return presentConnection(input) ?? input.profile.status?.validation?.id.split('-')[0] ?? 'none';
}

/**
 * Identity of what is validated: the connection and the processes. It changes exactly when an earlier
 * validation no longer says anything about the present profile (design section 3).
 */
export function validationId(input: ProfileInput): string {
  return `${connectionId(input)}-${hashOf(validatedProcesses(input), 6)}`;
}

/** True when the validation in status passed and is about the present profile. */
export function isValidationCurrent(input: ProfileInput): boolean {
  const validation = input.profile.status?.validation;
  return validation?.passed === true && validation.id === validationId(input);
}

/** True when the profile was last validated against the connection that it has now. */
export function isConnectionUnchanged(input: ProfileInput): boolean {
  const { spec, status } = input.profile;
  const prefix = `${connectionId(input)}-`;
  const isValidated = status?.validation?.passed === true && status.validation.id.startsWith(prefix);
  // With Confirm, a person has to have seen this connection before anything is downloaded from it.
  return isValidated && (spec.publicationPolicy === 'Automatic' || (spec.confirmedValidation?.startsWith(prefix) ?? false));
}

/** Ordered checks: what stands in the way first. */
export function decideValidation(input: ProfileInput, now: number): ValidationDecision {
  if (input.profile.spec.suspend) return { kind: 'NotDue' };
  const failure = connectionFailure(input);
  if (failure !== undefined) return { kind: 'Blocked', failure };
  const isDraft = input.profile.status?.state !== 'Published';
  // Validate is offered to a draft at any time (S64, S71); asking a published profile means a refresh.
  if (isValidationCurrent(input) && !(isDraft && isNewRequest(input))) return { kind: 'Current' };
  // A published profile is seen as Draft first; only then is it validated again (S69, S70).
  if (!isDraft) return { kind: 'NotDue' };
  const id = validationId(input);
  if (!isNewRequest(input) && isInBackOff(input, id, now)) return { kind: 'NotDue' };
  return { kind: 'Run', id, processes: enabledProcessesOf(input) };
}

function isInBackOff(input: ProfileInput, id: string, now: number): boolean {
  const status = input.profile.status;
  return status?.validation?.id === id && backOffRemaining(status, now) > 0;
}

/** A request that has not been acted on yet; for a draft it means: validate now. */
export function isNewRequest(input: ProfileInput): boolean {
  const wish = requestedAt(input.profile);
  return wish !== undefined && wish !== input.profile.status?.lastHandledRequestedAt;
}

/** Why the connection cannot be used now, if it cannot. */
export function connectionFailure(input: ProfileInput): Failure | undefined {
  return connectionRefusal(input) ?? readinessFailure(input);
}

/** Why nothing may be called through this connection, whatever token there is: ordered checks, the first that says something decides. */
export function connectionRefusal(input: ProfileInput): Failure | undefined {
  const { profile, provider, alias, effectiveAlias } = input;
  const { type } = profile.spec;
  const { name } = profile.spec.connectionAliasRef;
  if (provider === undefined) {
    return terminal('SpokeNotInstalled', `Provider ${type} is not enabled in this operator: start it with --enable-provider ${type}.`);
  }
  if (alias === undefined || effectiveAlias === undefined) {
    return waiting('ConnectionAliasMissing', `ConnectionAlias ${name} is not in this namespace: create it, or change spec.connectionAliasRef.`);
  }
  if (alias.spec.type !== type) {
    return terminal('ProviderMismatch', `ConnectionAlias ${name} is of type ${alias.spec.type}, this profile of type ${type}: refer to an alias of the same type.`);
  }
  if ('failure' in effectiveAlias) return effectiveAlias.failure;
  if (effectiveAlias.spec.suspend) return waiting('Suspended', `ConnectionAlias ${name} is suspended: set its spec.suspend to false to go on.`);
  return accountFailure(alias) ?? roleFailure(input, alias);
}

/** S61: another account than the one that the app was made in must not be downloaded. */
function accountFailure({ metadata, status }: ConnectionAlias): Failure | undefined {
  const match = status?.conditions?.find((condition) => condition.type === 'AccountMatch');
  if (match?.status !== 'False' || match.observedGeneration !== metadata.generation) return undefined;
  return terminal(match.reason, `ConnectionAlias ${metadata.name}: ${match.message}`);
}

/**
 * S60: who consented in a role that does not see the whole account would be shown a part of it, and a part must never pass for
 * the whole (guard 6). A role that is too low for reclaims only holds up nothing here.
 */
function roleFailure(input: ProfileInput, { metadata, status }: ConnectionAlias): Failure | undefined {
  const role = status?.authorization?.user?.role;
  if (role === undefined || input.provider === undefined) return undefined;
  const lacking = input.provider.consent.insufficientRole(role, validatedProcesses(input));
  if (lacking.length === 0) return undefined;
  const message = `The role of the person who consented for ConnectionAlias ${metadata.name} is too low for ${lacking.join(' and ')}, and what it does not see would be taken for gone: let a person with the role in status.vendorConfiguration consent.`;
  return terminal('RoleTooLow', message);
}

/** An alias that is Ready and keeps no token, since nothing needed one so far. */
const idleReasons = ['NotUsed', 'Suspended'];

function readinessFailure(input: ProfileInput): Failure | undefined {
  const { alias } = input;
  if (alias === undefined) return undefined;
  const { generation, name } = alias.metadata;
  const ready = alias.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.observedGeneration !== generation || !isOfPresentAccount(input)) {
    return waiting('ConnectionNotReady', `ConnectionAlias ${name} has not been looked at yet.`);
  }
  if (idleReasons.includes(ready.reason)) return waiting('ConnectionNotReady', `ConnectionAlias ${name} is about to obtain a token for this profile.`);
  if (ready.status === 'True') return undefined;
  return waiting('ConnectionNotReady', `ConnectionAlias ${name} is not ready (${ready.reason}): see its conditions.`);
}

/**
 * Whether the alias has nothing against this profile but has not come to a token either: not looked at yet, just told to obtain
 * one, or at it. Whatever it says of itself is its own to tell.
 */
export function isConnectionBeingMade(input: ProfileInput): boolean {
  const { alias } = input;
  if (alias === undefined || connectionRefusal(input) !== undefined) return false;
  const ready = alias.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.observedGeneration !== alias.metadata.generation || !isOfPresentAccount(input)) return true;
  return idleReasons.includes(ready.reason) || ready.status === 'Unknown';
}

/**
 * False while the alias still speaks of another account: a parent was changed, which leaves the generation of its child
 * alone, and the token in the Secret is of before.
 */
function isOfPresentAccount({ provider, alias, effectiveAlias }: ProfileInput): boolean {
  if (provider === undefined || effectiveAlias === undefined || 'failure' in effectiveAlias) return true;
  try {
    return alias?.status?.account === provider.describeAccount(effectiveAlias.spec[provider.fragment.settingsKey]);
  } catch {
    // Settings that cannot be are the alias's to tell.
    return true;
  }
}

/** Waiting ends by the alias's own events; the time is a safety net. */
function waiting(reason: string, message: string): Failure {
  return { kind: 'Waiting', reason, message, retryAfterMs: 60_000 };
}

function terminal(reason: string, message: string): Failure {
  return { kind: 'Terminal', reason, message };
}
