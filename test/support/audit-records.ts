import type { AuditRecordSpec } from '../../operator/api/audit-record.ts';
import { keyData, linkRecord, recordName } from '../../operator/audit/chain.ts';
import { encodePublicKey, makeSigner, type AuditSigner } from '../../operator/audit/keys.ts';
import type { AuditEntry } from '../../operator/audit/trail.ts';
import type { ClaimedRecord } from '../../operator/audit/verify-chain.ts';

export const auditStart = Date.parse('2026-11-24T12:00:00.000Z');
export const firstKey = makeSigner('first');
export const secondKey = makeSigner('second');

const entries: readonly AuditEntry[] = [
  { event: 'CandidateOpened', profile: 'pagerduty', rule: 'full-users', candidate: 'pagerduty-pabc', externalUserId: 'PABC', actor: 'operator', data: { action: 'Remove', inactiveDays: '91' } },
  { event: 'Decided', candidate: 'pagerduty-pabc', externalUserId: 'PABC', actor: 'person-0123456789ab', data: { verdict: 'Reclaim', reason: 'left the team; “fine” with both' } },
  { event: 'WriteIntended', candidate: 'pagerduty-pabc', externalUserId: 'PABC', actor: 'operator' },
  { event: 'WriteDone', candidate: 'pagerduty-pabc', externalUserId: 'PABC', actor: 'operator', data: { action: 'Remove' } },
];

/** Says which key comes next, signed by the one that goes. */
export function handOverTo(key: AuditSigner): AuditEntry {
  return { event: 'KeyChanged', actor: 'operator', data: { [keyData.keyId]: key.id, [keyData.publicKey]: encodePublicKey(key) } };
}

/** A chain of `length` records, the first of which carries the key; from `changeAt` on a second key signs. */
export function makeChain(length: number, changeAt?: number): AuditRecordSpec[] {
  const specs: AuditRecordSpec[] = [];
  let signer = firstKey;
  for (let index = 0; index < length; index += 1) {
    const entry = index === 0 ? { ...handOverTo(firstKey), event: 'ChainStarted' as const } : index === changeAt ? handOverTo(secondKey) : entries[index % entries.length];
    if (entry === undefined) throw new Error('no entry');
    specs.push(linkRecord(specs.at(-1), entry, { now: auditStart + index * 1000, signer }));
    if (index === changeAt) signer = secondKey;
  }
  return specs;
}

export function claimAll(specs: readonly AuditRecordSpec[]): ClaimedRecord[] {
  return specs.map((spec) => ({ name: recordName(spec.sequence), spec }));
}
