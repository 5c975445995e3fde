import type { AuditEvent, AuditRecordSpec } from '../api/audit-record.ts';

/** What is to be recorded; the trail adds number, time, hashes and signature. No name and no address (guard 7). */
export interface AuditEntry {
  readonly event: AuditEvent;
  readonly profile?: string;
  readonly rule?: string;
  readonly candidate?: string;
  /** Of a candidate: the same for all copies of the object (spec.origin.id), by which its records are found again. */
  readonly origin?: string;
  readonly externalUserId?: string;
  /** `operator`, or whoever decided; an address is replaced by a keyed hash. */
  readonly actor: string;
  /** Texts may hold addresses: each is replaced. */
  readonly data?: Readonly<Record<string, string>>;
}

/** The hash chain of each namespace. */
export interface AuditTrail {
  /**
   * Adds a record at the end of the namespace's chain. When it resolves, the record is stored; when it throws
   * (Retryable, Conflict, Terminal), what was to be recorded must not be done.
   */
  append(namespace: string, entry: AuditEntry, signal: AbortSignal): Promise<void>;
  /** Records of one candidate, oldest first, whichever copies of the object they are about: the memory of a status that was lost. */
  recall(namespace: string, origin: string, signal: AbortSignal): Promise<readonly AuditRecordSpec[]>;
}
