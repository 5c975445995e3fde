import type { ConnectionAlias, ConnectionAliasSpec } from '../../api/connection-alias.ts';
import { tokenSecretName } from '../../api/token-secret.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { authorizationSecretName, redirectSecretName } from '../authorization/names.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { isControlledBy } from '../secrets.ts';
import { leastGapMs } from './decide-connect.ts';
import { isForAccount, recordOf } from './decide-consent.ts';
import type { AliasInput, LeftoverSecret } from './input.ts';
import { loginOf } from './read-credential.ts';

/** What becomes of the token Secret; why it goes is shown in the event. */
export type TokenRemoval = { readonly kind: 'Keep' } | { readonly kind: 'Wait'; readonly ms: number } | { readonly kind: 'Remove'; readonly why: string };

/**
 * Returns whether the token Secret goes: the operator keeps no valid token that nothing uses. While a login is not known (a Secret or a
 * parent is missing) a token of some login is kept.
 */
export function decideTokenRemoval(input: AliasInput, now: number): TokenRemoval {
  if (input.tokenSecret.kind !== 'Present') return { kind: 'Keep' };
  const login = loginOf(input.spec);
  if (login !== undefined && input.tokenSecret.login !== login) return { kind: 'Remove', why: 'the alias’s login was changed' };
  if (isOfAnotherAccount(input)) return { kind: 'Remove', why: 'the consent is for an account other than the one in the settings' };
  const why = unusedBecause(input);
  if (why === undefined) return { kind: 'Keep' };
  // Were a young token deleted, whoever suspends and resumes would have the vendor asked for one each time.
  const age = Math.abs(now - (input.tokenSecret.stored?.issuedAt ?? -Infinity));
  return age < leastGapMs ? { kind: 'Wait', ms: leastGapMs - age } : { kind: 'Remove', why };
}

function unusedBecause({ alias, spec, processes }: AliasInput): string | undefined {
  if (spec.suspend || alias.spec.suspend) return 'the alias is suspended';
  return processes.length === 0 ? 'no active IntegrationProfile uses the alias' : undefined;
}

/** The settings may be changed back, so the consent itself stays; its token must not be used meanwhile. */
function isOfAnotherAccount({ consent, ...input }: AliasInput): boolean {
  if (consent === undefined) return false;
  const consenting = { ...input, consent };
  const { grant } = recordOf(consenting);
  return grant !== undefined && !isForAccount(consenting, grant);
}

/**
 * Returns the consent of an alias that no longer logs in with one: its refresh token lasts for months. Looked for when the spec or the parents
 * may have changed, since it costs two requests.
 */
export async function readLeftConsent(
  alias: ConnectionAlias,
  spec: ConnectionAliasSpec,
  { client, signal }: { client: Pick<KubernetesClient, 'get'>; signal: AbortSignal },
): Promise<LeftoverSecret[]> {
  const { status, metadata } = alias;
  const isSettled = status?.observedGeneration === metadata.generation && status?.authorization === undefined;
  if (spec.oauth !== undefined || loginOf(spec) === undefined || isSettled) return [];
  const names = [authorizationSecretName(metadata.name), redirectSecretName(metadata.name)];
  const found = await Promise.all(names.map(async (name) => client.get(coreResources.Secret, { namespace: metadata.namespace ?? '', name }, { signal })));
  return found
    .filter((secret) => secret !== undefined)
    .filter((secret) => isControlledBy(secret, metadata.uid))
    .map((secret) => ({ name: secret.metadata.name, uid: secret.metadata.uid ?? '', resourceVersion: secret.metadata.resourceVersion ?? '' }));
}

/** Deletes what `decideTokenRemoval` and `readLeftConsent` found, and nothing that was written since (Conflict); the input as it is then. */
export async function removeLeftovers(input: AliasInput, removal: TokenRemoval, dependencies: ControllerDependencies, signal: AbortSignal): Promise<AliasInput> {
  const { alias, tokenSecret, leftConsent } = input;
  const { client, events, unsavedRenewals } = dependencies;
  const remove = async ({ name, uid, resourceVersion }: LeftoverSecret): Promise<void> => {
    await client.delete(coreResources.Secret, { namespace: alias.metadata.namespace ?? '', name }, { uid, resourceVersion, signal });
  };
  for (const secret of leftConsent) await remove(secret);
  if (leftConsent.length > 0) {
    unsavedRenewals.delete(alias.metadata.uid ?? '');
    events.record(alias, { type: 'Normal', reason: 'ConsentRemoved', action: 'Connect', note: 'The alias no longer logs in with a person’s consent, so the operator deleted its refresh token. Revoke the consent at the vendor, too.' });
  }
  if (removal.kind !== 'Remove' || tokenSecret.kind !== 'Present') return { ...input, leftConsent: [] };
  await remove({ ...tokenSecret, name: tokenSecretName(alias.metadata.name) });
  events.record(alias, { type: 'Normal', reason: 'TokenRemoved', action: 'Connect', note: `The operator deleted the token Secret: ${removal.why}.` });
  return { ...input, alias: withoutToken(alias), tokenSecret: { kind: 'Absent' }, leftConsent: [] };
}

function withoutToken(alias: ConnectionAlias): ConnectionAlias {
  if (alias.status === undefined) return alias;
  const { token: _token, grantedScopes: _scopes, ...status } = alias.status;
  return { ...alias, status };
}
