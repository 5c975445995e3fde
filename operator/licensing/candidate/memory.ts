import type { AuditRecordSpec } from '../../api/audit-record.ts';
import { compact } from '../../api/compact.ts';
import type { CandidateAttempt, CandidateState, RemovalCandidateStatus } from '../../api/removal-candidate-status.ts';
import { candidateStates } from '../../api/removal-candidate-status.ts';
import { isClosed } from './transitions.ts';

/** What the audit trail knows of a candidate. */
export interface CandidateMemory {
  /** uids of the objects that were opened under this origin. */
  readonly uids: readonly string[];
  /** State of the last change that was recorded; undefined where none was. */
  readonly state: CandidateState | undefined;
  readonly reason: string | undefined;
  /** RFC 3339, of the record that closed it. */
  readonly closedAt: string | undefined;
  /** Whether the person wants to keep it, and nobody has decided otherwise since (L5). */
  readonly wantsToKeep: boolean;
  /** The last attempt, as far as records tell of it. */
  readonly attempt: CandidateAttempt | undefined;
  readonly undo: RemovalCandidateStatus['undo'];
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };
type Pairs = Readonly<Record<string, string>>;

/**
 * Returns what the records of one candidate tell of it, oldest first (design section 2, Status): the state that it had come to, an answer,
 * an attempt and what undoes it. What was to be recorded before it was done is known here even where status is lost.
 */
export function remember(records: readonly AuditRecordSpec[]): CandidateMemory {
  const memory: Mutable<CandidateMemory> = { uids: [], state: undefined, reason: undefined, closedAt: undefined, wantsToKeep: false, attempt: undefined, undo: undefined };
  for (const record of records) {
    const data: Pairs = Object.fromEntries((record.data ?? []).map(({ key, value }) => [key, value]));
    readers[record.event]?.(memory, data, record);
  }
  return memory;
}

type Reader = (memory: Mutable<CandidateMemory>, data: Pairs, record: AuditRecordSpec) => void;

const readers: Partial<Record<AuditRecordSpec['event'], Reader>> = {
  CandidateOpened: (memory, data, record) => {
    if (data['uid'] !== undefined) memory.uids = [...memory.uids, data['uid']];
    changeState(memory, data, record);
  },
  StateChanged: changeState,
  CandidateClosed: changeState,
  Answered: (memory, { verdict }) => void (memory.wantsToKeep = verdict === 'Keep'),
  BundleSaved: (memory, { secret, account, digest, expiresAt }, { time }) => {
    if (secret === undefined || expiresAt === undefined) return;
    memory.undo = compact({ secret, account, digest, savedAt: time, expiresAt });
  },
  BundleDeleted: (memory, { secret }) => {
    if (memory.undo !== undefined && (secret === undefined || secret === memory.undo.secret)) memory.undo = { ...memory.undo, secret: '' };
  },
  WriteIntended: (memory, { action, attempt }, { time, actor }) => {
    if (action === 'Restore') return;
    const afterUnclear = memory.attempt !== undefined && memory.attempt.phase !== 'Refused' ? { afterUnclear: true } : {};
    memory.attempt = { id: `recovered-${attempt ?? '1'}`, number: Number(attempt ?? 1), phase: 'Unclear', holder: actor, startedAt: time, ...afterUnclear };
  },
  WriteDone: (memory, data, record) => end(memory, 'Done', record, data),
  WriteRefused: (memory, data, record) => end(memory, 'Refused', record, data),
  Restored: (memory, { externalUserId, request }, { time }) => {
    if (memory.undo !== undefined) memory.undo = { ...memory.undo, restoredAt: time, ...compact({ restoredAs: externalUserId, restoredFor: request }) };
  },
};

