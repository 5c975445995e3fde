import { compact } from '../../api/compact.ts';
import type { ConnectionAliasStatus } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import { backOffRemaining, slowRecheckMs } from '../back-off.ts';
import { isFalse, isTrue, isUnknown, listForMessage, summariseConditions, type ConditionPart } from '../conditions.ts';
import { tokenSecretName } from '../../api/token-secret.ts';
import { authorizationStatus, consentedToken, consentParts, listScopesForStatus, scopesFailure } from './consent-status.ts';
import {
  credentialHash,
  isOfPresentCredential,
  leastGapMs,
  missingNeeded,
  missingScopes,
  refreshTime,
  requestedAt,
  requestedScopes,
  type ConnectDecision,
} from './decide-connect.ts';
import { consentDue, recordOf, type ConsentingInput } from './decide-consent.ts';
import { describeReclaimLack } from './explain-scopes.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';

/** Conditions that must be True for Ready, in the order in which they are reported. */
const required = ['CredentialsReady', 'Authorized', 'AccountMatch', 'TokenReady', 'ScopesSufficient'] as const;

/** Types of conditions that this controller owns. */
export const aliasConditionTypes = [
  ...required,
  'RoleSufficient',
  'AuthorizationExpiring',
  'LeastPrivilege',
  'Suspended',
  'Ready',
  'Reconciling',
  'Stalled',
];

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
    conditions: summariseConditions(parts, requiredOf(after, parts), readyText(input)),
    requeueAfterMs: requeueAfter(after, decision, now),
  };
}

/**
 * An account that the vendor does not tell says nothing against the connection; another account does (S61). Scopes that only
 * reclaims want hold up nothing that reads (S48).
 */
function requiredOf(input: AliasInput, parts: readonly ConditionPart[]): string[] {
  const isTold = parts.some((part) => part.type === 'AccountMatch' && part.status === 'False');
  const lacksReclaim = missingScopes(input).length > 0 && missingNeeded(input).length === 0;
  return required.filter((type) => (type !== 'AccountMatch' || isTold) && (type !== 'ScopesSufficient' || !lacksReclaim));
}

/** The input as one whose consent is looked at, if it logs in with one. */
export function asConsenting(input: AliasInput): ConsentingInput | undefined {
  const { consent } = input;
  return consent === undefined ? undefined : { ...input, consent };
}

const notUsed = { reason: 'NotUsed', message: 'No active IntegrationProfile uses this alias, so the operator requests and keeps no token.' };
const suspended = { reason: 'Suspended', message: 'spec.suspend is true, here or in a parent alias, so the operator requests and keeps no token.' };

/** Why there need be no token, if so: nothing is wrong, and nothing will change by itself. */
function idleBecause({ spec, processes }: AliasInput): { reason: string; message: string } | undefined {
  if (spec.suspend) return suspended;
  return processes.length === 0 ? notUsed : undefined;
}

function readyText(input: AliasInput): { reason: string; message: string } {
  return idleBecause(input) ??  { reason: 'Connected', message: 'The access token is valid.' };
}

function nextStatus(input: AliasInput, outcome: ConnectOutcome, now: number): Omit<ConnectionAliasStatus, 'conditions'> {
  const before = input.alias.status ?? {};
  const base = compact({
    observedGeneration: input.alias.metadata.generation ?? 0,
    requiredScopes: requestedScopes(input).required,
    account: input.account !== undefined && 'name' in input.account ? input.account.name : undefined,
    lastHandledRequestedAt: isActedOn(input, outcome) ? requestedAt(input.alias) : before.lastHandledRequestedAt,
  });
  const consenting = asConsenting(input);
  const failure = nextFailure(before, outcome, now);
  if (consenting !== undefined) return { ...base, ...consentedToken(consenting), authorization: authorizationStatus(consenting), ...failure };
  if (outcome.kind === 'Connected') return { ...base, ...tokenStatus(input, outcome) };
  const { grantedScopes, token } = before;
  return { ...base, ...compact({ grantedScopes, token }), ...failure };
}

/** A request is acted on when the vendor was asked, or when there is nothing to ask with but a person. */
function isActedOn(input: AliasInput, outcome: ConnectOutcome): boolean {
  const consenting = asConsenting(input);
  return outcome.kind !== 'NotTried' || (consenting !== undefined && recordOf(consenting).grant?.refreshToken === undefined);
}

/** What failed last is remembered until something succeeds. */
function nextFailure(before: ConnectionAliasStatus, outcome: ConnectOutcome, now: number): Partial<ConnectionAliasStatus> {
  if (outcome.kind === 'Failed') return failureRecord(before, outcome, now);
  return outcome.kind === 'NotTried' ? keptFailure(before) : {};
}

function keptFailure({ lastFailureTime, consecutiveFailures, failedCredentialHash, lastFailure }: ConnectionAliasStatus): ConnectionAliasStatus {
  return compact({ lastFailureTime, consecutiveFailures, failedCredentialHash, lastFailure });
}

