import type { CandidateState } from '../../api/removal-candidate.ts';
import { decideAttention } from './decide-attention.ts';
import { decideApproval, decideNotice } from './decide-notice.ts';
import { decideRevocation } from './decide-revocation.ts';
import { findMissingDecision, findObstacle, type FullScene } from './obstacles.ts';
import { none, type CandidatePlan } from './plan.ts';
import { blockedText, isUnresolved, moved, obstructed, unresolvedText, wait } from './plans.ts';
import { acting, anotherRound, isDecided, isRoundBegun, isServed, newDecision, roundOf } from './rights.ts';
import { timeOf } from './times.ts';

/** What the vendor said of blockers is acted on for so many milliseconds; the reclaim itself asks again. */
const inspectionFreshMs = 10 * 60_000;

type OpenState = Exclude<CandidateState, 'ClosedComplete' | 'ClosedSkipped' | 'ClosedCanceled'>;

const byState: Readonly<Record<OpenState, (scene: FullScene, now: number) => CandidatePlan>> = {
  Ready: decideReady,
  AwaitingUser: decideNotice,
  AwaitingApproval: decideApproval,
  AwaitingRevocation: decideRevocation,
  AttentionRequired: decideAttention,
};

/** What an open candidate does that nothing closes and nothing holds. */
export function decideOpen(scene: FullScene, now: number): CandidatePlan {
  return byState[openState(scene)](scene, now);
}

function openState({ candidate }: FullScene): OpenState {
  const state = candidate.status?.state;
  if (state === undefined || state === 'ClosedComplete' || state === 'ClosedSkipped' || state === 'ClosedCanceled') throw new TypeError('An open candidate was expected.');
  return state;
}

/** L8: it goes on when that is decided, or by itself in Enforce; nobody is told before the vendor says that nothing stands in the way (guard 3). */
function decideReady(scene: FullScene, now: number): CandidatePlan {
  const { candidate, rule, verdict } = scene;
  const obstacle = findObstacle(scene, now);
  if (obstacle !== undefined) return wait(obstacle, scene, now);
  const standing = findMissingDecision(scene);
  if (standing !== undefined) return decidedAnew(scene, now) ?? { effect: none, standing };
  if (isUnresolved(rule, verdict)) return obstructed({ reason: 'UserUnresolved', text: unresolvedText });
  if (!isFresh(candidate.status?.inspectedAt, now)) return { effect: { kind: 'Inspect' }, standing: { kind: 'Waiting', reason: 'Inspecting', message: 'The vendor is asked what stands in the way.' } };
  if ((candidate.status?.blockerCount ?? 0) > 0) return obstructed({ reason: 'Blocked', text: blockedText }, acting(newDecision(scene), now));
  return goOn(scene, now);
}

/** A decision against the wish to keep, made after it. */
function decidedAnew(scene: FullScene, now: number): CandidatePlan | undefined {
  const decision = newDecision(scene);
  if (decision === undefined) return undefined;
  return { change: acting(decision, now), effect: none, standing: { kind: 'Waiting', reason: 'Decided', message: 'It was decided on.' }, requeueAfterMs: 0 };
}

function goOn(scene: FullScene, now: number): CandidatePlan {
  const { candidate, rule, verdict } = scene;
  const decision = newDecision(scene);
  const actor = isDecided(scene) ? { actor: candidate.spec.decision?.by ?? 'operator' } : {};
  const change = acting(decision, now);
  if (isServed(scene, rule, now)) {
    return moved({ event: 'ReclaimAtOnce', reason: 'ReclaimBegun', text: 'It is to be reclaimed; nobody has to be asked any more.', ...actor }, change);
  }
  // What was sent in this round counts no more: a person decides on the next one before anybody is asked again.
  if (isRoundBegun(candidate)) return { change: { ...change, ...anotherRound(candidate) }, effect: none, standing: { kind: 'Waiting', reason: 'AskedAnew', message: 'The earlier notice no longer counts: the person must be asked again.' }, requeueAfterMs: 0 };
  const { round } = roundOf(candidate);
  return moved({ event: 'ReclaimWithNotice', reason: 'NoticeBegun', text: 'The operator asks the person before it reclaims the licence.', ...actor }, { ...change, round, messages: undefined, deadline: undefined, askedAddress: verdict.address });
}

function isFresh(inspectedAt: string | undefined, now: number): boolean {
  const age = now - timeOf(inspectedAt);
  return age >= 0 && age < inspectionFreshMs;
}
