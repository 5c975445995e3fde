import { compact } from '../../api/compact.ts';
import type { ConnectionAliasStatus } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import { backOffRemaining, slowRecheckMs } from '../back-off.ts';
import { isFalse, isTrue, isUnknown, listForMessage, summariseConditions, type ConditionPart } from '../conditions.ts';
import {
  credentialHash,
  missingScopes,
  refreshTime,
  requestedAt,
  requestedScopes,
  tokenSecretName,
  type ConnectDecision,
} from './decide-connect.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';

/** Conditions that must be True for Ready, in the order in which they are reported. */
const required = ['CredentialsReady', 'TokenReady', 'ScopesSufficient'] as const;

/** Types of conditions that this controller owns. */
export const aliasConditionTypes = [...required, 'LeastPrivilege', 'Suspended', 'Ready', 'Reconciling', 'Stalled'];

export interface AliasPlan {
  readonly status: Omit<ConnectionAliasStatus, 'conditions'>;
  readonly conditions: ConditionPart[];
  /** Milliseconds until something here is due by itself. */
  readonly requeueAfterMs: number | undefined;
}

/** The status that describes this pass; a pure function of what was read, what was decided and what the vendor said. */
export function decideStatus(input: AliasInput, decision: ConnectDecision, outcome: ConnectOutcome, now: number): AliasPlan {
  const status = nextStatus(input, outcome, now);
  const after: AliasInput = { ...input, alias: { ...input.alias, status: { ...status, conditions: undefined } } };
  const parts = conditionParts(after, decision, outcome, now);
  return {
    status,
    conditions: summariseConditions(parts, required, readyText(input)),
    requeueAfterMs: requeueAfter(after, decision, now),
  };
}

const notUsed = 'No active IntegrationProfile uses this alias, so no token is requested.';

function readyText({ processes }: AliasInput): { reason: string; message: string } {
  if (processes.length === 0) return { reason: 'NotUsed', message: notUsed };
  return { reason: 'Connected', message: 'The access token is valid.' };
}

function nextStatus(input: AliasInput, outcome: ConnectOutcome, now: number): Omit<ConnectionAliasStatus, 'conditions'> {
  const before = input.alias.status ?? {};
  const base = compact({
    observedGeneration: input.alias.metadata.generation ?? 0,
    requiredScopes: requestedScopes(input).required,
    account: input.account !== undefined && 'name' in input.account ? input.account.name : undefined,
    lastHandledRequestedAt: outcome.kind === 'NotTried' ? before.lastHandledRequestedAt : requestedAt(input.alias),
  });
  const { grantedScopes, token } = before;
  if (outcome.kind === 'Connected') return { ...base, ...tokenStatus(input, outcome) };
  const failure = outcome.kind === 'Failed' ? failureRecord(before, outcome, now) : keptFailure(before);
  return { ...base, ...compact({ grantedScopes, token }), ...failure };
}

function keptFailure({ lastFailureTime, consecutiveFailures, failedCredentialHash, lastFailure }: ConnectionAliasStatus): ConnectionAliasStatus {
  return compact({ lastFailureTime, consecutiveFailures, failedCredentialHash, lastFailure });
}

function tokenStatus(
  input: AliasInput,
  outcome: Extract<ConnectOutcome, { kind: 'Connected' }>,
): Pick<ConnectionAliasStatus, 'grantedScopes' | 'token'> {
  return compact({
    grantedScopes: outcome.grantedScopes === undefined ? undefined : [...outcome.grantedScopes].sort(),
    token: compact({
      secretName: tokenSecretName(input.alias.metadata.name),
      issuedAt: outcome.issuedAt,
      expiresAt: outcome.expiresAt,
      handledRejection: input.rejectedAt === undefined ? undefined : new Date(input.rejectedAt).toISOString(),
      credentialHash: outcome.credentialHash,
    }),
  });
}

function failureRecord(
  before: ConnectionAliasStatus | undefined,
  outcome: Extract<ConnectOutcome, { kind: 'Failed' }>,
  now: number,
): Partial<ConnectionAliasStatus> {
  const again = before?.failedCredentialHash === outcome.credentialHash;
  return {
    lastFailureTime: new Date(now).toISOString(),
    consecutiveFailures: (again ? (before?.consecutiveFailures ?? 0) : 0) + 1,
    failedCredentialHash: outcome.credentialHash,
    lastFailure: {
      kind: outcome.failure.kind,
      reason: outcome.failure.reason,
      message: outcome.failure.message,
    },
  };
}

function conditionParts(input: AliasInput, decision: ConnectDecision, outcome: ConnectOutcome, now: number): ConditionPart[] {
  const suspended = input.alias.spec.suspend
    ? [isTrue('Suspended', 'Suspended', 'spec.suspend is true: no token is requested; an existing one stays.')]
    : [];
  return [
    credentialsPart(input, decision),
    tokenPart(input, outcome, now),
    scopesPart(input),
    leastPrivilegePart(input),
    ...suspended,
  ];
}

