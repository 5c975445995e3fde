import { loopbackRedirectPattern } from '../../api/connection-alias.ts';
import { annotations } from '../../api/group.ts';
import { describeApp, isExpectedAccount } from '../authorization/parties.ts';
import { claimLifeMs, isInterrupted } from '../authorization/pending.ts';
import type { AuthorizationRecord, ConsentInput, Grant, Pending } from '../authorization/record.ts';
import { credentialHash, failureWait, findObstacle, isNewRequest, isRejectionDue, leastGapMs, renewalTime, requestedAt, requestedScopes } from './decide-connect.ts';
import type { AliasInput } from './input.ts';

/** A person is told this long before the consent ends. */
export const noticeMs = 28 * 24 * 3_600_000;

/** An alias that logs in with consent, and whose Secrets are its own. */
export interface ConsentingInput extends AliasInput {
  readonly consent: ConsentInput;
}

/** What is done next about the tokens of a consent; one step, after which the record is looked at again. */
export type GrantStep =
  | { readonly kind: 'None' }
  /** Nothing now; again in so many milliseconds. */
  | { readonly kind: 'Wait'; readonly ms: number }
  /** A replica was interrupted in the middle of an exchange. */
  | { readonly kind: 'DropClaim' }
  /** A redirect lies in the mailbox. */
  | { readonly kind: 'TakeRedirect' }
  /** Ask whose the new tokens are before anything uses them (S61). */
  | { readonly kind: 'CheckCandidate' }
  /** Put the access token where pods and validation read it. */
  | { readonly kind: 'Publish'; readonly grant: Grant }
  | { readonly kind: 'Rotate'; readonly grant: Grant; readonly why: string }
  /** Ask for the person's role, which may have changed (S60). */
  | { readonly kind: 'Identify'; readonly grant: Grant };

const nothing: GrantStep = { kind: 'None' };

type StepCheck = (input: ConsentingInput, record: AuthorizationRecord, now: number) => GrantStep | undefined;

const steps: readonly StepCheck[] = [interruptedClaim, handedIn, uncheckedCandidate, unusable, unpublished, cutOffRotation, dueRotation, unidentified];

/** The next step about the tokens; ordered checks, the first that says something decides. */
export function decideGrantStep(input: ConsentingInput, now: number): GrantStep {
  if (findObstacle(input, now) !== undefined || input.consent.secret.kind === 'Foreign') return nothing;
  const record = recordOf(input);
  for (const check of steps) {
    const step = check(input, record, now);
    if (step !== undefined) return step;
  }
  return nothing;
}

/** The record, empty while there is none. */
export function recordOf({ consent }: ConsentingInput): AuthorizationRecord {
  return consent.secret.kind === 'Present' ? consent.secret.record : {};
}

function interruptedClaim(_input: ConsentingInput, { claims = [] }: AuthorizationRecord, now: number): GrantStep | undefined {
  return claims.some((claim) => isInterrupted(claim, now)) ? { kind: 'DropClaim' } : undefined;
}

function handedIn({ consent }: ConsentingInput): GrantStep | undefined {
  return consent.mailbox.kind === 'Full' ? { kind: 'TakeRedirect' } : undefined;
}

function uncheckedCandidate(input: ConsentingInput, { candidates = [] }: AuthorizationRecord, now: number): GrantStep | undefined {
  if (candidates.length === 0) return undefined;
  const wait = failureWait(input, now);
  return wait > 0 ? { kind: 'Wait', ms: wait } : { kind: 'CheckCandidate' };
}

function unusable(input: ConsentingInput, { grant }: AuthorizationRecord): GrantStep | undefined {
  return grant === undefined || !isOfThisConnection(input, grant) ? nothing : undefined;
}

/** Whether a consent is for the app and the account that the alias names now. */
export function isOfThisConnection(input: ConsentingInput, grant: Grant): boolean {
  return isForApp(input, grant) && isForAccount(input, grant);
}

function isForApp({ spec, credential }: ConsentingInput, grant: Grant): boolean {
  if (credential.kind !== 'Read' || credential.credential.kind !== 'OAuthClient' || spec.oauth === undefined) return true;
  return grant.app === describeApp(spec.oauth.type, credential.credential);
}

export function isForAccount({ account }: ConsentingInput, grant: Grant): boolean {
  return account === undefined || !('name' in account) || isExpectedAccount(grant.account ?? grant.givenFor, account.name);
}

