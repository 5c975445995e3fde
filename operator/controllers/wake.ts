import type { ConnectionAlias } from '../api/connection-alias.ts';
import { parentsOf } from '../api/effective-alias.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import { keyOf } from '../kubernetes/object-key.ts';
import { aliasesBySecret, type Caches } from './caches.ts';
import { aliasesOfProfile } from './connection-alias/enabled-processes.ts';
import { indexes, type Stores } from './dependencies.ts';
import { aliasFinder } from './find-alias.ts';
import { objectName } from './object-key.ts';
import { profileOf } from './profile-of.ts';
import type { Queues } from './queues.ts';
import { connectPositionQueues } from './wake-positions.ts';
import { connectRuleQueues } from './wake-rules.ts';
import { connectUndoQueue } from './wake-undo.ts';
import { isAliasReadinessChange, isChangeOfIntent, isProcessChange, isProfileChange } from './predicates.ts';

/** Which change of which object makes whom look again. */
export function connectQueues({ stores, secrets }: Caches, queues: Queues): void {
  wakeByAliases(stores, queues);
  wakeByProfiles(stores, queues);
  wakeByJobs(stores, queues);
  wakeByAccess(stores, queues);
  connectPositionQueues(stores, queues);
  connectRuleQueues(stores, queues);
  connectUndoQueue({ stores, secrets }, queues);
  secrets.subscribe((change) => {
    for (const alias of stores.aliases.byIndex(aliasesBySecret, change.key)) {
      const key = keyOf(alias.metadata);
      queues.aliases.add(key);
      // The Secret may be one that children take from it.
      for (const child of childrenOf(stores, key)) queues.aliases.add(keyOf(child.metadata));
    }
  });
}

function wakeByAliases(stores: Stores, queues: Queues): void {
  stores.aliases.subscribe((change) => {
    if (isChangeOfIntent(change)) {
      queues.aliases.add(change.key);
      // What a child leaves out it takes from its parent (S77).
      for (const child of childrenOf(stores, change.key)) queues.aliases.add(keyOf(child.metadata));
    }
    if (!isAliasReadinessChange(change)) return;
    for (const profile of usersOf(stores, change.key)) queues.profiles.add(keyOf(profile.metadata));
  });
}

function wakeByProfiles(stores: Stores, queues: Queues): void {
  stores.profiles.subscribe((change) => {
    if (isProfileChange(change)) queues.profiles.add(change.key);
    if (!isProcessChange(change)) return;
    const { namespace } = objectName(change.key);
    const names = [change.old, change.new].flatMap((profile) => (profile === undefined ? [] : aliasNamesOf(profile)));
    for (const name of new Set(names)) queues.aliases.add(`${namespace}/${name}`);
  });
}

function wakeByJobs(stores: Stores, queues: Queues): void {
  for (const store of [stores.cronJobs, stores.jobs]) {
    store.subscribe((change) => {
      const object = change.new ?? change.old;
      if (object === undefined) return;
      const profiles = profileOf(object).flatMap((value) => stores.profiles.byIndex(indexes.byProfile, value));
      for (const profile of profiles) queues.profiles.add(keyOf(profile.metadata));
    });
  }
}

/** One profile sees to the access that all of the namespace share; waking all of them for each would cost the square. */
function wakeByAccess(stores: Stores, queues: Queues): void {
  for (const store of [stores.serviceAccounts, stores.roleBindings]) {
    store.subscribe((change) => {
      const keeper = accessKeeper(stores.profiles.list(objectName(change.key).namespace));
      if (keeper !== undefined) queues.profiles.add(keyOf(keeper.metadata));
    });
  }
}

/** The profile that looks after the shared access: the first by name that has jobs. */
export function accessKeeper(profiles: readonly IntegrationProfile[]): IntegrationProfile | undefined {
  const withJobs = profiles.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && (status?.scheduledJobs?.length ?? 0) > 0);
  return withJobs.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

/** Aliases that take something from this one, directly or through others. */
function childrenOf(stores: Stores, key: string): ConnectionAlias[] {
  const { namespace, name } = objectName(key);
  return stores.aliases.list(namespace).filter((alias) => parentsOf(alias, aliasFinder(stores, namespace)).includes(name));
}

/** Profiles that use the alias: for downloads, for reclaims, or as a parent of either. */
function usersOf(stores: Stores, key: string): IntegrationProfile[] {
  const { namespace, name } = objectName(key);
  const affected = new Set([name, ...childrenOf(stores, key).map((child) => child.metadata.name)]);
  return stores.profiles.list(namespace).filter((profile) => aliasNamesOf(profile).some((each) => affected.has(each)));
}

function aliasNamesOf(profile: IntegrationProfile): string[] {
  return Object.values(aliasesOfProfile(profile));
}
