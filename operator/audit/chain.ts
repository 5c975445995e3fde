import { sign } from 'node:crypto';
import { sha256 } from '../api/sha256.ts';
import { auditRecordResource, type AuditRecord, type AuditRecordSpec } from '../api/audit-record.ts';
import { compact } from '../api/compact.ts';
import { labels } from '../api/group.ts';
import { canonicalText } from '../licensing/hash.ts';
import type { AuditSigner } from './keys.ts';
import type { AuditEntry } from './trail.ts';

/** What the first record of a chain has for the hash of the one before. */
export const chainStart = `sha256:${'0'.repeat(64)}`;

/** Keys of `data` in which the trail's own records carry a public key. */
export const keyData = { publicKey: 'publicKey', keyId: 'keyId' } as const;

/** What a record is hashed from. */
export type RecordContent = Omit<AuditRecordSpec, 'hash' | 'keyId' | 'signature'>;

/** The end of a chain: all that the next record needs to know of it. */
export type ChainHead = Pick<AuditRecordSpec, 'sequence' | 'time' | 'hash'>;

/** Name of the record with this number; two records can never take one place. */
export function recordName(sequence: number): string {
  return `audit-${String(sequence).padStart(10, '0')}`;
}

/** The number in the name of a record; undefined when it is no such name. */
export function sequenceOf(name: string): number | undefined {
  const digits = /^audit-(\d{10})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/**
 * The text that a record is hashed from: equal records give equal text, whatever the order of their keys. The first
 * line keeps a hash of something else from passing for one of a record.
 */
export function canonicalRecord({ data, ...content }: RecordContent): string {
  const { sequence, time, event, profile, rule, candidate, origin, externalUserId, actor, previous } = content;
  const pairs = data?.map(({ key, value }) => [key, value] as const).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `saaslicense.dev audit record v1\n${canonicalText({ sequence, time, event, profile, rule, candidate, origin, externalUserId, actor, data: pairs, previous })}`;
}

export function hashRecord(content: RecordContent): string {
  return `sha256:${sha256(canonicalRecord(content))}`;
}

/**
 * The record that comes after the head; undefined = it is the first one. The texts of the entry must be fit to be stored
 * already (`hidePeople`). Its time is never before that of the head, whatever the clock says.
 */
export function linkRecord(head: ChainHead | undefined, entry: AuditEntry, { now, signer }: { readonly now: number; readonly signer: AuditSigner }): AuditRecordSpec {
  const { event, profile, rule, candidate, origin, externalUserId, actor, data } = entry;
  const pairs = Object.entries(data ?? {}).map(([key, value]) => ({ key, value }));
  const content: RecordContent = compact({
    sequence: head === undefined ? 0 : head.sequence + 1,
    time: new Date(Math.max(now, timeOf(head))).toISOString(),
    event,
    profile,
    rule,
    candidate,
    origin,
    externalUserId,
    actor,
    data: pairs.length === 0 ? undefined : pairs,
    previous: head?.hash ?? chainStart,
  });
  const hash = hashRecord(content);
  return { ...content, hash, keyId: signer.id, signature: sign(null, Buffer.from(hash, 'utf8'), signer.privateKey).toString('base64') };
}

/** The object of a record. */
export function toObject(namespace: string, spec: AuditRecordSpec): AuditRecord {
  const { apiVersion, kind } = auditRecordResource;
  return { apiVersion, kind, metadata: { name: recordName(spec.sequence), namespace, ...(spec.origin === undefined ? {} : { labels: { [labels.origin]: spec.origin } }) }, spec };
}

/** The value of a key of a record's data. */
export function dataOf({ data }: Pick<AuditRecordSpec, 'data'>, key: string): string | undefined {
  return data?.find((pair) => pair.key === key)?.value;
}

function timeOf(head: ChainHead | undefined): number {
  const time = Date.parse(head?.time ?? '');
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}
