import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { compact } from '../../api/compact.ts';
import { OperatorError, terminal } from '../../api/errors.ts';
import { group, labels, product } from '../../api/group.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { canonicalText } from '../../licensing/hash.ts';
import { undoSecretName, undoSuffix } from '../../licensing/candidate/names.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import type { UndoBundle } from '../../providers/reclaim.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { Secret } from '../secrets.ts';

/** Type of the Secrets that hold what is needed to undo a reclaim (D4). They hold data of a person (guard 7). */
export const undoSecretType = `${group}/undo`;
/** When the Secret is deleted, RFC 3339: whoever finds one whose candidate is gone can tell by it. */
export const expiresAtAnnotation = `${group}/expires-at`;
/** Account that the person was taken away from. */
const accountAnnotation = `${group}/account`;
/** Name and uid of the candidate: one that was deleted by hand may be followed by another of its name. */
const candidateAnnotation = `${group}/candidate`;
const candidateUidAnnotation = `${group}/candidate-uid`;

const bundleKey = 'bundle.json.gz';
const longestBundle = 16 * 1024 * 1024;

type Client = Pick<KubernetesClient, 'get' | 'create' | 'delete'>;

export interface UndoContent {
  readonly bundle: UndoBundle;
  /** Name of the account, with the type of its provider. */
  readonly account: string;
}

/**
 * Saves what is needed to undo the reclaim, before anything is sent (T10, D4). One of an earlier attempt, which did nothing, is
 * replaced: it is of an older state. That of a former candidate of the same name is left alone: it is the way back of what that one did.
 * Gives its name. Throws Terminal `NotOwned` for a Secret of that name that is not ours.
 */
export async function saveUndo(candidate: RemovalCandidate, content: UndoContent & { readonly expiresAt: string }, { client, signal }: { client: Client; signal: AbortSignal }): Promise<string> {
  const { namespace = '', name, uid } = candidate.metadata;
  for (const secretName of [undoSecretName(name), undoSecretName(name, uid ?? '')]) {
    const secret = buildUndo(candidate, { ...content, secretName });
    if (await tryToCreate(secret, { client, signal })) return secretName;
    const existing = await client.get<Secret>(coreResources.Secret, { namespace, name: secretName }, { signal });
    if (existing !== undefined && isUndoSecret(existing) && !isSavedBy(existing, uid)) continue;
    if (existing !== undefined) await deleteUndoSecret(existing, { client, signal });
    await client.create<Secret>(coreResources.Secret, secret, { fieldManager, signal });
    return secretName;
  }
  throw terminal('NotOwned', `Secret ${undoSecretName(name, uid ?? '')} is of another candidate: delete or rename it; it is never overwritten.`);
}

/** False when there is one of that name. */
async function tryToCreate(secret: ImmutableSecret, { client, signal }: { client: Client; signal: AbortSignal }): Promise<boolean> {
  try {
    await client.create<Secret>(coreResources.Secret, secret, { fieldManager, signal });
    return true;
  } catch (error) {
    if (error instanceof OperatorError && error.detail['reason'] === 'AlreadyExists') return false;
    throw error;
  }
}

/** Whether the candidate of this uid has saved it. */
export function isSavedBy({ metadata }: KubernetesObject, uid: string | undefined): boolean {
  return uid !== undefined && metadata.annotations?.[candidateUidAnnotation] === uid;
}

/** Name of the candidate that has saved it. */
export function savedBy({ metadata }: KubernetesObject): string | undefined {
  return metadata.annotations?.[candidateAnnotation];
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

/** Deletes the Secret, if it is there and ours; false when it was not. */
export async function deleteUndo(namespace: string, name: string, { client, signal }: { client: Client; signal: AbortSignal }): Promise<boolean> {
  const secret = await client.get<Secret>(coreResources.Secret, { namespace, name }, { signal });
  if (secret === undefined || !isUndoSecret(secret)) return false;
  await deleteUndoSecret(secret, { client, signal });
  return true;
}

/** Deletes the Secret that was read, and no other: one that was changed or made anew meanwhile is a Conflict. */
export async function deleteUndoSecret(secret: Secret, { client, signal }: { client: Pick<Client, 'delete'>; signal: AbortSignal }): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = secret.metadata;
  if (!isUndoSecret(secret)) throw terminal('NotOwned', `Secret ${name} exists and is not the operator's: delete or rename it; it is never overwritten.`);
  await client.delete(coreResources.Secret, { namespace, name }, { signal, ...compact({ uid, resourceVersion }) });
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
