import type { ConnectionAlias, ConnectionAliasSpec } from '../../api/connection-alias.ts';
import { resolveAlias } from '../../api/effective-alias.ts';
import { terminal } from '../../api/errors.ts';
import type { OAuthType, Provider } from '../../providers/provider.ts';
import type { OAuthClient } from '../connection-alias/input.ts';
import { readCredential } from '../connection-alias/read-credential.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { aliasFinder } from '../find-alias.ts';
import { hashOf } from '../hash.ts';

/** What consent and rotation are handed; less than a controller's. */
export type AuthorizationDependencies = Pick<
  ControllerDependencies,
  'client' | 'stores' | 'providers' | 'clock' | 'random' | 'logger' | 'metrics' | 'identity' | 'createSecret'
>;

/** Who a consent is between: the alias, the provider and the registered app. */
export interface Parties {
  readonly alias: ConnectionAlias;
  /** With what comes from the parents (S77). */
  readonly spec: ConnectionAliasSpec;
  readonly provider: Provider;
  readonly client: OAuthClient;
  readonly type: OAuthType;
  /** Account that the settings name, such as "acme (US)" (S61). */
  readonly account: string;
  readonly credentialHash: string;
}

/**
 * Reads who the consent of an alias is between. Throws the failure that stands in the way: of the parents, the
 * provider, the settings or the Secret with client id and secret.
 */
export async function readParties(alias: ConnectionAlias, dependencies: AuthorizationDependencies, signal: AbortSignal): Promise<Parties> {
  const namespace = alias.metadata.namespace ?? '';
  const resolved = resolveAlias(alias, aliasFinder(dependencies.stores, namespace));
  if ('failure' in resolved) throw terminal(resolved.failure.reason, resolved.failure.message);
  const { spec } = resolved;
  const provider = dependencies.providers.get(spec.type);
  if (provider === undefined || spec.oauth === undefined || spec.suspend) {
    throw terminal('NotAwaitingConsent', 'The ConnectionAlias does not wait for the consent of a person.');
  }
  const account = provider.describeAccount(spec[provider.fragment.settingsKey]);
  const read = await readCredential(spec, namespace, { client: dependencies.client, signal });
  if (read.kind === 'Failed') throw terminal(read.failure.reason, read.failure.message);
  if (read.credential.kind !== 'OAuthClient') throw terminal('NotAwaitingConsent', 'The ConnectionAlias does not wait for the consent of a person.');
  const { type } = spec.oauth;
  return { alias, spec, provider, client: read.credential, type, account, credentialHash: hashConsent(spec, provider, read.version) };
}

/**
 * Fingerprint of what a consented token is obtained with: settings, app and version of the credential Secret. Scopes are not
 * part of it: a renewal never changes them.
 */
export function hashConsent(spec: ConnectionAliasSpec, provider: Provider, version: string): string {
  const { type, clientSecretRef } = spec.oauth ?? {};
  return hashOf([spec.type, spec[provider.fragment.settingsKey], type, clientSecretRef, version]);
}

/** The app that a consent is for: another one must be consented to again. Client ids are no secret: they are in the URL. */
export function describeApp(type: OAuthType, { clientId }: OAuthClient): string {
  return `${type} ${clientId.reveal()}`;
}

/** Whether the vendor's name of the account is the one that the settings name; true also when the vendor does not tell. */
export function isExpectedAccount(told: string | undefined, expected: string): boolean {
  return told === undefined || told.toLowerCase() === expected.toLowerCase();
}
