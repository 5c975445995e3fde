import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { compact } from '../../api/compact.ts';
import { conflict, OperatorError, terminal } from '../../api/errors.ts';
import { group, labels, product } from '../../api/group.ts';
import { objectNamePattern, type KubernetesObject } from '../../api/meta.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { canonicalText } from '../../licensing/hash.ts';
import { undoSecretNames, undoSuffix } from '../../licensing/candidate/names.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import type { UndoBundle } from '../../providers/reclaim.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { Secret } from '../secrets.ts';
import { mayTakeEffect } from '../../licensing/candidate/undo-expiry.ts';

/** Type of the Secrets that hold what is needed to undo a reclaim (D4). They hold data of a person (guard 7). */
export const undoSecretType = `${group}/undo`;
/** When the Secret is deleted, RFC 3339: whoever finds one whose candidate is gone can tell by it. */
const expiresAtAnnotation = `${group}/expires-at`;
/** Account that the person was taken away from. */
const accountAnnotation = `${group}/account`;
/** Name and uid of the candidate: one that was deleted by hand may be followed by another of its name. */
const candidateAnnotation = `${group}/candidate`;
const candidateUidAnnotation = `${group}/candidate-uid`;

const bundleKey = 'bundle.json.gz';
const longestBundle = 16 * 1024 * 1024;
const askingMs = 10_000;

type Client = Pick<KubernetesClient, 'get' | 'create' | 'delete'>;

export interface UndoContent {
  readonly bundle: UndoBundle;
  /** Name of the account, with the type of its provider. */
  readonly account: string;
}

/**
 * Saves what is needed to undo the reclaim, before anything is sent (T10, D4). Gives the name of the Secret.
 *
 * Until it expires, the one that status names is kept: its attempt may take effect late, and only what status vouches for is restored.
 * Not so where the vendor refused that attempt, and none before it was unclear, since then there is nothing to undo. That of a former candidate of the same name is
 * kept as well: it is the way back of what that one did. Any other of this candidate is replaced, which costs nobody the way back:
 * either it was never claimed, so nothing was sent after it; or a later one was claimed, which was read when the first attempt had not
 * taken effect, so that it is the way back of both. Once this one is claimed, status names it, and the one before goes when it expires.
 *
 * `onReplaced` is told of what was deleted for it. Throws Terminal `NotOwned` for a Secret of such a name that is not ours, Conflict
 * where the candidate is gone.
 */
export async function saveUndo(candidate: RemovalCandidate, content: UndoContent & { readonly expiresAt: string }, { client, signal, onReplaced }: { client: Client; signal: AbortSignal; onReplaced: (former: Secret) => Promise<void> }): Promise<string> {
  const { name: secretName, secret: former } = choosePlace(await readAnew(candidate, { client, signal }), await readPlaces(candidate, { client, signal }));
  if (former !== undefined) {
    await deleteUndoSecret(former, { client, signal });
    await onReplaced(former);
  }
  await client.create<Secret>(coreResources.Secret, buildUndo(candidate, { ...content, secretName }), { fieldManager, signal });
  return secretName;
}

/** Under the turn: another process may have made an attempt between the guards and the turn, and status names its Secret since. */
async function readAnew({ metadata: { namespace = '', name, uid } }: RemovalCandidate, { client, signal }: { client: Pick<Client, 'get'>; signal: AbortSignal }): Promise<RemovalCandidate> {
  const live = await client.get<RemovalCandidate>(removalCandidateResource, { namespace, name }, { signal });
  if (live === undefined || live.metadata.uid !== uid) throw conflict(`RemovalCandidate ${name} is gone.`);
  return live;
}

interface Place {
  readonly name: string;
  /** What is there now. */
  readonly secret: Secret | undefined;
}

async function readPlaces({ metadata: { namespace = '', name, uid = '' } }: RemovalCandidate, { client, signal }: { client: Pick<Client, 'get'>; signal: AbortSignal }): Promise<Place[]> {
  const places: Place[] = [];
  for (const secretName of undoSecretNames(name, uid)) {
    places.push({ name: secretName, secret: await client.get<Secret>(coreResources.Secret, { namespace, name: secretName }, { signal }) });
  }
  return places;
}

