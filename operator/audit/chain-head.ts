import { auditRecordResource, type AuditRecord, type AuditRecordSpec } from '../api/audit-record.ts';
import { retryable, terminal, type OperatorError } from '../api/errors.ts';
import { labels } from '../api/group.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { chainStart, recordName, sequenceOf } from './chain.ts';
import type { AuditKeys } from './key-secret.ts';
import type { AuditSigner } from './keys.ts';
import { carriedKey, hasOwnHash, isSignedBy } from './verify-record.ts';

type Reader = Pick<KubernetesClient, 'get' | 'pages'>;

/** Names a page; only names are in memory, whatever the length of the chain. */
const pageSize = 500;
/** Records of another leader that are read in one go before the append is left for the next try. */
const mostToReadOn = 1_000;

export async function getRecord(client: Pick<Reader, 'get'>, { namespace, sequence }: { namespace: string; sequence: number }, signal: AbortSignal): Promise<AuditRecordSpec | undefined> {
  return (await client.get<AuditRecord>(auditRecordResource, { namespace, name: recordName(sequence) }, { signal }))?.spec;
}

/** The record with the highest number, or undefined where there is none. It is not checked. */
export async function findHead(client: Reader, namespace: string, signal: AbortSignal): Promise<AuditRecordSpec | undefined> {
  let last: number | undefined;
  for await (const page of client.pages<KubernetesObject>(auditRecordResource, { namespace, limit: pageSize, metadataOnly: true, signal })) {
    for (const { metadata } of page) last = Math.max(last ?? 0, sequenceOf(metadata.name) ?? 0);
  }
  return last === undefined ? undefined : getRecord(client, { namespace, sequence: last }, signal);
}

/** Records about one candidate, oldest first. One that none of the keys that are there has signed may be forged, and is left out: what is not known is never permission. */
export async function recallRecords(client: Pick<Reader, 'pages'>, { namespace, origin, keys }: { namespace: string; origin: string; keys: AuditKeys }, signal: AbortSignal): Promise<AuditRecordSpec[]> {
  const found: AuditRecordSpec[] = [];
  for await (const page of client.pages<AuditRecord>(auditRecordResource, { namespace, labelSelector: `${labels.origin}=${origin}`, limit: pageSize, signal })) {
    found.push(...page.map(({ spec }) => spec).filter((spec) => spec.origin === origin && isOurs(spec, keys)));
  }
  return found.toSorted((a, b) => a.sequence - b.sequence);
}

function isOurs(spec: AuditRecordSpec, { signer, next }: AuditKeys): boolean {
  return hasOwnHash(spec) && [signer, next].some((key) => key !== undefined && isSignedBy(spec, key));
}

/** The key that has to sign what comes after this record. */
export function expectedKeyId(head: AuditRecordSpec): string {
  return (head.event === 'KeyChanged' ? carriedKey(head)?.id : undefined) ?? head.keyId;
}

/** The one of our keys with this id. Throws Terminal `AuditKeyMissing`: the chain must not go on with a key that nobody handed over to. */
export function signerOf({ signer, next }: AuditKeys, keyId: string): AuditSigner {
  const found = [signer, next].find((each) => each?.id === keyId);
  if (found === undefined) throw keyMissing();
  return found;
}

export function keyMissing(): OperatorError {
  return terminal(
    'AuditKeyMissing',
    'The Secret saaslicense-audit-key does not hold the key that the audit records of this namespace are signed with, so nothing can be recorded and nothing is reclaimed: restore the Secret from a backup. If it was never changed, a record was forged: saaslicense audit verify names it.',
  );
}

/**
 * Throws Terminal `AuditChainBroken` unless the record is one of ours, and comes right after `before` where that is
 * given: to link to a record that somebody else wrote would spoil the proof of all that comes after it.
 */
export function requireOurs(record: AuditRecordSpec, keys: AuditKeys, before?: AuditRecordSpec | 'Nothing'): void {
  const key = signerOf(keys, before === undefined || before === 'Nothing' ? record.keyId : expectedKeyId(before));
  const follows = before === undefined || record.previous === (before === 'Nothing' ? chainStart : before.hash);
  if (follows && hasOwnHash(record) && isSignedBy(record, key)) return;
  throw terminal(
    'AuditChainBroken',
    'The audit record at the end of the chain of this namespace was not made by the operator, so nothing more is recorded and nothing is reclaimed: saaslicense audit verify names it; keep an export of the records, then delete that one.',
    { record: recordName(record.sequence) },
  );
}

/** From a record that another leader wrote to the end that the chain has now; each is checked. */
export async function readOn(client: Pick<Reader, 'get'>, at: { namespace: string; keys: AuditKeys; head: AuditRecordSpec | undefined }, signal: AbortSignal): Promise<AuditRecordSpec | undefined> {
  let { head } = at;
  for (let read = 0; read < mostToReadOn; read += 1) {
    const sequence = head === undefined ? 0 : head.sequence + 1;
    const next = await getRecord(client, { namespace: at.namespace, sequence }, signal);
    if (next === undefined) return head;
    requireOurs(next, at.keys, head ?? 'Nothing');
    head = next;
  }
  throw busy();
}

export function busy(): OperatorError {
  return retryable('AuditTrailBusy', 'Another process goes on adding audit records to this namespace; it is tried again.');
}
