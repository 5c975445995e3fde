import type { z } from 'zod';
import { auditRecordSpec, type AuditRecordSpec } from '../api/audit-record.ts';
import { canonicalText } from '../licensing/hash.ts';
import { findAnchor, type PruneAnchor } from './anchor.ts';
import { chainStart, recordName, sequenceOf, type ChainHead } from './chain.ts';
import type { PublicAuditKey } from './keys.ts';
import { carriedKey, hasOwnHash, isSignedBy } from './verify-record.ts';

/** A record as a file or an API server tells it; nothing of it is trusted. */
export interface ClaimedRecord {
  readonly name: string;
  readonly spec: unknown;
}

export const chainFaults = ['Malformed', 'Name', 'Duplicate', 'Order', 'Gap', 'Hash', 'Link', 'UnknownKey', 'KeyChange', 'Signature', 'Time', 'Head', 'Empty'] as const;
export type ChainFault = (typeof chainFaults)[number];

export type VerifyReport =
  | {
      readonly intact: true;
      readonly count: number;
      readonly first: ChainHead;
      readonly last: ChainHead;
      /** Keys that signed, in order. */
      readonly keyIds: readonly string[];
      /** Given: the keys were handed in. Carried: the chain's own first record was believed, which a forger of all of it could have written. */
      readonly trust: 'Given' | 'Carried';
      /** Why the chain may begin later than number 0: a signed record of its own says so. */
      readonly pruned?: PruneAnchor['record'] | undefined;
    }
  | {
      readonly intact: false;
      readonly fault: ChainFault;
      /** The first bad record, as it calls itself; undefined when the fault is of the chain as a whole. */
      readonly record: string | undefined;
      /** Its place among the records, from 1. */
      readonly position: number;
      readonly message: string;
    };

export interface VerifyOptions {
  /** Keys that are believed; without any, the one that the first record of a whole chain carries. */
  readonly publicKeys: readonly PublicAuditKey[];
  /** Whether the records may begin after number 0, as those of a period do. */
  readonly allowsPartial?: boolean;
  /** What a ChainPruned record of these very records says; it counts once that record was verified like the others. */
  readonly anchor?: PruneAnchor | undefined;
  /** Hash that was kept apart: a record of it must be there, or the end of the chain was cut off. */
  readonly head?: string;
}

/** What has been verified so far. */
interface Verified {
  readonly count: number;
  readonly first: ChainHead;
  readonly last: ChainHead;
  readonly keyIds: readonly string[];
  /** The one key that may sign the next record. */
  readonly key: PublicAuditKey;
}

interface Problem {
  readonly fault: ChainFault;
  readonly message: string;
}

/** Verifies records one after the other, so that a chain of any length can be read as it comes. */
export interface ChainVerifier {
  /** False once a record is bad; what comes after it proves nothing. */
  add(record: ClaimedRecord): boolean;
  report(): VerifyReport;
}

/** Goes through all the records: intact, or the first one that is bad and why (D8). */
export function verifyChain(records: Iterable<ClaimedRecord>, options: VerifyOptions): VerifyReport {
  const all = [...records];
  const verifier = createChainVerifier({ anchor: findAnchor(all), ...options });
  for (const record of all) if (!verifier.add(record)) break;
  return verifier.report();
}

export function createChainVerifier(options: VerifyOptions): ChainVerifier {
  let verified: Verified | undefined;
  let bad: Extract<VerifyReport, { intact: false }> | undefined;
  let hasHead = options.head === undefined;
  let hasAnchor = false;

  function add(record: ClaimedRecord): boolean {
    if (bad !== undefined) return false;
    const next = verifyNext(record, verified, options);
    if ('fault' in next) {
      bad = { intact: false, ...next, record: record.name, position: (verified?.count ?? 0) + 1 };
      return false;
    }
    verified = next;
    hasHead ||= next.last.hash === options.head;
    hasAnchor ||= next.last.hash === options.anchor?.record.hash;
    return true;
  }

  function report(): VerifyReport {
    if (bad !== undefined) return bad;
    if (verified === undefined) return whole('Empty', 'There is no record at all.', 0);
    if (!hasHead) return whole('Head', 'No record has the hash that was kept apart: the end of the chain was cut off, or it is another chain.', verified.count);
    return reportIntact(verified, { ...options, anchor: hasAnchor ? options.anchor : undefined });
  }

  return { add, report };
}

/** `anchor`: of a pruning whose record was verified with the others. */
function reportIntact({ count, first, last, keyIds }: Verified, { publicKeys, anchor, allowsPartial }: VerifyOptions): VerifyReport {
  const pruned = first.sequence > 0 ? anchor?.record : undefined;
  if (first.sequence > 0 && pruned === undefined && allowsPartial !== true) return whole('Gap', notPruned(first.sequence), count);
  return { intact: true, count, first, last, keyIds, trust: publicKeys.length === 0 ? 'Carried' : 'Given', pruned };
}

function whole(fault: ChainFault, message: string, position: number): VerifyReport {
  return { intact: false, fault, message, record: undefined, position };
}

const strictSpec = auditRecordSpec.strict();

function verifyNext(record: ClaimedRecord, verified: Verified | undefined, options: VerifyOptions): Verified | Problem {
  const parsed = strictSpec.safeParse(record.spec);
  if (!parsed.success) return { fault: 'Malformed', message: `It is not what a record looks like: ${describe(parsed.error)}.` };
  const spec = parsed.data;
  // The schema overlooks what was added deeper inside, which no hash covers.
  if (canonicalText(spec) !== canonicalText(record.spec)) return { fault: 'Malformed', message: 'It has something in it that no record has.' };
  const key = verified?.key ?? findFirstKey(spec, options);
  return (
    findPlaceProblem(record.name, spec, { verified, options }) ??
    findContentProblem(spec, verified, options.anchor) ??
    findKeyProblem(spec, key, [...options.publicKeys.map(({ id }) => id), ...(verified?.keyIds ?? [])]) ??
    moveOn(spec, key, verified)
  );
}