function choosePlace({ metadata: { uid }, status }: RemovalCandidate, places: readonly Place[]): Place {
  const isOwn = ({ secret }: Place): boolean => secret !== undefined && isUndoSecret(secret) && isSavedBy(secret, uid);
  const leftOver = places.find((place) => isOwn(place) && place.name !== status?.undo?.secret);
  if (leftOver !== undefined) return leftOver;
  const mayReplace = status?.attempt === undefined || !mayTakeEffect(status.attempt);
  for (const place of places) {
    if (place.secret === undefined || (mayReplace && isOwn(place))) return place;
    if (!isUndoSecret(place.secret)) throw notOwned(place.secret);
  }
  throw terminal('NotOwned', `The Secrets ${places.map(({ name }) => name).join(', ')} are all needed for other undos, and none is overwritten: delete or rename one of them.`);
}

function notOwned({ metadata: { name } }: Secret): OperatorError {
  return terminal('NotOwned', `Secret ${name} exists and is not the operator's: delete or rename it; it is never overwritten.`);
}

/** Whether the candidate of this uid has saved it. */
export function isSavedBy({ metadata }: KubernetesObject, uid: string | undefined): boolean {
  return uid !== undefined && metadata.annotations?.[candidateUidAnnotation] === uid;
}

/** When it says that it is to be deleted; whoever may write Secrets may have changed that. */
export function expiryOf({ metadata }: KubernetesObject): string | undefined {
  return metadata.annotations?.[expiresAtAnnotation];
}

/** Name of the candidate that has saved it; undefined for what can be no name: whoever may write Secrets may have put anything there. */
export function savedBy({ metadata }: KubernetesObject): string | undefined {
  const name = metadata.annotations?.[candidateAnnotation] ?? '';
  return name.length <= 253 && objectNamePattern.test(name) ? name : undefined;
}

/**
 * For status, which only the operator writes: whoever may write Secrets could have it make administrators otherwise, or invite somebody
 * else. When it was taken is left out, so that a later attempt that finds the same changes nothing.
 */
export function digestOf({ bundle: { version, provider, externalUserId, content }, account }: UndoContent): string {
  return `sha256:${createHash('sha256').update(canonicalText({ account, version, provider, externalUserId, content })).digest('hex')}`;
}

/** What was saved; undefined when it is gone. Throws Terminal `UndoInvalid` when it is not what was saved. */
export async function readUndo(candidate: Pick<RemovalCandidate, 'metadata' | 'spec' | 'status'>, { client, signal }: { client: Pick<Client, 'get'>; signal: AbortSignal }): Promise<UndoContent | undefined> {
  const name = candidate.status?.undo?.secret ?? '';
  const secret = await client.get<Secret>(coreResources.Secret, { namespace: candidate.metadata.namespace ?? '', name }, { signal });
  if (secret === undefined) return undefined;
  const content = contentOf(secret);
  if (content === undefined || !isSaved(content, candidate)) throw terminal('UndoInvalid', `Secret ${name} does not hold what this candidate saved, so nothing is restored from it.`);
  return content;
}

function isSaved(content: UndoContent, { spec, status }: Pick<RemovalCandidate, 'spec' | 'status'>): boolean {
  return content.bundle.externalUserId === spec.subject.externalUserId && digestOf(content) === status?.undo?.digest;
}

function contentOf(secret: Secret): UndoContent | undefined {
  const bundle = isUndoSecret(secret) ? decodeBundle(secret.data?.[bundleKey]) : undefined;
  return bundle === undefined ? undefined : { bundle, account: secret.metadata.annotations?.[accountAnnotation] ?? '' };
}

/** Whether what was saved is there, as it was saved: a request that cannot be undone is not sent (T10). */
export async function isStillSaved({ metadata }: RemovalCandidate, { secret, digest }: { secret: string; digest: string }, { client, signal }: { client: Pick<Client, 'get'>; signal: AbortSignal }): Promise<boolean> {
  const found = await client.get<Secret>(coreResources.Secret, { namespace: metadata.namespace ?? '', name: secret }, { signal });
  const content = found === undefined || found.metadata.deletionTimestamp !== undefined ? undefined : contentOf(found);
  return content !== undefined && digestOf(content) === digest;
}