function unpublished(input: ConsentingInput, { grant }: AuthorizationRecord, now: number): GrantStep | undefined {
  if (grant === undefined || isPublished(input, grant) || (grant.expiresAt !== undefined && grant.expiresAt <= now)) return undefined;
  return { kind: 'Publish', grant };
}

/** Whether the token Secret holds this grant's access token, under the present fingerprint. */
export function isPublished({ tokenSecret }: AliasInput, grant: Grant): boolean {
  if (tokenSecret.kind !== 'Present' || tokenSecret.credentialHash !== grant.credentialHash) return false;
  return tokenSecret.stored?.token.reveal() === grant.accessToken.reveal();
}

/** A claim of a rotation that nobody finished: perhaps the vendor has rotated, and only another try tells. */
function cutOffRotation(input: ConsentingInput, { grant, rotation }: AuthorizationRecord, now: number): GrantStep | undefined {
  if (grant?.refreshToken === undefined || rotation === undefined || rotation.grantId !== grant.id) return undefined;
  const age = Math.abs(now - rotation.startedAt);
  // Somebody who leads no more may still be at it.
  if (age < claimLifeMs) return { kind: 'Wait', ms: claimLifeMs - age };
  const wait = failureWait(input, now);
  return wait > 0 ? { kind: 'Wait', ms: wait } : { kind: 'Rotate', grant, why: 'RotationUnclear' };
}

function dueRotation(input: ConsentingInput, { grant }: AuthorizationRecord, now: number): GrantStep | undefined {
  if (grant?.refreshToken === undefined) return undefined;
  const why = rotationCause(input, grant, now);
  if (why === undefined) return undefined;
  const gap = grant.credentialHash === credentialHash(input) ? leastGapMs - Math.abs(now - grant.issuedAt) : 0;
  const wait = Math.max(gap, failureWait(input, now));
  return wait > 0 ? { kind: 'Wait', ms: wait } : { kind: 'Rotate', grant, why };
}

function rotationCause(input: ConsentingInput, grant: Grant, now: number): string | undefined {
  if (grant.credentialHash !== credentialHash(input)) return 'CredentialChanged';
  if (isNewRequest(input) && grant.forRequest !== requestedAt(input.alias)) return 'Requested';
  if (isRejected(input, grant, now)) return 'TokenRejected';
  return now >= (rotationTime(input, grant) ?? Infinity) ? 'Expiring' : undefined;
}

/** Whether the vendor has refused this consent's token since the last renewal; what it refused before was another one. */
function isRejected(input: ConsentingInput, grant: Grant, now: number): boolean {
  const at = input.rejection?.at;
  return at !== undefined && at > grant.authorizedAt && at !== grant.forRejection && isRejectionDue(input, grant.issuedAt, now);
}

/** When the tokens are renewed by themselves (T8). */
export function rotationTime({ alias }: AliasInput, grant: Grant): number | undefined {
  return grant.expiresAt === undefined ? undefined : renewalTime(alias.metadata.uid, grant.issuedAt, grant.expiresAt);
}

function unidentified(input: ConsentingInput, { grant }: AuthorizationRecord, now: number): GrantStep | undefined {
  if (grant === undefined || grant.isIdentified || failureWait(input, now) > 0) return undefined;
  return grant.expiresAt !== undefined && grant.expiresAt <= now ? undefined : { kind: 'Identify', grant };
}

/** Why a person has to consent, if so. */
export type ConsentNeed = 'Missing' | 'OtherApp' | 'OtherAccount' | 'Ended' | 'ScopesMissing' | 'Expiring';

export function findNeed(input: ConsentingInput, now: number): ConsentNeed | undefined {
  const { grant } = recordOf(input);
  // Also while somebody's account is being asked for: it may be a stranger's.
  if (grant === undefined) return 'Missing';
  if (!isForApp(input, grant)) return 'OtherApp';
  if (!isForAccount(input, grant)) return 'OtherAccount';
  if (grant.refreshToken === undefined) return 'Ended';
  if (requestedScopes(input).required.some((scope) => !grant.scopes.includes(scope))) return 'ScopesMissing';
  return isExpiring(grant, now) ? 'Expiring' : undefined;
}

/** Weeks before the window ends; or when an unused refresh token has lost more than a tenth of its life and ends within them (T8). */
export function isExpiring(grant: Grant, now: number): boolean {
  if (grant.refreshToken === undefined) return false;
  const noticeOfRefresh = Math.min(noticeMs, 0.9 * grant.refreshLifetimeMs);
  return grant.consentEndsAt - now < noticeMs || grant.refreshEndsAt - now < noticeOfRefresh;
}

