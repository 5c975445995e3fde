import { annotations } from '../../api/group.ts';
import type { Failure } from '../../api/errors.ts';
import { tokenSecretName, type StoredToken } from '../../api/token-secret.ts';
import { hashConsent } from '../authorization/parties.ts';
import { backOffRemaining, slowRecheckMs } from '../back-off.ts';
import { fractionOf, hashOf } from '../hash.ts';
import type { AliasInput } from './input.ts';

export { tokenSecretName } from '../../api/token-secret.ts';

/** What to do about the token now. */
export type ConnectDecision =
  | { readonly kind: 'Connect'; readonly credentialHash: string; readonly why: string }
  /** The token Secret holds a token that status does not know: its write was lost. */
  | { readonly kind: 'Adopt'; readonly credentialHash: string; readonly stored: StoredToken; readonly issuedAt: number }
  | { readonly kind: 'Keep' }
  /** Something is due, but the vendor has issued a token only just now. */
  | { readonly kind: 'Wait'; readonly ms: number }
  | { readonly kind: 'Blocked'; readonly failure: Failure };

/**
 * The vendor is never asked again sooner for the same credential, whatever becomes of status: neither a status that
 * cannot be written nor a token that lives for a second turns into a stream of tokens.
 */
export const leastGapMs = 30_000;

export interface RequestedScopes {
  readonly required: string[];
  readonly optional: string[];
}

/** Scopes of the enabled processes of the profiles that use the alias, no more (S2). */
export function requestedScopes({ provider, processes, signals, spec }: AliasInput): RequestedScopes {
  const login = spec.oauth?.type ?? 'AppToken';
  return provider?.scopes({ processes, signals, login }) ?? { required: [], optional: [] };
}

/**
 * Those without which the alias is of no use. Reclaim Subscriptions is on by itself (S48), and an app made for reading has no
 * right to write: so the scopes that only reclaims want hold up nothing, unless the alias is for reclaims alone (C30).
 */
export function neededScopes(input: AliasInput): RequestedScopes {
  const reading = input.processes.filter((name) => name !== 'ReclaimSubscription');
  return reading.length === 0 ? requestedScopes(input) : requestedScopes({ ...input, processes: reading });
}

/**
 * Fingerprint of what a token is obtained with: the Secret's version and the settings, then the scopes. Not
 * made from the secret's value, since it is shown in status.
 */
export function credentialHash(input: AliasInput): string {
  const version = input.credential.kind === 'Read' ? input.credential.version : '';
  const { spec, provider } = input;
  if (spec.oauth !== undefined && provider !== undefined) return hashConsent(spec, provider, version);
  const settings = provider === undefined ? undefined : spec[provider.fragment.settingsKey];
  return `${hashOf([spec.type, settings, spec.appToken, spec.apiToken, version])}-${hashOf(requestedScopes(input), 8)}`;
}

/** Whether a token with this fingerprint is of the present credential and settings, whatever scopes it was asked for with. */
export function isOfPresentCredential(fingerprint: string, input: AliasInput): boolean {
  return fingerprint.split('-')[0] === credentialHash(input).split('-')[0];
}

/** The value of our requestedAt annotation, or of Flux's. */
export function requestedAt(object: AliasInput['alias'] | { metadata: AliasInput['alias']['metadata'] }): string | undefined {
  const found = object.metadata.annotations;
  // As much as status can echo: a longer one would never count as handled.
  return (found?.[annotations.requestedAt] ?? found?.[annotations.fluxRequestedAt])?.slice(0, 256);
}

type Check = (input: AliasInput, now: number) => ConnectDecision | undefined;

/** What stands in the way of every kind of login; the first that says something decides (facts/operators.md A1). */
const obstacles: readonly Check[] = [suspended, blockedByParents, blockedByDesign, blockedByCredential, unused];

const checks: readonly Check[] = [
  ...obstacles,
  statusLost,
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
  const decision = firstOf(checks, input, now) ?? { kind: 'Keep' };
  if (decision.kind !== 'Connect') return decision;
  const gap = remainingGap(input, now);
  return gap > 0 ? { kind: 'Wait', ms: gap } : decision;
}

/** Why nothing is done about the token at all now, if so. */
export function findObstacle(input: AliasInput, now: number): ConnectDecision | undefined {
  return firstOf(obstacles, input, now);
}

function firstOf(list: readonly Check[], input: AliasInput, now: number): ConnectDecision | undefined {
  for (const check of list) {
    const decision = check(input, now);
    if (decision !== undefined) return decision;
  }
  return undefined;
}

function blocked(reason: string, message: string): ConnectDecision {
  return { kind: 'Blocked', failure: { kind: 'Terminal', reason, message } };
}

function suspended({ spec }: AliasInput): ConnectDecision | undefined {
  return spec.suspend ? { kind: 'Keep' } : undefined;
}

function blockedByParents({ parentFailure }: AliasInput): ConnectDecision | undefined {
  return parentFailure === undefined ? undefined : { kind: 'Blocked', failure: parentFailure };
}

