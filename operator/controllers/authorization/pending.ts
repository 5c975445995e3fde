import { createHash, timingSafeEqual } from 'node:crypto';
import { SecretValue } from '../../api/secret-value.ts';
import type { AuthorizationRecord, Claim, Pending, RecordChange, UsedState } from './record.ts';

/** How long a URL can be used: long enough to fetch a colleague with the right role, short enough to be of no use in a log. */
export const pendingLifetimeMs = 3_600_000;
const keptStates = 12;

interface PendingRequest {
  readonly aliasUid: string;
  readonly redirectURL: string;
  readonly scopes: readonly string[];
  readonly request: string | undefined;
  readonly now: number;
  /** 256 bits nobody can guess, as base64url; a new one at each call. */
  readonly createSecret: () => string;
}

/** An authorization to ask for. The state leads to the alias by its uid: a new alias of the same name is another one. */
export function makePending({ aliasUid, redirectURL, scopes, request, now, createSecret }: PendingRequest): Pending {
  return {
    state: `${aliasUid}.${createSecret()}`,
    codeVerifier: new SecretValue(createSecret()),
    redirectURL,
    scopes: [...scopes],
    expiresAt: now + pendingLifetimeMs,
    request,
  };
}

/** S256 (RFC 7636). */
export function challengeOf({ codeVerifier }: Pending): string {
  return createHash('sha256').update(codeVerifier.reveal()).digest('base64url');
}

const stateShape = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[A-Za-z0-9_-]{43}$/;

/** Uid of the alias that a state belongs to, or undefined when it is none of ours. */
export function aliasUidOf(state: string): string | undefined {
  return stateShape.exec(state)?.[1];
}

export type StateVerdict = { readonly kind: 'Open'; readonly pending: Pending } | { readonly kind: 'Replayed' | 'Expired' | 'Unknown' };

/** What a state is worth now. */
export function judgeState(record: AuthorizationRecord, state: string, now: number): StateVerdict {
  const { pending, used = [] } = record;
  const hash = hashState(state);
  if (pending !== undefined && isSame(hash, hashState(pending.state))) {
    return pending.expiresAt > now ? { kind: 'Open', pending } : { kind: 'Expired' };
  }
  const past = used.find((each) => isSame(hash, each.hash));
  if (past === undefined) return { kind: 'Unknown' };
  return { kind: past.why === 'Used' ? 'Replayed' : 'Expired' };
}

/** The state is spent, now that a consent was taken with it. */
export function spend(record: AuthorizationRecord): RecordChange {
  return record.pending === undefined ? {} : { pending: undefined, used: rememberState(record, 'Used') };
}

/** A claim older than this is of a replica that ended: no exchange and no renewal takes as long. */
export const claimLifeMs = 60_000;
/** More codes at a time are tried by nobody but a stranger. */
const mostClaims = 8;

export function isInterrupted({ startedAt }: { readonly startedAt: number }, now: number): boolean {
  return Math.abs(now - startedAt) >= claimLifeMs;
}

/** The claims with one more, the oldest forgotten; undefined when somebody exchanges that code already. */
export function withClaim({ claims = [] }: AuthorizationRecord, claim: Claim): Claim[] | undefined {
  if (claims.some((other) => other.code === claim.code && !isInterrupted(other, claim.startedAt))) return undefined;
  return [...claims, claim].slice(-mostClaims);
}

/** Undefined for none, so that the key goes. */
export function listOf<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** The past with one more state; the oldest are forgotten. */
export function rememberState(record: AuthorizationRecord, why: UsedState['why']): UsedState[] {
  const { pending, used = [] } = record;
  const next = pending === undefined ? [...used] : [...used, { hash: hashState(pending.state), why }];
  return next.slice(-keptStates);
}

function hashState(state: string): string {
  return createHash('sha256').update(state).digest('hex');
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