function credentialsPart(input: AliasInput, decision: ConnectDecision): ConditionPart {
  if (decision.kind === 'Blocked') return isFalse('CredentialsReady', decision.failure);
  if (input.credential.kind === 'Failed') return isFalse('CredentialsReady', input.credential.failure);
  return isTrue('CredentialsReady', 'SecretRead', 'The credential Secret has all the keys that are needed.');
}

/** A failed renewal does not matter before the token that is there really expires (facts/operators.md C4). */
function tokenPart(input: AliasInput, outcome: ConnectOutcome, now: number): ConditionPart {
  const token = input.alias.status?.token;
  // Nothing is wrong, and nothing will change by itself: who waits for the alias must not wait for ever.
  if (input.processes.length === 0) return isTrue('TokenReady', 'NotUsed', notUsed);
  const failure = outcome.kind === 'Failed' ? outcome.failure : recordedFailure(input);
  if (failure !== undefined) return failingTokenPart(input, failure, now);
  if (token === undefined) return isUnknown('TokenReady', 'NotConnected', 'No token has been obtained yet.');
  if (!isValid(token, now)) {
    return isFalse('TokenReady', { kind: 'Waiting', reason: 'TokenExpired', message: 'The access token has expired.', retryAfterMs: 0 });
  }
  return isTrue('TokenReady', 'TokenIssued', `The access token is in Secret ${token.secretName}.`);
}

function failingTokenPart(input: AliasInput, failure: Failure, now: number): ConditionPart {
  const token = input.alias.status?.token;
  const usable = token !== undefined && token.credentialHash === credentialHash(input) && isValid(token, now);
  if (!usable) return isFalse('TokenReady', failure);
  return isTrue('TokenReady', 'RenewalFailing', `The token is still valid, but renewing it fails. ${failure.message}`);
}

function isValid(token: NonNullable<ConnectionAliasStatus['token']>, now: number): boolean {
  return token.expiresAt === undefined || Date.parse(token.expiresAt) > now;
}

function recordedFailure(input: AliasInput): Failure | undefined {
  const recorded = input.alias.status?.lastFailure;
  if (recorded === undefined || input.alias.status?.failedCredentialHash !== credentialHash(input)) return undefined;
  return { kind: recorded.kind === 'Terminal' ? 'Terminal' : 'Retryable', reason: recorded.reason, message: recorded.message };
}

function scopesPart(input: AliasInput): ConditionPart {
  const status = input.alias.status;
  if (input.processes.length === 0) return isTrue('ScopesSufficient', 'NotUsed', notUsed);
  if (status?.token === undefined) return isUnknown('ScopesSufficient', 'NotConnected', 'No token has been obtained yet.');
  if (status.grantedScopes === undefined) {
    return isTrue('ScopesSufficient', 'NoScopes', 'This kind of credential has no scopes; what it may do shows when it is used.');
  }
  const missing = missingScopes(input);
  if (missing.length === 0) return isTrue('ScopesSufficient', 'ScopesGranted', 'All required scopes are granted.');
  return isFalse('ScopesSufficient', {
    kind: 'Terminal',
    reason: 'ScopesNotGranted',
    message: `The vendor did not grant ${listForMessage(missing)}: add them to the registered OAuth app. The operator asks again every ten minutes.`,
  });
}

/** S2: more than is needed is shown, never refused. */
function leastPrivilegePart(input: AliasInput): ConditionPart {
  const granted = input.alias.status?.grantedScopes;
  if (input.alias.status?.token === undefined) return isUnknown('LeastPrivilege', 'NotConnected', 'No token has been obtained yet.');
  if (granted === undefined) {
    return { type: 'LeastPrivilege', status: 'False', reason: 'NoScopes', message: 'An API token cannot be limited by scopes: prefer appToken.' };
  }
  const { required: needed, optional } = requestedScopes(input);
  const excess = granted.filter((scope) => scope !== 'openid' && !scope.startsWith('as_account-') && !needed.includes(scope) && !optional.includes(scope));
  if (excess.length === 0) return isTrue('LeastPrivilege', 'NoExcessScopes', 'The token has no scope beyond those of the enabled processes.');
  return {
    type: 'LeastPrivilege',
    status: 'False',
    reason: 'ExcessScopes',
    message: `The token has more than it needs: remove ${listForMessage(excess)} from the registered OAuth app.`,
  };
}

function requeueAfter(input: AliasInput, decision: ConnectDecision, now: number): number | undefined {
  if (input.alias.spec.suspend) return undefined;
  if (decision.kind === 'Blocked') {
    return decision.failure.kind === 'Waiting' ? decision.failure.retryAfterMs : slowRecheckMs;
  }
  if (input.processes.length === 0) return undefined;
  const status = input.alias.status;
  const backOff = status === undefined ? 0 : backOffRemaining(status, now);
  if (backOff > 0) return backOff;
  if (missingScopes(input).length > 0) return slowRecheckMs;
  const refresh = refreshTime(input);
  return refresh === undefined ? undefined : Math.max(1000, refresh - now);
}
