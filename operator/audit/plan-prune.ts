import type { AuditRecordSpec } from '../api/audit-record.ts';
import { canonicalText } from '../licensing/hash.ts';

/** What a pruning is decided from. */
export interface PruneInput {
  /** The whole chain as it is now, in order, verified. */
  readonly chain: readonly AuditRecordSpec[];
  /** What the export holds; nothing of it is trusted. */
  readonly exported: readonly unknown[];
  /** Names of the RemovalCandidates that are there: the operator may yet look for what happened to them. */
  readonly candidates: ReadonlySet<string>;
  /** Only records from before this time are pruned, in milliseconds since the epoch. */
  readonly before: number;
}

export interface PrunePlan {
  /** The beginning of the chain, in order. */
  readonly records: readonly AuditRecordSpec[];
  /** The first record that stays, and why. */
  readonly stay: { readonly record: AuditRecordSpec; readonly why: string } | undefined;
}

/** Returns the longest beginning of the chain that may go: nothing in the middle, and never the last record. */
export function planPrune({ chain, exported, candidates, before }: PruneInput): PrunePlan {
  const held = new Set(exported.map((spec) => canonicalText(spec)));
  const whyStay = (spec: AuditRecordSpec, index: number): string | undefined => {
    if (index === chain.length - 1) return 'it is the last one';
    // A time that cannot be read is not before anything.
    if (!(Date.parse(spec.time) < before)) return `its time, ${spec.time}, is not old enough`;
    if (!held.has(canonicalText(spec))) return 'the export does not hold it';
    if (spec.candidate !== undefined && candidates.has(spec.candidate)) return `its RemovalCandidate ${spec.candidate} is still there`;
    return undefined;
  };
  const end = chain.findIndex((spec, index) => whyStay(spec, index) !== undefined);
  const record = chain[end];
  if (record === undefined) return { records: [], stay: undefined };
  return { records: chain.slice(0, end), stay: { record, why: whyStay(record, end) ?? '' } };
}