/** The record is good: what may come after it. */
function moveOn(spec: AuditRecordSpec, key: PublicAuditKey | undefined, verified: Verified | undefined): Verified | Problem {
  const next = spec.event === 'KeyChanged' ? carriedKey(spec) : key;
  if (next === undefined) return { fault: 'KeyChange', message: 'It hands over to a key that it does not carry, or whose id is another one.' };
  const head: ChainHead = { sequence: spec.sequence, time: spec.time, hash: spec.hash };
  if (verified === undefined) return { count: 1, first: head, last: head, keyIds: [spec.keyId], key: next };
  const keyIds = verified.keyIds.includes(spec.keyId) ? verified.keyIds : [...verified.keyIds, spec.keyId];
  return { count: verified.count + 1, first: verified.first, last: head, keyIds, key: next };
}

/** Whether the record stands where its number says, after the one before it. */
function findPlaceProblem(name: string, { sequence, previous }: AuditRecordSpec, { verified, options }: { verified: Verified | undefined; options: VerifyOptions }): Problem | undefined {
  if (sequenceOf(name) !== sequence) return { fault: 'Name', message: `Its number is ${sequence}, so its name would be ${recordName(sequence)}.` };
  if (verified === undefined) return findStartProblem(sequence, previous, options);
  const last = verified.last.sequence;
  if (sequence === last) return { fault: 'Duplicate', message: `There is another record with the number ${sequence} before it.` };
  if (sequence < last) return { fault: 'Order', message: `It comes after number ${last}: records were moved, or are there twice.` };
  if (sequence > last + 1) return { fault: 'Gap', message: `Before it, ${missing(last + 1, sequence - 1)} missing.` };
  return undefined;
}

function findStartProblem(sequence: number, previous: string, options: VerifyOptions): Problem | undefined {
  if (sequence > 0 && options.allowsPartial !== true && sequence > (options.anchor?.through ?? -1) + 1) return { fault: 'Gap', message: notPruned(sequence, options.anchor) };
  if (sequence === 0 && previous !== chainStart) return { fault: 'Link', message: 'It is the first one, yet names a record before it.' };
  return undefined;
}

function missing(from: number, to: number): string {
  return from === to ? `${recordName(from)} is` : `${recordName(from)} to ${recordName(to)} are`;
}

/** Whether the record says what it said when it was made, and follows the very record before it. */
function findContentProblem(spec: AuditRecordSpec, verified: Verified | undefined, anchor: PruneAnchor | undefined): Problem | undefined {
  if (!hasOwnHash(spec)) return { fault: 'Hash', message: 'Its hash is not that of its content: it was changed.' };
  if (verified !== undefined && spec.previous !== verified.last.hash) return { fault: 'Link', message: 'It does not follow the record before it, one of which was put in the place of another.' };
  const time = Date.parse(spec.time);
  if (Number.isNaN(time)) return { fault: 'Time', message: 'Its time is none.' };
  if (verified !== undefined && time < Date.parse(verified.last.time)) return { fault: 'Time', message: 'Its time is before that of the record before it.' };
  return findAnchorProblem(spec, anchor);
}

function notPruned(first: number, anchor?: PruneAnchor): string {
  const from = anchor === undefined ? 0 : anchor.through + 1;
  return `Before it, ${missing(from, first - 1)} missing: no record of this chain says that they were pruned, and the records are not said to be those of a period only.`;
}

/** A pruning names the very record that was the last of those that went, or that is still here where not all of them went. */
function findAnchorProblem({ sequence, previous, hash }: AuditRecordSpec, anchor: PruneAnchor | undefined): Problem | undefined {
  if (anchor === undefined) return undefined;
  const isAnchored = sequence === anchor.through ? hash === anchor.hash : sequence !== anchor.through + 1 || previous === anchor.hash;
  return isAnchored ? undefined : { fault: 'Link', message: `${recordName(anchor.record.sequence)} names a last pruned record that is not of this chain.` };
}

/** The key that the first of the records must be signed with. */
function findFirstKey(spec: AuditRecordSpec, { publicKeys, anchor }: VerifyOptions): PublicAuditKey | undefined {
  if (publicKeys.length > 0) return publicKeys.find(({ id }) => id === spec.keyId);
  if (spec.sequence > 0) return anchor?.keys.find(({ id }) => id === spec.keyId);
  return spec.event === 'ChainStarted' ? carriedKey(spec) : undefined;
}

/** Whether the key that has to sign the record is the one that did. */
function findKeyProblem(spec: AuditRecordSpec, key: PublicAuditKey | undefined, knownIds: readonly string[]): Problem | undefined {
  if (key === undefined) return unknownKey(spec);
  if (spec.keyId !== key.id) {
    if (!knownIds.includes(spec.keyId)) return unknownKey(spec);
    return { fault: 'KeyChange', message: `It is signed with key ${spec.keyId}, while key ${key.id} has not handed over to it.` };
  }
  return isSignedBy(spec, key) ? undefined : { fault: 'Signature', message: `Key ${key.id} did not sign it.` };
}

function unknownKey({ keyId }: AuditRecordSpec): Problem {
  return { fault: 'UnknownKey', message: `It is signed with key ${keyId}, which is not known.` };
}

/** Place and rule of what is wrong; never the value, which may tell of people. */
function describe(error: z.ZodError): string {
  return error.issues.slice(0, 3).map(({ path, code }) => `${path.length === 0 ? 'the whole' : path.join('.')} (${code})`).join(', ');
}