function tokenStatus(
  input: AliasInput,
  outcome: Extract<ConnectOutcome, { kind: 'Connected' }>,
): Pick<ConnectionAliasStatus, 'grantedScopes' | 'token'> {
  return compact({
    grantedScopes: outcome.grantedScopes === undefined ? undefined : listScopesForStatus(outcome.grantedScopes),
    token: compact({
      secretName: tokenSecretName(input.alias.metadata.name),
      issuedAt: outcome.issuedAt,
      expiresAt: outcome.expiresAt,
      handledRejection: input.rejection === undefined ? undefined : new Date(input.rejection.at).toISOString(),
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
  const consenting = asConsenting(input);
  return [
    credentialsPart(input, decision),
    ...(consenting === undefined ? [] : consentParts(consenting, now)),
    tokenPart(input, outcome, now),
    scopesPart(input),
    leastPrivilegePart(input),
    ...(input.spec.suspend ? [isTrue('Suspended', suspended.reason, suspended.message)] : []),
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
  // Who waits for the alias must not wait for ever.
  const idle = idleBecause(input);
  if (idle !== undefined) return isTrue('TokenReady', idle.reason, idle.message);
  const failure = outcome.kind === 'Failed' ? outcome.failure : recordedFailure(input);
  if (failure !== undefined) return failingTokenPart(input, failure, now);
  if (token === undefined) return isUnknown('TokenReady', 'NotConnected', 'No token has been obtained yet.');
  if (!isValid(token, now)) {
    return isFalse('TokenReady', { kind: 'Waiting', reason: 'TokenExpired', message: 'The access token has expired.', retryAfterMs: 0 });
  }
  return isTrue('TokenReady', 'TokenIssued', `The access token is in Secret ${token.secretName}.`);
}

/** A token that was asked for with other scopes still is of this account: what it covers goes on. */
function failingTokenPart(input: AliasInput, failure: Failure, now: number): ConditionPart {
  const token = input.alias.status?.token;
  const usable = token !== undefined && isOfPresentCredential(token.credentialHash, input) && isValid(token, now);
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
  const idle = idleBecause(input);
  if (idle !== undefined) return isTrue('ScopesSufficient', idle.reason, idle.message);
  if (status?.token === undefined) return isUnknown('ScopesSufficient', 'NotConnected', 'No token has been obtained yet.');
  if (status.grantedScopes === undefined) {
    return isTrue('ScopesSufficient', 'NoScopes', 'This kind of credential has no scopes; what it may do shows when it is used.');
  }
  const missing = missingScopes(input);
  if (missing.length === 0) return isTrue('ScopesSufficient', 'ScopesGranted', 'All required scopes are granted.');
  if (missingNeeded(input).length === 0) {
    const reason = input.consent === undefined ? 'ScopesNotGranted' : 'ScopesMissing';
    return isFalse('ScopesSufficient', { kind: 'Terminal', reason, message: describeReclaimLack(input, missing) });
  }
  if (input.consent !== undefined) return isFalse('ScopesSufficient', scopesFailure(missing));
  return isFalse('ScopesSufficient', {
    kind: 'Terminal',
    reason: 'ScopesNotGranted',
    message: `The vendor did not grant ${listForMessage(missing)}: add them to the registered OAuth app. The operator asks again every ten minutes.`,
  });
}

/** S2: more than is needed is shown, never refused. */
function leastPrivilegePart(input: AliasInput): ConditionPart {
  const granted = input.alias.status?.grantedScopes;
  // A profile that is suspended or made tomorrow needs what no process needs today: nobody is to take it from the app.
  if (input.processes.length === 0) return isUnknown('LeastPrivilege', 'NotUsed', 'No active IntegrationProfile uses this alias, so what it needs is not known.');
  if (input.spec.suspend) return isUnknown('LeastPrivilege', suspended.reason, suspended.message);
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
  if (input.spec.suspend) return undefined;
  if (decision.kind === 'Blocked') return recheckAfter(decision.failure);
  if (decision.kind === 'Wait') return decision.ms;
  const backOff = backOffRemaining(input.alias.status ?? {}, now);
  const consenting = asConsenting(input);
  if (consenting !== undefined) return consentDue(consenting, now) ?? (backOff > 0 ? backOff : undefined);
  if (input.processes.length === 0) return undefined;
  return backOff > 0 ? backOff : renewalDue(input, now);
}

/** People mend things at the vendor and elsewhere, where no event comes from. */
function recheckAfter(failure: Failure): number {
  return failure.kind === 'Waiting' ? failure.retryAfterMs : slowRecheckMs;
}

function renewalDue(input: AliasInput, now: number): number | undefined {
  if (missingNeeded(input).length > 0) return slowRecheckMs;
  const refresh = refreshTime(input);
  if (refresh === undefined) return undefined;
  const leastGap = Date.parse(input.alias.status?.token?.issuedAt ?? '') + leastGapMs - now;
  return Math.max(1000, leastGap, refresh - now);
}

/** The status as metrics tell it: a token that nobody uses is not renewed, so its end must not raise an alert. */
export function expectRenewal({ spec, processes }: AliasInput, status: AliasPlan['status']): AliasPlan['status'] {
  const { token: _token, ...rest } = status;
  return spec.suspend || processes.length === 0 ? rest : status;
}
