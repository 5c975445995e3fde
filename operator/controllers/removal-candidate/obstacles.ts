import type { CandidateScene, CandidateVerdict } from '../../licensing/candidate/facts.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { isDecided, isTooOld, wantsToKeep } from './rights.ts';
import type { Standing } from './plan.ts';

/** A scene in which everything is there to go on. */
export interface FullScene extends CandidateScene {
  readonly rule: ReclamationRule;
  readonly profile: IntegrationProfile;
  readonly verdict: CandidateVerdict;
  readonly subscription: NonNullable<CandidateScene['subscription']>;
}

type Check = (scene: FullScene, now: number) => Standing | undefined;

/** What keeps a candidate from going on, whatever was decided; the first that applies, from the widest to the narrowest. */
const checks: readonly Check[] = [
  ({ rule }) => when(rule.spec.mode === 'Observe', { kind: 'NeedsPerson', reason: 'ModeObserve', message: 'The rule only counts (spec.mode Observe): set it to Propose to go on, or close the candidate.' }),
  ({ profile }) => when(!profile.spec.reclaimSubscriptions, { kind: 'NeedsPerson', reason: 'ReclaimDisabled', message: `Reclaim Subscriptions is cleared on the IntegrationProfile ${profile.metadata.name}: nothing is reclaimed. Set spec.reclaimSubscriptions of it to go on.` }),
  ({ rule }) => when(!rule.spec.reviewed, { kind: 'NeedsPerson', reason: 'RuleNotReviewed', message: `Nobody has reviewed the ReclamationRule ${rule.metadata.name}: read it, then set spec.reviewed: true.` }),
  ({ verdict }) => when(verdict.ownership.length > 0, { kind: 'NeedsPerson', reason: 'OwnedElsewhere', message: `The account is managed by ${verdict.ownership[0]?.managedBy ?? ''}: change it there, as status.ownership says; it is not touched here.` }),
  ({ verdict }) => when(verdict.plan === 'Changed', { kind: 'NeedsPerson', reason: 'NotInPlan', message: 'It is not part of the plan that spec.boundPlan of the rule names: have the present plan approved, or take the field away.' }),
  ({ verdict }, now) => when(verdict.frozenAt(now) !== undefined, { kind: 'Waiting', reason: 'Frozen', message: `A freeze window of the rule is in force: ${verdict.frozenAt(now)?.reason ?? ''}` }),
];

/** What keeps anything from being asked or done now; undefined = nothing does. */
export function findObstacle(scene: FullScene, now: number): Standing | undefined {
  for (const check of checks) {
    const standing = check(scene, now);
    if (standing !== undefined) return standing;
  }
  return undefined;
}

/** What else keeps it from being reclaimed: in Propose the decision of a person, anywhere a wish to keep that nobody has answered. */
export function findMissingDecision({ candidate, rule }: Pick<FullScene, 'candidate' | 'rule'>): Standing | undefined {
  if (wantsToKeep(candidate)) return { kind: 'Fine', reason: 'AwaitingApproval', message: 'The person wants to keep it: whoever approves sets spec.decision to Keep or Reclaim.' };
  if (rule.spec.mode === 'Enforce' || isDecided(candidate)) return undefined;
  if (isTooOld(candidate)) return { kind: 'Fine', reason: 'DecisionTooOld', message: 'spec.decision was made before the candidate (its at is earlier than status.openedAt), so it is about another one: decide again, and look at the clock of whoever decided.' };
  return { kind: 'Fine', reason: 'AwaitingDecision', message: 'It waits for the decision of a person: set spec.decision to Reclaim or Keep.' };
}

function when(holds: boolean, standing: Standing): Standing | undefined {
  return holds ? standing : undefined;
}
