import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { isRestoreAwaited, mayTakeEffect, undoExpiryOf } from '../../licensing/candidate/undo-expiry.ts';
import { messagesDue } from '../../notices/schedule.ts';
import { none, type CandidateEffect, type CandidatePlan, type Standing } from './plan.ts';
import { situationOf } from './situation.ts';
import { timeOf } from './times.ts';

const dayMs = 86_400_000;
/** Where the rule is gone, that of its schema. */
const defaultRetentionDays = 730;
/** Nobody is told of what has been over for longer: a rule that gets notices later tells of nothing old. */
const toldWithinMs = 7 * dayMs;

/** A closed candidate: what it owes is sent, what was asked to be undone is, and what has expired is deleted. */
export function decideClosed(scene: CandidateScene, now: number): CandidatePlan {
  const standing = standingOf(scene.candidate);
  const deletion = decideDeletion(scene, now);
  const told = messagesOwed(scene, now);
  const effect = restoreWished(scene, now) ?? deletion.effect ?? told.effect ?? none;
  const times = [deletion.at, told.at].filter((at) => at !== undefined);
  const wait = times.length === 0 ? {} : { requeueAfterMs: Math.max(0, Math.min(...times) - now) };
  return { effect, standing, ...(effect.kind === 'None' ? wait : {}) };
}

/** What was given back does not go on saying that it was reclaimed (C29), and nothing is said to be undone or not done that nobody knows. */
function standingOf({ status = {} }: CandidateScene['candidate']): Standing {
  if (status.undo?.restoredAt !== undefined) return { kind: 'Fine', reason: 'Restored', message: 'The reclaim was undone: status.history lists what was restored and what was not.' };
  return { kind: 'Fine', reason: status.reason ?? 'Closed', message: closedText(status) };
}

function closedText({ state, reason, attempt, tookEffectAt }: NonNullable<CandidateScene['candidate']['status']>): string {
  if (state === 'ClosedComplete' && reason === 'Reclaimed') return 'Closed: the subscription was reclaimed.';
  if (tookEffectAt !== undefined) return 'Closed. An earlier request of unknown outcome took effect afterwards: set spec.restore to undo the reclaim.';
  if (attempt !== undefined && mayTakeEffect(attempt)) return 'Closed. An earlier request to the vendor has an unknown outcome and may still take effect. The next refresh shows whether it did; set spec.restore to undo the reclaim.';
  if (state === 'ClosedComplete') return 'Closed: the reclaim was settled without the operator.';
  return state === 'ClosedCanceled' ? 'Closed: the person was active.' : 'Closed: the operator changed nothing at the vendor.';
}

interface Due {
  readonly effect?: CandidateEffect;
  /** Milliseconds since the epoch. */
  readonly at?: number;
}

function restoreWished({ candidate }: CandidateScene, now: number): CandidateEffect | undefined {
  return isRestoreAwaited(candidate) && now < undoExpiryOf(candidate) ? { kind: 'Restore' } : undefined;
}

/** What is needed to undo goes when it has expired, and the candidate after it: neither goes early. */
function decideDeletion({ candidate, rule }: CandidateScene, now: number): Due {
  const { closedAt, undo } = candidate.status ?? {};
  if (undo !== undefined && undo.secret !== '') return dueAt(undoExpiryOf(candidate), { kind: 'DeleteUndo' }, now);
  const at = timeOf(closedAt) + (rule === undefined ? defaultRetentionDays : retentionDaysOf(candidate, rule)) * dayMs;
  // A person who was given back is not proposed again for as long as one that was kept.
  const cooledAt = rule === undefined || undo?.restoredAt === undefined ? at : timeOf(undo.restoredAt) + rule.spec.keepCooldownDays * dayMs;
  return Number.isNaN(at) ? {} : dueAt(Math.max(at, cooledAt), { kind: 'DeleteCandidate' }, now);
}

/** Not before it has ceased to count: what was kept for the cool-down (C9), what was attempted for the budget of a period (guard 5). */
function retentionDaysOf({ status }: CandidateScene['candidate'], { spec }: ReclamationRule): number {
  const cooldown = status?.reason === 'Kept' ? spec.keepCooldownDays : 0;
  const period = status?.attempt === undefined ? 0 : spec.evaluationPeriodHours / 24 + 1;
  return Math.max(spec.closedRetentionDays, cooldown, period);
}

function dueAt(at: number, effect: CandidateEffect, now: number): Due {
  return at <= now ? { effect } : { at };
}

function messagesOwed({ candidate, rule, verdict }: CandidateScene, now: number): Due {
  const { status = {} } = candidate;
  const outcome = outcomeOf(status);
  if (outcome === undefined || !(now - timeOf(status.closedAt) < toldWithinMs)) return {};
  const { due, nextAt } = messagesDue(situationOf(candidate, { notify: rule?.spec.notify, outcome, frozenUntil: verdict?.frozenAt(now)?.until }), now);
  const [message] = due;
  if (message !== undefined) return { effect: { kind: 'SendMessage', message } };
  return nextAt === undefined ? {} : { at: nextAt };
}

/** What was done by hand, or settled elsewhere, is not ours to tell; nor is anybody told that they keep what an earlier request may still take. */
function outcomeOf({ state, reason, attempt }: NonNullable<CandidateScene['candidate']['status']>): 'Reclaimed' | 'Kept' | undefined {
  if (state === 'ClosedComplete' && reason === 'Reclaimed') return 'Reclaimed';
  const mayLose = attempt !== undefined && mayTakeEffect(attempt);
  return state === 'ClosedSkipped' && reason === 'Kept' && !mayLose ? 'Kept' : undefined;
}
