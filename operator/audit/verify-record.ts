import { verify } from 'node:crypto';
import type { AuditRecordSpec } from '../api/audit-record.ts';
import { dataOf, hashRecord, keyData, type RecordContent } from './chain.ts';
import { readPublicKey, type PublicAuditKey } from './keys.ts';

/** Whether the hash is that of the record's content. */
export function hasOwnHash({ hash, keyId: _keyId, signature: _signature, ...content }: AuditRecordSpec): boolean {
  return hash === hashRecord(content satisfies RecordContent);
}

/** Whether the key signed the record. Only the one way to write a signature counts: others could be changed unseen. */
export function isSignedBy({ hash, keyId, signature }: AuditRecordSpec, { id, key }: PublicAuditKey): boolean {
  const bytes = Buffer.from(signature, 'base64');
  return keyId === id && bytes.toString('base64') === signature && verify(null, Buffer.from(hash, 'utf8'), key, bytes);
}

/** The public key that a ChainStarted, KeyChanged or ChainPruned record carries; undefined when there is none, or none that fits its id. */
export function carriedKey(spec: AuditRecordSpec): PublicAuditKey | undefined {
  if (!carriers.includes(spec.event)) return undefined;
  try {
    const key = readPublicKey(dataOf(spec, keyData.publicKey) ?? '', 'the record');
    return key.id === dataOf(spec, keyData.keyId) ? key : undefined;
  } catch {
    return undefined;
  }
}

const carriers: readonly AuditRecordSpec['event'][] = ['ChainStarted', 'KeyChanged', 'ChainPruned'];
