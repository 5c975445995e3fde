import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { OperatorError, toFailure, type Failure } from '../../api/errors.ts';
import { callVendor, providerContext, warnOfFailure } from '../vendor-call.ts';
import type { ConsentGrant } from '../../providers/provider.ts';
import { endedAttempt } from './attempts.ts';
import { renewGrant } from './grants.ts';
import type { AuthorizationDependencies, Parties } from './parties.ts';
import type { AuthorizationRecord, AuthorizationSecret, Grant, RecordChange } from './record.ts';
import { persist, writeAuthorization, type PresentAuthorization } from './store.ts';

/** A renewed pair that the API server has not taken yet: the vendor's old one is dead, so this memory is all there is. */
export interface UnsavedRenewal {
  readonly grant: Grant;
  /** Id of the grant that it renews. */
  readonly renews: string;
}

export interface RotationDependencies extends AuthorizationDependencies {
  /** By uid of the alias. */
  readonly unsavedRenewals: Map<string, UnsavedRenewal>;
}

export type RotationOutcome =
  | { readonly kind: 'Renewed' | 'Ended'; readonly secret: AuthorizationSecret }
  | { readonly kind: 'Failed'; readonly failure: Failure; readonly secret: AuthorizationSecret };

/** What the renewal is made for; it is kept with the tokens, so that it is not made for the same thing again. */
export interface RotationCause {
  readonly forRejection: number | undefined;
  readonly forRequest: string | undefined;
}

/**
 * Renews the tokens of a consent (T8, facts/pagerduty.md 1.4): claims the rotation under the version that was read, calls the
 * vendor, stores the new pair in one write, and only then lets anything use it. A claim that is left over says that an
 * earlier rotation was cut off and its outcome is not known; then the old refresh token is tried once more, and a
 * refusal means that the consent is lost, not that it was revoked. Throws Conflict when somebody else wrote first.
 */
export async function rotateGrant(
  parties: Parties,
  before: PresentAuthorization & { readonly record: { readonly grant: Grant } },
  cause: RotationCause,
  { dependencies, signal }: { dependencies: RotationDependencies; signal: AbortSignal },
): Promise<RotationOutcome> {
  const { grant, rotation: leftOver } = before.record;
  const { clock, identity, createSecret, client } = dependencies;
  const isUnclear = leftOver !== undefined && leftOver.grantId === grant.id;
  const rotation = { id: createSecret(), grantId: grant.id, startedAt: clock.now(), by: identity, isUnclear };
  const claimed = await writeAuthorization(parties.alias, before, { rotation }, { client, signal });
  const askedAt = clock.now();
  let obtained: ConsentGrant;
  try {
    obtained = await callRefresh(parties, grant, dependencies, signal);
  } catch (error) {
    warnOfFailure(error, parties.alias, dependencies.logger, 'the vendor did not renew the tokens');
    return settleRefusal(toFailure(error), { parties, claimed, grant, isUnclear }, dependencies);
  }
  const renewed = { ...renewGrant(grant, { id: rotation.id, obtained, askedAt, credentialHash: parties.credentialHash }), ...definedCause(cause, grant) };
  dependencies.unsavedRenewals.set(parties.alias.metadata.uid ?? '', { grant: renewed, renews: grant.id });
  return { kind: 'Renewed', secret: await saveRenewal(parties.alias, dependencies) };
}

/** Stores a renewal that is only in memory. Throws Retryable `PersistFailed`, and then it stays in memory. */
export async function saveRenewal(alias: ConnectionAlias, dependencies: RotationDependencies): Promise<AuthorizationSecret> {
  const uid = alias.metadata.uid ?? '';
  const unsaved = dependencies.unsavedRenewals.get(uid);
  const secret = await persist(alias, (record) => (unsaved === undefined ? undefined : storeRenewal(record, unsaved)), dependencies);
  dependencies.unsavedRenewals.delete(uid);
  return secret;
}

/** Nothing when it is stored already, or when a newer consent has taken its place. */
function storeRenewal({ grant }: AuthorizationRecord, { grant: renewed, renews }: UnsavedRenewal): RecordChange | undefined {
  if (grant !== undefined && grant.id !== renews) return undefined;
  return { grant: renewed, rotation: undefined, attempt: undefined };
}

async function callRefresh(parties: Parties, grant: Grant, dependencies: RotationDependencies, signal: AbortSignal): Promise<ConsentGrant> {
  const { provider, spec, client, type } = parties;
  const { refreshToken, scopes } = grant;
  if (refreshToken === undefined) throw new OperatorError({ kind: 'Terminal', reason: 'AuthorizationRevoked', message: 'There is no refresh token.' });
  const request = { type, clientId: client.clientId, clientSecret: client.clientSecret, redirectURL: spec.oauth?.redirectURL ?? '', refreshToken, scopes };
  const context = providerContext(provider, spec, dependencies);
  return callVendor(signal, (callSignal) => provider.consent.refresh(request, { ...context, signal: callSignal }));
}

interface Refused {
  readonly parties: Parties;
  readonly claimed: PresentAuthorization;
  readonly grant: Grant;
  readonly isUnclear: boolean;
}

/** Failures after which the vendor has surely not rotated. After any other, the claim stays and says that nobody knows. */
const nothingDone: readonly string[] = ['CredentialsRejected', 'VendorUnreachable', 'RateLimited', 'RefreshRefused', 'Aborted', 'InvalidSettings', 'CustomEndpointsNotAllowed'];

async function settleRefusal(failure: Failure, refused: Refused, dependencies: RotationDependencies): Promise<RotationOutcome> {
  const { parties, claimed, grant, isUnclear } = refused;
  if (failure.reason === 'AuthorizationRevoked') {
    const attempt = endedAttempt(isUnclear ? 'AuthorizationLost' : 'AuthorizationRevoked', dependencies.clock.now());
    const ended = { ...grant, refreshToken: undefined };
    const isOver = ({ grant: present }: AuthorizationRecord): boolean => present?.id === grant.id && present.refreshToken !== undefined;
    const change = { grant: ended, rotation: undefined, attempt };
    return { kind: 'Ended', secret: await persist(parties.alias, (record) => (isOver(record) ? change : undefined), dependencies) };
  }
  if (isUnclear || !nothingDone.includes(failure.reason)) return { kind: 'Failed', failure, secret: claimed };
  const { id } = claimed.record.rotation ?? {};
  const secret = await persist(parties.alias, (record) => (record.rotation?.id === id ? { rotation: undefined } : undefined), dependencies);
  return { kind: 'Failed', failure, secret };
}

function definedCause(cause: RotationCause, before: Grant): RotationCause {
  return { forRejection: cause.forRejection ?? before.forRejection, forRequest: cause.forRequest ?? before.forRequest };
}
