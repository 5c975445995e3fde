import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { Clock } from '../../api/clock.ts';
import { retryable, toFailure } from '../../api/errors.ts';
import type { SecretValue } from '../../api/secret-value.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { isControlledBy, readSecretKey, type Secret } from '../secrets.ts';
import { authorizationSecretName, redirectSecretName } from './names.ts';
import { changeOwnedSecret, createOwnedSecret, type SecretVersion } from './owned-secret.ts';
import { decodeRecord, encodeChange, type AuthorizationRecord, type AuthorizationSecret, type Mailbox, type RecordChange } from './record.ts';

export interface StoreTools {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'mergePatch'>;
  readonly signal: AbortSignal;
}

export type PresentAuthorization = Extract<AuthorizationSecret, { kind: 'Present' }>;

/** `<alias>-authorization` as it is, read live. */
export async function readAuthorization(alias: ConnectionAlias, { client, signal }: StoreTools): Promise<AuthorizationSecret> {
  const secret = await client.get<Secret>(coreResources.Secret, keyOf(alias, authorizationSecretName(alias.metadata.name)), { signal });
  if (secret === undefined) return { kind: 'Absent' };
  return isControlledBy(secret, alias.metadata.uid) ? present(secret) : { kind: 'Foreign' };
}

/**
 * Writes fields of the record under the version that was read: a write of somebody else in between is a Conflict.
 * A Secret that is not there is made. Never called for a foreign one.
 */
export async function writeAuthorization(
  alias: ConnectionAlias,
  before: Exclude<AuthorizationSecret, { kind: 'Foreign' }>,
  change: RecordChange,
  tools: StoreTools,
): Promise<PresentAuthorization> {
  const write = { name: authorizationSecretName(alias.metadata.name), data: encodeChange(change) };
  if (before.kind === 'Absent') return present(await createOwnedSecret(alias, write, tools));
  return present(await changeOwnedSecret(alias, versionOf(before), write, tools));
}

/** How long what must not be lost is tried to be written, whatever else ends meanwhile. */
const persistForMs = 20_000;
const firstWaitMs = 100;
const longestWaitMs = 2_000;

/**
 * Writes what must not be lost, such as a rotated pair: against write races and a failing API server, also while the
 * process is ending. `decide` gives the change for the record as it is now, or undefined when there is no more to write.
 * Throws Retryable `PersistFailed` when the time is up.
 */
export async function persist(
  alias: ConnectionAlias,
  decide: (record: AuthorizationRecord) => RecordChange | undefined,
  { client, clock, forMs = persistForMs }: { client: StoreTools['client']; clock: Clock; forMs?: number },
): Promise<AuthorizationSecret> {
  const end = clock.now() + forMs;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await persistOnce(alias, decide, { client, signal: AbortSignal.timeout(forMs) });
    } catch (error) {
      const failure = toFailure(error);
      if (failure.kind === 'Terminal') throw error;
      if (clock.now() >= end) throw retryable('PersistFailed', 'The tokens of the vendor could not be stored: the API server is not reached. It is tried again.');
      await clock.sleep(failure.kind === 'Conflict' ? firstWaitMs : waitMs);
    }
  }
}

async function persistOnce(
  alias: ConnectionAlias,
  decide: (record: AuthorizationRecord) => RecordChange | undefined,
  tools: StoreTools,
): Promise<AuthorizationSecret> {
  const before = await readAuthorization(alias, tools);
  if (before.kind === 'Foreign') return before;
  const change = decide(before.kind === 'Present' ? before.record : {});
  return change === undefined ? before : writeAuthorization(alias, before, change, tools);
}

/** `<alias>-redirect` as it is, read live. */
export async function readMailbox(alias: ConnectionAlias, { client, signal }: StoreTools): Promise<Mailbox> {
  const secret = await client.get<Secret>(coreResources.Secret, keyOf(alias, redirectSecretName(alias.metadata.name)), { signal });
  if (secret === undefined) return { kind: 'Absent' };
  if (!isControlledBy(secret, alias.metadata.uid)) return { kind: 'Foreign' };
  const read = (key: string): SecretValue | undefined => readSecretKey(secret, key);
  const redirect = { state: read('state')?.reveal(), code: read('code'), error: read('error')?.reveal() };
  if (redirect.code === undefined && redirect.error === undefined) return { kind: 'Empty' };
  return { kind: 'Full', ...versionOf(secret.metadata), redirect };
}

/** Makes the empty Secret that a person without any right to read Secrets may then write a redirect into. */
export async function makeMailbox(alias: ConnectionAlias, tools: StoreTools): Promise<void> {
  await createOwnedSecret(alias, { name: redirectSecretName(alias.metadata.name), data: {} }, tools);
}

/** Takes the redirect out, once it has been acted on. */
export async function emptyMailbox(alias: ConnectionAlias, version: SecretVersion, tools: StoreTools): Promise<void> {
  const data = { state: null, code: null, error: null };
  await changeOwnedSecret(alias, version, { name: redirectSecretName(alias.metadata.name), data }, tools);
}

function present(secret: Secret): PresentAuthorization {
  return { kind: 'Present', ...versionOf(secret.metadata), record: decodeRecord(secret) };
}

function versionOf({ uid, resourceVersion }: { uid?: string; resourceVersion?: string }): SecretVersion {
  return { uid: uid ?? '', resourceVersion: resourceVersion ?? '' };
}

function keyOf(alias: ConnectionAlias, name: string): { namespace: string; name: string } {
  return { namespace: alias.metadata.namespace ?? '', name };
}
