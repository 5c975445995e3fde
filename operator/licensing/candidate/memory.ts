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
  /** Whether it has gone on since it was opened. */
  readonly hasMoved: boolean;
  /** RFC 3339, of the record that closed it. */
  readonly closedAt: string | undefined;
  /** Whether the person wants to keep it, and nobody has decided otherwise since (L5). */
  readonly wantsToKeep: boolean;
  /** The last attempt, as far as records tell of it. */
  readonly attempt: CandidateAttempt | undefined;
  /** Number of the last attempt that was sent, whatever became of it; 0 = none is known. */
  readonly sent: number;
  /** Number of the last round in which the person was asked; 0 = none. */
  readonly askedRound: number;
  readonly undo: RemovalCandidateStatus['undo'];
  /** What was saved before that, and is still there: the way back of an earlier attempt. */
  readonly formerUndos: readonly NonNullable<RemovalCandidateStatus['undo']>[];
  /** Requests to undo that are over: carried out, or there before the reclaim. */
  readonly settledRequests: readonly string[];
}

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };
type Pairs = Readonly<Record<string, string>>;

/**
 * Returns what the records of one candidate tell of it, oldest first (design section 2, Status): the state that it had come to, an answer,
 * an attempt and what undoes it. What was to be recorded before it was done is known here even where status is lost.
 */
export function remember(records: readonly AuditRecordSpec[]): CandidateMemory {
  const memory: Mutable<CandidateMemory> = { uids: [], state: undefined, reason: undefined, hasMoved: false, closedAt: undefined, wantsToKeep: false, attempt: undefined, sent: 0, askedRound: 0, undo: undefined, formerUndos: [], settledRequests: [] };
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
    if (memory.undo !== undefined && memory.undo.secret !== '') memory.formerUndos = [...memory.formerUndos, memory.undo].filter((former) => former.secret !== secret);
    memory.undo = compact({ secret, account, digest, savedAt: time, expiresAt });
  },
  BundleDeleted: (memory, { secret }) => {
    memory.formerUndos = memory.formerUndos.filter((former) => former.secret !== secret);
    if (memory.undo === undefined || memory.undo.secret !== secret) return;
    memory.undo = memory.formerUndos.at(-1) ?? { ...memory.undo, secret: '' };
    memory.formerUndos = memory.formerUndos.slice(0, -1);
  },
  WriteIntended: (memory, { action, attempt, request }, { time, actor }) => {
    if (action === 'Restore') return;
    settleRequest(memory, request);
    const afterUnclear = memory.attempt !== undefined && memory.attempt.phase !== 'Refused' ? { afterUnclear: true } : {};
    memory.attempt = { id: `recovered-${attempt ?? '1'}`, number: Number(attempt ?? 1), phase: 'Unclear', holder: actor, startedAt: time, ...afterUnclear };
  },
  WriteDone: (memory, data, record) => end(memory, 'Done', record, data),
  WriteRefused: (memory, data, record) => end(memory, 'Refused', record, data),
  WriteUnclear: (memory, { attempt }) => wasSent(memory, attempt),
  MessageSent: (memory, { kind, audience, round }) => {
    if (kind === 'Notice' && audience === 'User') memory.askedRound = Math.max(memory.askedRound, Number(round ?? 1));
  },
  Restored: (memory, { externalUserId, request }, { time }) => {
    settleRequest(memory, request);
    if (memory.undo !== undefined) memory.undo = { ...memory.undo, restoredAt: time, ...compact({ restoredAs: externalUserId, restoredFor: request }) };
  },
};

function changeState(memory: Mutable<CandidateMemory>, { to, reason }: Pairs, { event, time }: AuditRecordSpec): void {
  const state = candidateStates.find((one) => one === to);
  if (state === undefined) return;
  memory.hasMoved = event !== 'CandidateOpened';
  memory.state = state;
  memory.reason = reason;
  memory.closedAt = isClosed(state) ? time : undefined;
  if (reason === 'KeepDeclined') memory.wantsToKeep = false;
}

function settleRequest(memory: Mutable<CandidateMemory>, request: string | undefined): void {
  if (request === undefined) return;
  memory.settledRequests = [...memory.settledRequests, request];
  if (memory.undo !== undefined) memory.undo = { ...memory.undo, restoredFor: request };
}

function wasSent(memory: Mutable<CandidateMemory>, attempt: string | undefined): void {
  memory.sent = Math.max(memory.sent, Number(attempt ?? memory.attempt?.number ?? 0));
}

function end(memory: Mutable<CandidateMemory>, phase: 'Done' | 'Refused', { time }: AuditRecordSpec, { attempt }: Pairs): void {
  wasSent(memory, attempt);
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
  const isUntouched = memory.attempt === undefined && !memory.wantsToKeep && !memory.hasMoved;
  return age <= creationSlackMs && !wasElsewhere && isUntouched;
}

/** What a status that was lost becomes again, and why, for people. */
export interface Recovery {
  readonly state: CandidateState;
  readonly reason: string;
  readonly text: string;
  readonly change: Pick<RemovalCandidateStatus, 'closedAt' | 'attempt' | 'attempts' | 'undo' | 'round'>;
}

/**
 * Returns the status that is rebuilt from memory. Closed stays closed, a wish to keep is honoured, and everything else waits for a person:
 * what is not known is never taken for permission (guard 4).
 */
export function recoverStatus(memory: CandidateMemory): Recovery {
  const { attempt, undo, closedAt, askedRound } = memory;
  // Whoever was asked is asked in a round of its own again: receivers know the messages of the former one by their ids.
  const change = compact({ closedAt, attempt, attempts: attempt?.number, undo, round: askedRound === 0 ? undefined : askedRound + 1 });
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
export function isBehind({ state, answer, attempts = 0 }: RemovalCandidateStatus, memory: CandidateMemory): boolean {
  const isReopened = isClosed(memory.state) && !isClosed(state);
  const isUnanswered = memory.wantsToKeep && answer?.verdict !== 'Keep';
  return isReopened || isUnanswered || memory.sent > attempts;
}
