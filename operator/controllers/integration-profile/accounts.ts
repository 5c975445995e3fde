import { resolveAlias } from '../../api/effective-alias.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { aliasFinder } from '../find-alias.ts';

/**
 * The vendor account of each profile that counts people, by name of the profile, with the type of its provider: `PagerDuty acme (US)`.
 * From caches. A profile whose account cannot be told is missing.
 */
export function accountsOf(profiles: readonly IntegrationProfile[], dependencies: Pick<ControllerDependencies, 'stores' | 'providers'>): ReadonlyMap<string, string> {
  const accounts = new Map<string, string>();
  for (const profile of profiles) {
    const account = profile.status?.position === undefined ? undefined : accountOf(profile, dependencies);
    if (account !== undefined) accounts.set(profile.metadata.name, account);
  }
  return accounts;
}

function accountOf({ metadata, spec }: IntegrationProfile, { stores, providers }: Pick<ControllerDependencies, 'stores' | 'providers'>): string | undefined {
  const find = aliasFinder(stores, metadata.namespace);
  const provider = providers.get(spec.type);
  const alias = find(spec.connectionAliasRef.name);
  if (provider === undefined || alias?.spec.type !== spec.type) return undefined;
  const resolved = resolveAlias(alias, find);
  if ('failure' in resolved) return undefined;
  try {
    return `${spec.type} ${provider.describeAccount(resolved.spec[provider.fragment.settingsKey])}`;
  } catch {
    // The alias says what is wrong with its settings.
    return undefined;
  }
}
