import { compact } from '../../api/compact.ts';
import { product } from '../../api/group.ts';
import type { CandidateNote } from '../../api/removal-candidate-status.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { isBehind, isNewborn, recoverStatus, remember, statusLostText, type CandidateMemory, type Recovery } from '../../licensing/candidate/memory.ts';
import type { AccountTurn } from './account-turns.ts';
import type { Standing } from './plan.ts';
import { aboutCandidate } from './records.ts';
import { settle, type Outcome, type Pass } from './settle.ts';
import { toText } from './times.ts';

/**
 * The candidate with a status that is its own (design section 2, Status). One without, or with that of another object, is either one that the
 * operator has just created, or a copy: put back from a backup, replaced, moved from another cluster. What a copy had come to is
 * found in the audit trail and the account lock; what cannot be found there, a person has to look at.
 */
export async function recoverStatusOf(candidate: RemovalCandidate, pass: Pass): Promise<RemovalCandidate> {
  const { metadata, spec, status } = candidate;
  if (status?.uid === metadata.uid) return candidate;
  const memory = await recallCandidate(candidate, pass);
  const { origin } = spec;
  const rule = pass.dependencies.stores.rules.get(`${metadata.namespace ?? ''}/${spec.subject.ruleRef.name}`);
  const isNew = isNewborn({ origin, uid: metadata.uid ?? '', creationTimestamp: metadata.creationTimestamp, ruleUid: rule?.metadata.uid, memory });
  if (isNew && status?.uid === undefined) return candidate;
  const cleared = await clearStatus(candidate, pass);
  if (isNew) return cleared;
  return recover(cleared, recoverStatus(await withHeldLock(candidate, memory, pass)), pass);
}

/**
 * Whether an older status was put back that knows nothing of an attempt, or that it was closed: then what the trail knows is put there first, so that
 * nothing closes without its attempt and the way back. A wish to keep is no reason: closing does nobody harm.
 */
export async function recoverIfBehind(candidate: RemovalCandidate, pass: Pass): Promise<boolean> {
  const memory = await recallCandidate(candidate, pass);
  if (!isBehind(candidate.status ?? {}, { ...memory, wantsToKeep: false })) return false;
  await recover(candidate, recoverStatus(memory), pass);
  return true;
}

/** What the audit trail knows of the candidate and of all copies of it. */
export async function recallCandidate({ metadata, spec }: RemovalCandidate, { dependencies: { audit }, signal }: Pass): Promise<CandidateMemory> {
  return remember(spec.origin === undefined ? [] : await audit.recall(metadata.namespace ?? '', spec.origin.id, signal));
}

/** A process that died, or still runs, holds the lock of the account for this candidate: a request of unknown outcome may be under way. */
async function withHeldLock(candidate: RemovalCandidate, memory: CandidateMemory, { dependencies: { turns }, signal }: Pass): Promise<CandidateMemory> {
  const account = memory.undo?.account ?? candidate.status?.undo?.account;
  if (account === undefined || memory.attempt !== undefined) return memory;
  const { turn } = await turns.read(account, signal);
  return turn !== undefined && isAbout(candidate, turn.holder) ? { ...memory, attempt: attemptUnder(turn) } : memory;
}

function isAbout({ metadata: { namespace = '', name } }: RemovalCandidate, holder: string): boolean {
  return holder.endsWith(` ${namespace}/${name}`);
}

function attemptUnder({ holder, endsAt }: AccountTurn): NonNullable<CandidateMemory['attempt']> {
  return { id: 'recovered-from-lock', number: 1, phase: 'Unclear', holder: holder.slice(0, 253), startedAt: toText(Number.isFinite(endsAt) ? endsAt : 0) };
}

/** Nothing of it counts; whoever put it there may be another field manager, so it is taken away field by field. */
async function clearStatus(candidate: RemovalCandidate, { dependencies: { client }, signal }: Pass): Promise<RemovalCandidate> {
  const { name, namespace, resourceVersion } = candidate.metadata;
  const fields = Object.keys(candidate.status ?? {});
  if (fields.length === 0) return candidate;
  const patch = { metadata: compact({ resourceVersion }), status: Object.fromEntries(fields.map((field) => [field, null])) };
  return client.mergePatch<RemovalCandidate>(removalCandidateResource, { name, ...compact({ namespace }) }, patch, { fieldManager: product, subresource: 'status', signal });
}

async function recover(candidate: RemovalCandidate, recovery: Recovery, pass: Pass): Promise<RemovalCandidate> {
  const { audit, clock, events } = pass.dependencies;
  const { state, reason, text } = recovery;
  await audit.append(candidate.metadata.namespace ?? '', { ...aboutCandidate(candidate), event: 'StatusRecovered', actor: 'operator', data: { to: state, reason, ...compact({ uid: candidate.metadata.uid }) } }, pass.signal);
  const recovered = await settle(candidate, recoveredAs(candidate, recovery, clock.now()), pass);
  events.record(candidate, { type: 'Warning', reason: 'StatusLost', action: 'Recover', note: text });
  return recovered;
}

/** What status says of a candidate whose own status was lost. */
export function recoveredAs({ status, metadata }: RemovalCandidate, { state, reason, text, change }: Recovery, now: number): Outcome {
  const note: CandidateNote = { at: toText(now), state, reason: 'StatusLost', text: text.slice(0, 512) };
  const openedAt = status?.openedAt ?? metadata.creationTimestamp;
  return {
    change: { state, reason, history: [...(status?.history ?? []), note].slice(-30), recoveredAt: note.at, ...compact({ openedAt }), ...change },
    standing: state === 'AttentionRequired' ? statusLost : { kind: 'Fine', reason, message: text },
    requeueAfterMs: 0,
  };
}

export const statusLost: Standing = { kind: 'NeedsPerson', reason: 'StatusLost', message: statusLostText };
