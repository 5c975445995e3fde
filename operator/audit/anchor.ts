import { auditRecordSpec, type AuditRecordSpec } from '../api/audit-record.ts';
import { chainStart, dataOf, keyData } from './chain.ts';
import { encodePublicKey, type PublicAuditKey } from './keys.ts';
import type { AuditEntry } from './trail.ts';
import { carriedKey } from './verify-record.ts';

/** What a ChainPruned record says: the chain may begin after this record. Worth as much as the record, which a verifier has to come by. */
export interface PruneAnchor {
  /** Number and hash of the last record that was pruned. */
  readonly through: number;
  readonly hash: string;
  /** Keys that this and earlier prunings say the chain then began with. */
  readonly keys: readonly PublicAuditKey[];
  /** The ChainPruned record itself. */
  readonly record: Pick<AuditRecordSpec, 'sequence' | 'time' | 'actor' | 'hash'>;
}

/** Keys of `data` of a ChainPruned record. */
const data = { through: 'prunedThrough', hash: 'prunedHash', count: 'prunedRecords', exported: 'exportSha256' } as const;

/** What is recorded before records are deleted. */
export function pruneEntry(actor: string, { last, next, count, exportSha256 }: { last: AuditRecordSpec; next: PublicAuditKey; count: number; exportSha256: string }): AuditEntry {
  return {
    event: 'ChainPruned',
    actor,
    data: {
      [data.through]: String(last.sequence),
      [data.hash]: last.hash,
      [data.count]: String(count),
      [data.exported]: exportSha256,
      [keyData.keyId]: next.id,
      [keyData.publicKey]: encodePublicKey(next),
    },
  };
}

/** Returns what a record says of a pruning; undefined when it is no ChainPruned record, or none that makes sense. */
function readAnchor({ spec: claimed }: { readonly spec: unknown }): PruneAnchor | undefined {
  const parsed = auditRecordSpec.safeParse(claimed);
  if (!parsed.success || parsed.data.event !== 'ChainPruned') return undefined;
  const spec = parsed.data;
  const [through, hash, key] = [dataOf(spec, data.through) ?? '', dataOf(spec, data.hash) ?? '', carriedKey(spec)];
  if (!/^\d{1,10}$/.test(through) || hash.length !== chainStart.length || key === undefined || Number(through) >= spec.sequence) return undefined;
  const { sequence, time, actor } = spec;
  return { through: Number(through), hash, keys: [key], record: { sequence, time, actor, hash: spec.hash } };
}

/** Returns the pruning that reaches farthest, of a chain that does not begin with number 0. */
export function findAnchor(records: Iterable<{ readonly spec: unknown }>): PruneAnchor | undefined {
  let found: PruneAnchor | undefined;
  for (const record of records) found = fartherOf(found, readAnchor(record));
  return found;
}

/** The farther of two prunings, with the keys of both. */
export function fartherOf(one: PruneAnchor | undefined, other: PruneAnchor | undefined): PruneAnchor | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { ...(other.through >= one.through ? other : one), keys: [...one.keys, ...other.keys] };
}