function changeState(memory: Mutable<CandidateMemory>, { to, reason }: Pairs, { time }: AuditRecordSpec): void {
  const state = candidateStates.find((one) => one === to);
  if (state === undefined) return;
  memory.state = state;
  memory.reason = reason;
  memory.closedAt = isClosed(state) ? time : undefined;
  if (reason === 'KeepDeclined') memory.wantsToKeep = false;
}

function end(memory: Mutable<CandidateMemory>, phase: 'Done' | 'Refused', { time }: AuditRecordSpec, { attempt }: Pairs): void {
  if (memory.attempt === undefined || (attempt !== undefined && Number(attempt) !== memory.attempt.number)) return;
  memory.attempt = { ...memory.attempt, phase, endedAt: time };
}

/** Clock of the operator and of the API server agree within a minute; the POST takes a while. */
const creationSlackMs = 5 * 60_000;

export interface OriginQuestion {
  readonly origin: { readonly at: string; readonly ruleUid: string } | undefined;
  readonly uid: string;
  /** Of the object, which the API server sets. */
  readonly creationTimestamp: string | undefined;
  /** Of the rule that the candidate names; undefined where it is gone. */
  readonly ruleUid: string | undefined;
  readonly memory: CandidateMemory;
}

/**
 * Whether a candidate without status is one that the operator has just created, and no copy of an earlier one: it was created when its
 * origin says, for a rule that is still the same object, and the trail knows of no other object of this origin and of nothing that became of it.
 */
export function isNewborn({ origin, uid, creationTimestamp, ruleUid, memory }: OriginQuestion): boolean {
  if (origin === undefined || origin.ruleUid !== ruleUid) return false;
  const age = Math.abs(Date.parse(creationTimestamp ?? '') - Date.parse(origin.at));
  const wasElsewhere = memory.uids.some((one) => one !== uid);
  const isUntouched = memory.attempt === undefined && !memory.wantsToKeep && (memory.state === undefined || memory.state === 'Ready' || memory.state === 'AttentionRequired');
  return age <= creationSlackMs && !wasElsewhere && isUntouched;
}

/** What a status that was lost becomes again, and why, for people. */
export interface Recovery {
  readonly state: CandidateState;
  readonly reason: string;
  readonly text: string;
  readonly change: Pick<RemovalCandidateStatus, 'closedAt' | 'attempt' | 'attempts' | 'undo'>;
}

/**
 * Returns the status that is rebuilt from memory. Closed stays closed, a wish to keep is honoured, and everything else waits for a person:
 * what is not known is never taken for permission (guard 4).
 */
export function recoverStatus(memory: CandidateMemory): Recovery {
  const { attempt, undo, closedAt } = memory;
  const change = compact({ closedAt, attempt, attempts: attempt?.number, undo });
  if (isClosed(memory.state) && memory.state !== undefined) {
    return { state: memory.state, reason: memory.reason ?? 'StatusLost', text: 'The status was lost; the audit trail shows that the candidate was closed in this state.', change };
  }
  if (memory.wantsToKeep && attempt === undefined) {
    return { state: 'ClosedSkipped', reason: 'Kept', text: 'The status was lost; the audit trail shows that the person wants to keep the licence, so the candidate closes as Kept.', change };
  }
  return { state: 'AttentionRequired', reason: 'StatusLost', text: statusLostText, change };
}

export const statusLostText = 'The status was lost or belongs to another object, for example after a restore from a backup. Nobody knows what was decided, answered or done. Check the vendor and the audit trail, then set spec.decision to ResumeReclaim, or close or delete the candidate.';

/** Whether the trail knows of something that status does not: somebody has put an older status back. */
export function isBehind({ state, answer, attempts = 0 }: RemovalCandidateStatus, { attempt, ...memory }: CandidateMemory): boolean {
  const isReopened = isClosed(memory.state) && !isClosed(state);
  const isUnanswered = memory.wantsToKeep && answer === undefined;
  return isReopened || isUnanswered || (attempt?.endedAt !== undefined && attempt.number > attempts);
}
