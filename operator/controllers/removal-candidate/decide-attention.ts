import { statusLostText } from '../../licensing/candidate/memory.ts';
import { findObstacle, type FullScene } from './obstacles.ts';
import { none, type CandidatePlan, type Standing } from './plan.ts';
import { blockedText, isUnresolved, moved, unresolvedText } from './plans.ts';
import { acting, isServed, newDecision } from './rights.ts';
import { timeOf } from './times.ts';

const hourMs = 3_600_000;

/** AttentionRequired: back to Ready once the cause is gone (L7); after an attempt, only when a person says so (L14, guard 4). */
export function decideAttention(scene: FullScene, now: number): CandidatePlan {
  const reason = scene.candidate.status?.reason;
  if (reason === 'UserUnresolved') return awaitAddress(scene);
  if (reason === 'Blocked') return lookAgain(scene, now);
  return reason === 'NoticeNotServed' ? cleared('The person is asked first.') : awaitPerson(scene, now);
}

function awaitAddress({ rule, verdict }: FullScene): CandidatePlan {
  if (!isUnresolved(rule, verdict)) return cleared('The person can be asked by now.');
  return { effect: none, standing: { kind: 'NeedsPerson', reason: 'UserUnresolved', message: unresolvedText } };
}

function cleared(text: string): CandidatePlan {
  return moved({ event: 'Cleared', reason: 'Cleared', text });
}

function lookAgain(scene: FullScene, now: number): CandidatePlan {
  const { candidate } = scene;
  const standing: Standing = { kind: 'NeedsPerson', reason: 'Blocked', message: blockedText };
  const obstacle = findObstacle(scene, now);
  if (obstacle !== undefined) return { effect: none, standing };
  const { inspectedAt, blockerCount = 0 } = candidate.status ?? {};
  const decision = newDecision(scene);
  const nextAt = timeOf(inspectedAt) + hourMs;
  const isDue = decision !== undefined || !(now < nextAt);
  if (isDue) return { change: acting(decision, now), effect: { kind: 'Inspect' }, standing };
  if (blockerCount === 0) return cleared('Nothing stands in the way any more.');
  return { effect: none, standing, requeueAfterMs: nextAt - now };
}

const attentionText = 'The candidate needs a person: status.history and status.vendorMessage show why. Set spec.decision to ResumeReclaim to try again, or to CloseComplete or CloseSkipped.';

/** A decision made before it came to this is no answer to it: the failure has voided it. */
function awaitPerson(scene: FullScene, now: number): CandidatePlan {
  const { candidate, rule } = scene;
  const decision = newDecision(scene);
  const reason = candidate.status?.reason ?? 'AttentionRequired';
  if (decision === undefined) {
    return { effect: none, standing: { kind: 'NeedsPerson', reason, message: reason === 'StatusLost' ? statusLostText : attentionText } };
  }
  const move = { reason: 'Resumed', text: 'A person asked to try again.', actor: decision.by };
  return moved({ event: isServed(scene, rule, now) ? 'Resumed' : 'Cleared', ...move }, acting(decision, now));
}
