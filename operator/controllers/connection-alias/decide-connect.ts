import { annotations } from '../../api/group.ts';
import type { Failure } from '../../api/errors.ts';
import { backOffRemaining, slowRecheckMs } from '../back-off.ts';
import { fractionOf, hashOf } from '../hash.ts';
import type { AliasInput } from './input.ts';

/** What to do about the token now. */
export type ConnectDecision =
  | { readonly kind: 'Connect'; readonly credentialHash: string; readonly why: string }
  | { readonly kind: 'Keep' }
  | { readonly kind: 'Blocked'; readonly failure: Failure };

export interface RequestedScopes {
  readonly required: string[];
  readonly optional: string[];
}

/** Scopes of the enabled processes of the profiles that use the alias, no more (S2). */
export function requestedScopes(input: AliasInput): RequestedScopes {
  return input.provider?.scopes({ processes: input.processes, signals: input.signals }) ?? { required: [], optional: [] };
}

/**
 * Fingerprint of what a token is obtained with: the Secret's version, the settings and the scopes. Not
 * made from the secret's value, since it is shown in status.
 */
export function credentialHash(input: AliasInput): string {
  const version = input.credential.kind === 'Read' ? input.credential.version : '';
  const { alias, provider } = input;
  const settings = provider === undefined ? undefined : alias.spec[provider.fragment.settingsKey];
  return hashOf([alias.spec.type, settings, alias.spec.appToken, alias.spec.apiToken, version, requestedScopes(input)]);
}

/** The value of our requestedAt annotation, or of Flux's. */
export function requestedAt(object: AliasInput['alias'] | { metadata: AliasInput['alias']['metadata'] }): string | undefined {
  const found = object.metadata.annotations;
  // As much as status can echo: a longer one would never count as handled.
  return (found?.[annotations.requestedAt] ?? found?.[annotations.fluxRequestedAt])?.slice(0, 256);
}

/** Ordered checks: the first that says something decides (facts/operators.md A1, policy chains). */
const checks: ((input: AliasInput, now: number) => ConnectDecision | undefined)[] = [
  blockedByDesign,
  blockedByCredential,
  unused,
  inBackOff,
  tokenMissing,
  credentialChanged,
  requested,
  rejectedByVendor,
  expiring,
  scopesMissing,
];

/** Whether the vendor is asked for a token in this pass. */
export function decideConnect(input: AliasInput, now: number): ConnectDecision {
  for (const check of checks) {
    const decision = check(input, now);
    if (decision !== undefined) return decision;
  }
  return { kind: 'Keep' };
}

function blocked(kind: 'Terminal', reason: string, message: string): ConnectDecision {
  return { kind: 'Blocked', failure: { kind, reason, message } };
}

function blockedByDesign(input: AliasInput): ConnectDecision | undefined {
  if (input.alias.spec.suspend) return { kind: 'Keep' };
  if (input.provider === undefined) {
    return blocked(
      'Terminal',
      'ProviderNotEnabled',
      `Provider ${input.alias.spec.type} is not enabled in this operator: start it with --enable-provider ${input.alias.spec.type}.`,
    );
  }
  if (input.account !== undefined && 'failure' in input.account) return { kind: 'Blocked', failure: input.account.failure };
  if (input.tokenSecret.kind === 'Foreign') {
    return blocked(
      'Terminal',
      'TokenSecretNotOwned',
      `Secret ${tokenSecretName(input.alias.metadata.name)} exists and is not this alias's: delete or rename it; it is never overwritten.`,
    );
  }
  return undefined;
}

function blockedByCredential(input: AliasInput): ConnectDecision | undefined {
  return input.credential.kind === 'Failed' ? { kind: 'Blocked', failure: input.credential.failure } : undefined;
}

function unused(input: AliasInput): ConnectDecision | undefined {
  return input.processes.length === 0 ? { kind: 'Keep' } : undefined;
}

function inBackOff(input: AliasInput, now: number): ConnectDecision | undefined {
  const status = input.alias.status;
  if (status === undefined || status.failedCredentialHash !== credentialHash(input)) return undefined;
  if (isNewRequest(input)) return undefined;
  return backOffRemaining(status, now) > 0 ? { kind: 'Keep' } : undefined;
}

function tokenMissing(input: AliasInput): ConnectDecision | undefined {
  const token = input.alias.status?.token;
  const usable = input.tokenSecret.kind === 'Present' && input.tokenSecret.complete;
  return token === undefined || !usable ? connect(input, 'TokenMissing') : undefined;
}

function credentialChanged(input: AliasInput): ConnectDecision | undefined {
  const wanted = credentialHash(input);
  const inSecret = input.tokenSecret.kind === 'Present' && input.tokenSecret.credentialHash === wanted;
  const inStatus = input.alias.status?.token?.credentialHash === wanted;
  return inSecret && inStatus ? undefined : connect(input, 'CredentialChanged');
}

function requested(input: AliasInput): ConnectDecision | undefined {
  return isNewRequest(input) ? connect(input, 'Requested') : undefined;
}

/** A token that was revoked at the vendor is replaced as soon as somebody meets the rejection. */
function rejectedByVendor(input: AliasInput): ConnectDecision | undefined {
  if (input.rejectedAt === undefined) return undefined;
  // Compared as a mark, not as a time: the pod's clock is not ours, and one rejection must not ask twice.
  const isHandled = input.alias.status?.token?.handledRejection === new Date(input.rejectedAt).toISOString();
  return isHandled ? undefined : connect(input, 'TokenRejected');
}

function expiring(input: AliasInput, now: number): ConnectDecision | undefined {
  return now >= (refreshTime(input) ?? Infinity) ? connect(input, 'Expiring') : undefined;
}

/** Granted scopes can grow when somebody mends the app at the vendor: ask again, slowly (T7). */
function scopesMissing(input: AliasInput, now: number): ConnectDecision | undefined {
  const issuedAt = input.alias.status?.token?.issuedAt;
  if (missingScopes(input).length === 0 || issuedAt === undefined) return undefined;
  return now >= Date.parse(issuedAt) + slowRecheckMs ? connect(input, 'ScopesMissing') : undefined;
}

function connect(input: AliasInput, why: string): ConnectDecision {
  return { kind: 'Connect', credentialHash: credentialHash(input), why };
}

function isNewRequest(input: AliasInput): boolean {
  const wish = requestedAt(input.alias);
  return wish !== undefined && wish !== input.alias.status?.lastHandledRequestedAt;
}

/** Required scopes that the token does not have; none for a credential without scopes. */
export function missingScopes(
  input: AliasInput,
  granted: readonly string[] | undefined = input.alias.status?.grantedScopes,
): string[] {
  if (granted === undefined) return [];
  return requestedScopes(input).required.filter((scope) => !granted.includes(scope));
}

/**
 * When to obtain the next token: after 70 to 80 % of its life, at a point drawn from the UID and the
 * issue time, so that many aliases do not ask at once and a restart does not move it. Undefined when
 * the token does not expire.
 */
export function refreshTime(input: AliasInput): number | undefined {
  const token = input.alias.status?.token;
  if (token?.expiresAt === undefined) return undefined;
  const issued = Date.parse(token.issuedAt);
  const life = Date.parse(token.expiresAt) - issued;
  const jitter = fractionOf(`${input.alias.metadata.uid ?? ''}${token.issuedAt}`);
  return issued + life * (0.7 + 0.1 * jitter);
}

/** Name of the Secret that the operator keeps the access token in (design section 3). */
export function tokenSecretName(aliasName: string): string {
  return `${aliasName}-token`;
}