/** What becomes of the authorization that a person may give. */
export type PendingStep = { readonly kind: 'Keep' } | { readonly kind: 'Drop' } | { readonly kind: 'Make'; readonly redirectURL: string; readonly request: string | undefined };

const keep: PendingStep = { kind: 'Keep' };

/** Made when it is needed, made anew when it has run out or asks for something else, and taken away when it is not needed. */
export function decidePending(input: ConsentingInput, now: number): PendingStep {
  const record = recordOf(input);
  if (input.consent.secret.kind === 'Foreign' || record.claims !== undefined) return keep;
  const obstacle = findObstacle(input, now);
  // What is wrong elsewhere does not take away a link that somebody has open.
  if (obstacle?.kind === 'Blocked') return keep;
  if (obstacle !== undefined) return drop(record.pending);
  const request = newLoopbackRequest(input, record);
  if (request !== undefined) return { kind: 'Make', redirectURL: request.split(' ')[0] ?? '', request };
  return renewPending(input, record.pending, now);
}

function renewPending(input: ConsentingInput, pending: Pending | undefined, now: number): PendingStep {
  const fresh = pending !== undefined && isFresh(input, pending, now) ? pending : undefined;
  // Somebody at a laptop is about to use it, needed or not.
  if (fresh?.request !== undefined) return keep;
  if (findNeed(input, now) === undefined) return drop(pending);
  const redirectURL = input.spec.oauth?.redirectURL ?? '';
  return fresh?.redirectURL === redirectURL ? keep : { kind: 'Make', redirectURL, request: undefined };
}

function drop(pending: Pending | undefined): PendingStep {
  return pending === undefined ? keep : { kind: 'Drop' };
}

function isFresh(input: ConsentingInput, pending: Pending, now: number): boolean {
  return pending.expiresAt > now && pending.scopes.join(' ') === consentScopes(input).join(' ');
}

/**
 * Scopes to consent to: exactly those required by the enabled processes, and those of the activity signals that
 * somebody has enabled on purpose (S2, S59). What is merely of use is not asked for: one scope that the app may not
 * have can cost all of them (T7). An alias for reclaims alone (C30) asks for what the guards read as well: without that
 * nothing is ever reclaimed, so it is of no use without.
 */
export function consentScopes(input: AliasInput): string[] {
  const { required, optional } = requestedScopes(input);
  const ofUse = requestedScopes({ ...input, signals: [] }).optional;
  const { processes, provider } = input;
  const guards = processes.every((name) => name === 'ReclaimSubscription') && processes.length > 0 && input.spec.oauth?.type === 'Scoped' ? (provider?.reclaim.guardScopes ?? []) : [];
  return Array.from(new Set([...required, ...optional.filter((scope) => !ofUse.includes(scope)), ...guards])).sort();
}

/** A request of `saaslicense authorize` that has not been acted on; one that leads elsewhere than to loopback is none. */
function newLoopbackRequest({ alias }: ConsentingInput, { handledRequest }: AuthorizationRecord): string | undefined {
  const request = alias.metadata.annotations?.[annotations.authorizeRedirect];
  if (request === undefined || request === handledRequest || request.length > 600) return undefined;
  return loopbackRedirectPattern.test(request.split(' ')[0] ?? '') ? request : undefined;
}

/** Whether a person may hand in the redirect through the mailbox. */
export function wantsMailbox(alias: AliasInput['alias'], pending: Pending | undefined): boolean {
  return pending?.request !== undefined || alias.metadata.annotations?.[annotations.authorizeRedirect] !== undefined;
}

/** Milliseconds until something about the consent is due by itself; undefined when nothing is. */
export function consentDue(input: ConsentingInput, now: number): number | undefined {
  const step = decideGrantStep(input, now);
  const { pending, claims = [], grant } = recordOf(input);
  const times = [
    step.kind === 'Wait' ? now + step.ms : undefined,
    pending?.expiresAt,
    ...claims.map(({ startedAt }) => startedAt + claimLifeMs),
    grant?.refreshToken === undefined ? undefined : rotationTime(input, grant),
    grant === undefined || isExpiring(grant, now) ? undefined : noticeTime(grant),
  ].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(1000, Math.min(...times) - now);
}

function noticeTime(grant: Grant): number {
  return Math.min(grant.consentEndsAt - noticeMs, grant.refreshEndsAt - Math.min(noticeMs, 0.9 * grant.refreshLifetimeMs));
}

