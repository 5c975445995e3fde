import type { Clock } from '../../api/clock.ts';
import { compact } from '../../api/compact.ts';
import { terminal } from '../../api/errors.ts';
import { loadClusterConfig } from '../../kubernetes/cluster-config.ts';
import { createProviders, providerByType } from '../../providers/registry.ts';
import { gatherNamespace, openClusterReader } from './cluster-reader.ts';
import { onlyProfile, recordSnapshot, withoutNames } from './record-snapshot.ts';
import { readSnapshot } from './snapshot-file.ts';
import type { Snapshot } from './snapshot-schema.ts';
import { wholeSeconds, type PositionSource } from './source-options.ts';

/** What a command is handed from outside, so that tests can. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * The recorded data that a command works on: of a file, or of a cluster as it is now. Both go the same way from here, so a
 * cluster and its snapshot give the same figures.
 * @throws OperatorError with a message for a person.
 */
export async function loadSnapshot(source: PositionSource, withPeople: boolean, context: CommandContext): Promise<Snapshot> {
  const whole = source.from === undefined ? await recordCluster(source, withPeople, context) : await readFileSnapshot(source.from, withPeople);
  const names = whole.profiles.map(({ name }) => name);
  // An empty position would look like one that is in order.
  if (names.length === 0) throw terminal('NoProfile', `There is no IntegrationProfile in namespace ${whole.namespace}: name another one with --namespace.`);
  if (source.profile === undefined) return whole;
  if (!names.includes(source.profile)) throw terminal('NoProfile', `There is no IntegrationProfile ${source.profile} in namespace ${whole.namespace}; there are ${names.slice(0, 10).join(', ')}.`);
  return onlyProfile(whole, source.profile);
}

async function readFileSnapshot(file: string, withPeople: boolean): Promise<Snapshot> {
  const snapshot = await readSnapshot(file);
  if (!withPeople) return withoutNames(snapshot);
  if (snapshot.people === 'Names') return snapshot;
  throw terminal('NoNames', `${file} does not hold the names of people: write it with saaslicense snapshot --with-people, or leave out --with-people.`);
}

async function recordCluster({ namespace, kubeconfig, context }: PositionSource, withPeople: boolean, { env, clock }: CommandContext): Promise<Snapshot> {
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig, context }) });
  const reader = openClusterReader(config);
  try {
    const providers = createProviders();
    const where = namespace ?? config.namespace;
    const objects = await gatherNamespace(reader, where);
    return recordSnapshot(objects, { at: wholeSeconds(clock.now()), namespace: where, withPeople, signalsOf: (type) => providerByType(providers, type)?.signals ?? [] });
  } finally {
    await reader.close();
  }
}
