import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import { isFalse, isTrue, isUnknown, type ConditionPart } from '../conditions.ts';
import { connectionFailure, connectionRefusal, isConnectionBeingMade, isValidationCurrent, validationId } from './decide-validation.ts';
import type { ProfileInput, ValidationOutcome } from './input.ts';
import { specWriters } from './spec-writers.ts';

/** What a profile says of the way to the vendor: provider, aliases, validation. */
export function connectionParts(input: ProfileInput, validation: ValidationOutcome): ConditionPart[] {
  return [
    providerPart(input),
    connectionPart(input),
    ...identityParts(input.alias),
    validationPart(input, validation),
    ...reclaimAliasParts(input),
    ...managedByParts(input),
  ];
}

/** S29: the provider is a switch of the operator. */
function providerPart(input: ProfileInput): ConditionPart {
  if (input.provider !== undefined) return isTrue('ProviderAvailable', 'Available', `Provider ${input.profile.spec.type} is enabled.`);
  const failure = connectionRefusal(input);
  return failure === undefined ? isUnknown('ProviderAvailable', 'NotValidated', 'The provider is not known yet.') : isFalse('ProviderAvailable', failure);
}

const heldText = 'spec.suspend is true, so no token is asked for on behalf of this profile.';

/** False says that the connection is in the way; one that is only being made is not known yet, and no Warning. */
function connectionPart(input: ProfileInput): ConditionPart {
  const failure = connectionFailure(input);
  if (failure !== undefined && isConnectionBeingMade(input)) {
    const isHeld = input.profile.spec.suspend;
    return isHeld ? isUnknown('ConnectionReady', 'Suspended', heldText) : isUnknown('ConnectionReady', 'ConnectionNotReady', failure.message);
  }
  return failure === undefined ? isTrue('ConnectionReady', 'ConnectionReady', 'The connection has a valid access token.') : isFalse('ConnectionReady', failure);
}

/** S60, S61: whose token it is, is found out by the alias and of interest to whoever looks at the profile. */
const identityTypes = ['AccountMatch', 'RoleSufficient'];

function identityParts(alias: ConnectionAlias | undefined): ConditionPart[] {
  const conditions = alias?.status?.conditions ?? [];
  return conditions
    .filter((condition) => identityTypes.includes(condition.type) && condition.observedGeneration === alias?.metadata.generation)
    .map(({ type, status, reason, message }) => ({ type, status, reason, message: `ConnectionAlias ${alias?.metadata.name ?? ''}: ${message}` }));
}

function validationPart(input: ProfileInput, validation: ValidationOutcome): ConditionPart {
  const type = 'ConnectionValidated';
  if (isValidationCurrent(input)) {
    return isTrue(type, 'Validated', 'The download and activity APIs of the enabled processes answered; a reclaim API was not called.');
  }
  if (validation.kind === 'Failed') return isFalse(type, validation.failure);
  const recorded = input.profile.status?.validation;
  if (recorded?.id === validationId(input) && !recorded.passed) return isFalse(type, recordedFailure(input));
  return isUnknown(type, 'NotValidated', 'The connection has not been validated for the processes that are enabled now.');
}

function recordedFailure(input: ProfileInput): Failure {
  const recorded = input.profile.status?.lastFailure;
  const kind = recorded?.kind === 'Terminal' ? 'Terminal' : 'Retryable';
  return { kind, reason: recorded?.reason ?? 'ValidationFailed', message: recorded?.message ?? 'Validation failed: see status.validation.checks.' };
}

/** C30: an alias of its own for reclaim is looked at; only a reclaim calls with it. It does not hold up the downloads. */
function reclaimAliasParts(input: ProfileInput): ConditionPart[] {
  const { reclaimAliasRef, reclaimSubscriptions } = input.profile.spec;
  if (reclaimAliasRef === undefined || !reclaimSubscriptions) return [];
  const failure = reclaimAliasFailure(input, reclaimAliasRef.name);
  const type = 'ReclaimAliasReady';
  if (failure === undefined) return [isTrue(type, 'ReclaimAliasReady', `ConnectionAlias ${reclaimAliasRef.name} is there and ready for reclaims; nothing else calls with it.`)];
  return [isFalse(type, failure)];
}

/** S48: what the alias says of a scope that only reclaims want, told by the profile that wants it. */
export function reclaimScopeFailure(input: ProfileInput): Failure | undefined {
  const { alias } = input;
  if (alias === undefined || !lacksReclaimScope(input)) return undefined;
  const told = alias.status?.conditions?.find((condition) => condition.type === 'ScopesSufficient');
  if (told?.status !== 'False' || told.observedGeneration !== alias.metadata.generation) return undefined;
  return { kind: 'Terminal', reason: told.reason, message: `ConnectionAlias ${alias.metadata.name}: ${told.message}`.slice(0, 1024) };
}

/** An alias of its own for reclaims (C30) has a condition of its own. */
function lacksReclaimScope({ profile, alias, provider, effectiveAlias }: ProfileInput): boolean {
  const granted = alias?.status?.grantedScopes;
  if (profile.spec.reclaimAliasRef !== undefined || granted === undefined || provider === undefined) return false;
  if (effectiveAlias === undefined || 'failure' in effectiveAlias) return false;
  const login = effectiveAlias.spec.oauth?.type ?? 'AppToken';
  return provider.scopes({ processes: ['ReclaimSubscription'], signals: [], login }).required.some((scope) => !granted.includes(scope));
}

function reclaimAliasFailure({ profile, reclaimAlias: alias }: ProfileInput, name: string): Failure | undefined {
  const wait = (reason: string, message: string): Failure => ({ kind: 'Waiting', reason, message, retryAfterMs: 60_000 });
  if (alias === undefined) return wait('ConnectionAliasMissing', `ConnectionAlias ${name} is not in this namespace: create it, or change spec.reclaimAliasRef.`);
  if (alias.spec.type !== profile.spec.type) {
    const message = `ConnectionAlias ${name} is of type ${alias.spec.type}, this profile of type ${profile.spec.type}: refer to an alias of the same type.`;
    return { kind: 'Terminal', reason: 'ProviderMismatch', message };
  }
  if (alias.spec.suspend) return wait('Suspended', `ConnectionAlias ${name} is suspended: set its spec.suspend to false to go on.`);
  const unready = describeUnready(alias);
  return unready === undefined ? undefined : wait('ConnectionNotReady', `ConnectionAlias ${name} ${unready}`);
}

/** The rest of the sentence on an alias that is not ready; undefined when it is. */
function describeUnready({ metadata, status }: ConnectionAlias): string | undefined {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.observedGeneration !== metadata.generation) return 'has not been looked at yet.';
  return ready?.status === 'True' ? undefined : `is not ready (${ready?.reason ?? ''}): see its conditions.`;
}

/** S30: one writer of spec. A second one is told, and is not refused: a person may have to step in. */
function managedByParts({ profile }: ProfileInput): ConditionPart[] {
  const writers = specWriters(profile.metadata.managedFields ?? []);
  const [first, ...others] = writers;
  if (first === undefined) return [];
  if (others.length === 0) return [isTrue('ManagedBy', 'OneWriter', `spec is written by ${first} alone.`)];
  return [
    {
      type: 'ManagedBy',
      status: 'False',
      reason: 'SeveralWriters',
      message: `spec is written by ${writers.join(' and ')}: what one sets, another may take back. Let one of them own the profile.`,
    },
  ];
}
