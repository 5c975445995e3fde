import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import { decideAttempt, readBeforeClosing } from './decide-attempt.ts';
import { decideClosed } from './decide-closed.ts';
import { decideClosing } from './decide-closing.ts';
import { keepWished } from './decide-notice.ts';
import { decideOpen } from './decide-open.ts';
import type { FullScene } from './obstacles.ts';
import { none, type CandidatePlan, type Standing } from './plan.ts';
import { isUnresolved, unresolvedText } from './plans.ts';
import { acting, newDecision, wantsToKeep } from './rights.ts';
import { withTrustedClock } from './trusted-clock.ts';
import { toText } from './times.ts';

/** While something that has to come by itself is missing. */
const recheckMs = 10 * 60_000;

/**
 * What becomes of a candidate in this pass: a move to another state, or one effect, or waiting (requirements B2, L4–L14). Pure. In this
 * order: it is opened; a closed one is kept, undone or deleted; what became of an attempt is found out before anything
 * else (guard 4); it is over for a reason that holds in any open state; what is missing is waited for; then its state decides.
 */
export function decideCandidate(scene: CandidateScene, now: number): CandidatePlan {
  const { candidate } = scene;
  const plan = isClosed(candidate.status?.state)
    ? decideClosed(scene, now)
    : (open(scene, now) ?? decideAttempt(scene, now) ?? decideClose(scene, now) ?? hearWish(scene) ?? waitFor(scene) ?? decideOpen(requireFull(scene), now));
  return withTrustedClock(scene, withdrawn(scene, plan));
}

/** L7: with notice on, somebody without an address cannot be asked. */
function open({ candidate, rule, verdict }: CandidateScene, now: number): CandidatePlan | undefined {
  if (candidate.status?.state !== undefined) return undefined;
  const openedAt = candidate.metadata.creationTimestamp ?? toText(now);
  return {
    move: isUnresolved(rule, verdict)
      ? { event: 'FoundUnresolved', reason: 'UserUnresolved', text: unresolvedText }
      : { event: 'Found', reason: 'Found', text: 'The rule found the subscription inactive.' },
    change: { openedAt },
    effect: none,
    standing: isUnresolved(rule, verdict) ? { kind: 'NeedsPerson', reason: 'UserUnresolved', message: unresolvedText } : { kind: 'Fine', reason: 'Found', message: 'It was made just now.' },
    requeueAfterMs: 0,
  };
}

/** What an attempt has come to is found out before anything closes, so that nothing says that nothing was done where that is not known. */
function decideClose(scene: CandidateScene, now: number): CandidatePlan | undefined {
  const move = decideClosing(scene);
  if (move === undefined) return undefined;
  const reading = readBeforeClosing(scene, move, now);
  if (reading !== undefined) return reading;
  return { move, change: acting(newDecision(scene), now), effect: none, standing: { kind: 'Fine', reason: move.reason, message: move.text }, requeueAfterMs: 0 };
}

/** A wish to keep is written down at once, though the rule is gone or held: it must not be forgotten (L5). */
function hearWish(scene: CandidateScene): CandidatePlan | undefined {
  const state = scene.candidate.status?.state;
  return (state === 'AwaitingUser' || state === 'AwaitingRevocation') && wantsToKeep(scene) ? keepWished : undefined;
}

/** A rule that is gone or held reclaims nothing, and its candidates stay as they are (guards 5 and 6). */
function waitFor({ candidate, rule, verdict }: CandidateScene): CandidatePlan | undefined {
  const standing = missing(candidate.spec.subject.ruleRef.name, rule, verdict);
  return standing === undefined ? undefined : { effect: none, standing, requeueAfterMs: recheckMs };
}

function missing(ruleName: string, rule: CandidateScene['rule'], verdict: CandidateScene['verdict']): Standing | undefined {
  if (rule === undefined || rule.metadata.deletionTimestamp !== undefined || verdict === undefined) {
    return { kind: 'NeedsPerson', reason: 'RuleNotFound', message: `There is no ReclamationRule ${ruleName}: nothing is reclaimed without it. Make it again, or close the candidate.` };
  }
  if (verdict.hold !== undefined) return { kind: verdict.hold.needsPerson ? 'NeedsPerson' : 'Waiting', reason: verdict.hold.reason, message: verdict.hold.message };
  if (verdict.judgement.kind !== 'Unknown') return undefined;
  return { kind: 'Waiting', reason: 'EvidenceIncomplete', message: 'No complete evidence says whether the person is active, so nothing is done: see status.evaluation.unknown of the rule.' };
}

/** The checks before have seen to it that all of them are there. */
function requireFull(scene: CandidateScene): FullScene {
  const { rule, profile, verdict, subscription } = scene;
  if (rule === undefined || profile === undefined || verdict === undefined || subscription === undefined) throw new TypeError('A candidate was decided on without its rule, profile or subscription.');
  return { ...scene, rule, profile, verdict, subscription };
}

/** A decision that was taken back may be made again, in the same words. */
function withdrawn({ candidate }: CandidateScene, plan: CandidatePlan): CandidatePlan {
  if (candidate.spec.decision !== undefined || candidate.status?.decision === undefined) return plan;
  return { ...plan, change: { decision: undefined, ...plan.change } };
}