function blockedByDesign(input: AliasInput): ConnectDecision | undefined {
  const { type } = input.alias.spec;
  if (input.provider === undefined) {
    return blocked('SpokeNotInstalled', `Provider ${type} is not enabled in this operator: start it with --enable-provider ${type}.`);
  }
  if (input.account !== undefined && 'failure' in input.account) return { kind: 'Blocked', failure: input.account.failure };
  if (input.tokenSecret.kind === 'Foreign') {
    return blocked(
      'NotOwned',
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

/** A token in the Secret of this credential that status is out of step with is taken up, not replaced. */
function statusLost(input: AliasInput, now: number): ConnectDecision | undefined {
  const wanted = credentialHash(input);
  const stored = storedFor(input, wanted);
  if (stored?.issuedAt === undefined) return undefined;
  const token = input.alias.status?.token;
  const inStep = token?.credentialHash === wanted && Date.parse(token.issuedAt) === stored.issuedAt;
  if (inStep || (stored.expiresAt !== undefined && stored.expiresAt <= now)) return undefined;
  return { kind: 'Adopt', credentialHash: wanted, stored, issuedAt: stored.issuedAt };
}

function storedFor({ tokenSecret }: AliasInput, wanted: string): StoredToken | undefined {
  return tokenSecret.kind === 'Present' && tokenSecret.credentialHash === wanted ? tokenSecret.stored : undefined;
}

/** Milliseconds until the vendor may be asked again for the same credential; the clock may have been corrected either way. */
function remainingGap(input: AliasInput, now: number): number {
  const wanted = credentialHash(input);
  const token = input.alias.status?.token;
  const issued = [storedFor(input, wanted)?.issuedAt, token?.credentialHash === wanted ? Date.parse(token.issuedAt) : undefined];
  const ages = issued.filter((time) => time !== undefined).map((time) => Math.abs(now - time));
  return Math.max(0, leastGapMs - Math.min(...ages, Infinity));
}

/** Milliseconds to wait after failures with the present credential; 0 when a person asks. */
export function failureWait(input: AliasInput, now: number): number {
  const status = input.alias.status;
  if (status === undefined || status.failedCredentialHash !== credentialHash(input) || isNewRequest(input)) return 0;
  return backOffRemaining(status, now);
}

function inBackOff(input: AliasInput, now: number): ConnectDecision | undefined {
  return failureWait(input, now) > 0 ? { kind: 'Keep' } : undefined;
}

function tokenMissing(input: AliasInput): ConnectDecision | undefined {
  const token = input.alias.status?.token;
  const usable = input.tokenSecret.kind === 'Present' && input.tokenSecret.stored !== undefined;
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
function rejectedByVendor(input: AliasInput, now: number): ConnectDecision | undefined {
  const token = input.alias.status?.token;
  if (token === undefined || !isRejectionDue(input, Date.parse(token.issuedAt), now)) return undefined;
  return connect(input, input.rejection?.reason ?? 'TokenRejected');
}

/** Whether a rejection of the token that was issued then asks for a new one. */
export function isRejectionDue({ alias, rejection }: AliasInput, issuedAt: number, now: number): boolean {
  if (rejection === undefined) return false;
  // Compared as a mark, not as a time: the pod's clock is not ours, and one rejection must not ask twice.
  if (alias.status?.token?.handledRejection === new Date(rejection.at).toISOString()) return false;
  // One new token picks up scopes that were changed upstream (tf#1092); when it lacks them too, a stream would not help.
  return rejection.reason === 'TokenRejected' || now >= issuedAt + slowRecheckMs;
}

function expiring(input: AliasInput, now: number): ConnectDecision | undefined {
  return now >= (refreshTime(input) ?? Infinity) ? connect(input, 'Expiring') : undefined;
}

/** Granted scopes can grow when somebody mends the app at the vendor: ask again, slowly (T7). */
function scopesMissing(input: AliasInput, now: number): ConnectDecision | undefined {
  const issuedAt = input.alias.status?.token?.issuedAt;
  if (missingNeeded(input).length === 0 || issuedAt === undefined) return undefined;
  return now >= Date.parse(issuedAt) + slowRecheckMs ? connect(input, 'ScopesMissing') : undefined;
}

function connect(input: AliasInput, why: string): ConnectDecision {
  return { kind: 'Connect', credentialHash: credentialHash(input), why };
}

export function isNewRequest(input: AliasInput): boolean {
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

/** Required scopes that the token does not have and that the alias is of no use without. */
export function missingNeeded(input: AliasInput): string[] {
  const needed = neededScopes(input).required;
  return missingScopes(input).filter((scope) => needed.includes(scope));
}

/** When to obtain the next token, or undefined when the present one does not expire. */
export function refreshTime({ alias }: AliasInput): number | undefined {
  const token = alias.status?.token;
  if (token?.expiresAt === undefined) return undefined;
  return renewalTime(alias.metadata.uid, Date.parse(token.issuedAt), Date.parse(token.expiresAt));
}

/**
 * When to renew a token: after 70 to 80 % of its life, at a point drawn from the UID and the issue time, so that
 * many aliases do not ask at once and a restart does not move it.
 */
export function renewalTime(uid: string | undefined, issuedAt: number, expiresAt: number): number {
  const jitter = fractionOf(`${uid ?? ''}${new Date(issuedAt).toISOString()}`);
  return issuedAt + (expiresAt - issuedAt) * (0.7 + 0.1 * jitter);
}