/** Deletes the Secret, if it is there and ours. `NotOurs`: it is there, and somebody took it from the operator. */
export async function deleteUndo(namespace: string, name: string, { client, signal }: { client: Client; signal: AbortSignal }): Promise<'Deleted' | 'Gone' | 'NotOurs'> {
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name }, { signal });
  // The type of a Secret never changes, so one of another type is another Secret.
  if (secret === undefined || secret.type !== undoSecretType) return 'Gone';
  if (!isUndoSecret(secret)) return 'NotOurs';
  await deleteUndoSecret(secret, { client, signal });
  return 'Deleted';
}

/**
 * Deletes the Secret that was read, and no other: one that was changed or made anew meanwhile is a Conflict. Where the answer is lost,
 * it is asked whether it is gone, so that whoever records the deletion neither misses it nor records what did not happen (C24).
 */
export async function deleteUndoSecret(secret: Secret, { client, signal }: { client: Pick<Client, 'get' | 'delete'>; signal: AbortSignal }): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = secret.metadata;
  if (!isUndoSecret(secret)) throw notOwned(secret);
  try {
    await client.delete(coreResources.Secret, { namespace, name }, { signal, ...compact({ uid, resourceVersion }) });
  } catch (error) {
    if ((error instanceof OperatorError && error.failure.kind === 'Conflict') || !(await isGone(secret, client))) throw error;
  }
}

/** False where that cannot be found out. */
async function isGone({ metadata: { namespace = '', name, uid } }: Secret, client: Pick<Client, 'get'>): Promise<boolean> {
  try {
    // Even while the process ends.
    const found = await client.get<Secret>(coreResources.Secret, { namespace, name }, { signal: AbortSignal.timeout(askingMs) });
    return found?.metadata.uid !== uid;
  } catch {
    return false;
  }
}

/** Whether the operator has made it, for an undo. */
export function isUndoSecret({ type, metadata }: Secret): boolean {
  return type === undoSecretType && metadata.labels?.[labels.managedBy] === product;
}

/** Whether it may be one, by its metadata alone: which type it is of, that does not tell. */
export function looksLikeUndo({ metadata: { name, labels: given, annotations = {} } }: KubernetesObject): boolean {
  return given?.[labels.managedBy] === product && (expiresAtAnnotation in annotations || accountAnnotation in annotations || name.endsWith(undoSuffix));
}

/** The vendor’s id of the person, as it was saved. */
export function personOfUndo(secret: Secret): string | undefined {
  return contentOf(secret)?.bundle.externalUserId;
}

interface ImmutableSecret extends Secret {
  immutable: true;
}

/** Without an owner: it must not go with a candidate that is deleted by mistake. */
function buildUndo({ metadata, spec }: RemovalCandidate, { bundle, account, expiresAt, secretName }: UndoContent & { readonly expiresAt: string; readonly secretName: string }): ImmutableSecret & KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName,
      namespace: metadata.namespace ?? '',
      labels: { [labels.managedBy]: product, [labels.partOf]: product, [labels.profile]: profileLabelValue(spec.subject.profileRef.name), [labels.watch]: 'true' },
      annotations: { [expiresAtAnnotation]: expiresAt, [accountAnnotation]: account, [candidateAnnotation]: metadata.name, [candidateUidAnnotation]: metadata.uid ?? '' },
    },
    type: undoSecretType,
    immutable: true,
    data: { [bundleKey]: gzipSync(JSON.stringify(bundle)).toString('base64') },
  };
}

function decodeBundle(encoded: string | undefined): UndoBundle | undefined {
  if (encoded === undefined) return undefined;
  try {
    const text = gunzipSync(Buffer.from(encoded, 'base64'), { maxOutputLength: longestBundle }).toString('utf8');
    const parsed: unknown = JSON.parse(text);
    return isBundle(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isBundle(value: unknown): value is UndoBundle {
  if (typeof value !== 'object' || value === null) return false;
  return ['version', 'provider', 'externalUserId', 'takenAt', 'content'].every((field) => field in value);
}
