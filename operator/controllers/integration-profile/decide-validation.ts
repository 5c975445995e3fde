import type { Failure } from '../../api/errors.ts';
import type { ProcessName } from '../../api/integration-profile.ts';
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

/** Identity of the connection that is validated: another account, endpoint or alias makes another one. */
export function connectionId(input: ProfileInput): string {
  const { alias, provider } = input;
  // What is not there for a moment says nothing about the account: a published profile stays what it is meanwhile.
  if (alias === undefined || provider === undefined) return input.profile.status?.validation?.id.split('-')[0] ?? 'none';
  return hashOf([input.profile.spec.type, alias.metadata.uid, alias.spec[provider.fragment.settingsKey]], 10);
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
  if (isValidationCurrent(input)) return { kind: 'Current' };
  // A published profile is seen as Draft first; only then is it validated again (S69, S70).
  if (input.profile.status?.state === 'Published') return { kind: 'NotDue' };
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
  const { profile, provider, alias } = input;
  const name = profile.spec.connectionAliasRef.name;
  if (provider === undefined) {
    return {
      kind: 'Terminal',
      reason: 'ProviderNotEnabled',
      message: `Provider ${profile.spec.type} is not enabled in this operator: start it with --enable-provider ${profile.spec.type}.`,
    };
  }
  if (alias === undefined) {
    return waiting('ConnectionAliasMissing', `ConnectionAlias ${name} is not in this namespace: create it.`);
  }
  if (alias.spec.type !== profile.spec.type) {
    return {
      kind: 'Terminal',
      reason: 'ProviderMismatch',
      message: `ConnectionAlias ${name} is of type ${alias.spec.type}, this profile of type ${profile.spec.type}: refer to an alias of the same type.`,
    };
  }
  return aliasFailure(input);
}

function aliasFailure({ alias }: ProfileInput): Failure | undefined {
  if (alias === undefined) return undefined;
  const { generation, name } = alias.metadata;
  if (alias.spec.suspend) return waiting('Suspended', `ConnectionAlias ${name} is suspended: set its spec.suspend to false to go on.`);
  const ready = alias.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.observedGeneration !== generation) {
    return waiting('ConnectionNotReady', `ConnectionAlias ${name} has not been looked at yet.`);
  }
  if (ready.reason === 'NotUsed') return waiting('ConnectionNotReady', `ConnectionAlias ${name} is about to obtain a token for this profile.`);
  if (ready.status === 'True') return undefined;
  return waiting('ConnectionNotReady', `ConnectionAlias ${name} is not ready (${ready.reason}): see its conditions.`);
}

/** Waiting ends by the alias's own events; the time is a safety net. */
function waiting(reason: string, message: string): Failure {
  return { kind: 'Waiting', reason, message, retryAfterMs: 60_000 };
}
