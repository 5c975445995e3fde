import type { CandidateScene, CandidateVerdict } from '../../licensing/candidate/facts.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { changesBetween, describeChanges } from '../../licensing/approval.ts';
import { decisionFacts } from '../../licensing/candidate/decision-id.ts';
import { hideAddresses } from '../../licensing/text.ts';
import { isRuleConfirmed } from '../reclamation-rule/confirmation.ts';
import { isDecided, isOutdated, wantsToKeep, type Decidable } from './rights.ts';
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
  ({ rule }) => when(!isRuleConfirmed(rule), { kind: 'NeedsPerson', reason: 'RuleNotConfirmed', message: `Nobody has confirmed the ReclamationRule ${rule.metadata.name} as it is now. Read the rule and its condition Confirmed, then set spec.confirmedRule to its status.review.id.` }),
  ({ verdict }) => when(verdict.ownership.length > 0, { kind: 'NeedsPerson', reason: 'OwnedElsewhere', message: `The account is managed by ${verdict.ownership[0]?.managedBy ?? ''}: change it there, as status.ownership says; it is not touched here.` }),
  ({ verdict }) => when(verdict.plan === 'Changed', { kind: 'NeedsPerson', reason: 'NotInPlan', message: 'The plan in the rule’s spec.confirmedPlan does not include this candidate. Get the current plan approved, or remove spec.confirmedPlan.' }),
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
export function findMissingDecision(scene: Decidable & Pick<FullScene, 'rule' | 'person'>): Standing | undefined {
  if (wantsToKeep(scene)) return { kind: 'Fine', reason: 'AwaitingApproval', message: 'The person wants to keep the licence. An approver must set spec.decision to Keep or Reclaim.' };
  if (scene.rule.spec.mode === 'Enforce' || isDecided(scene)) return undefined;
  if (isOutdated(scene)) return scene.decisionId === undefined ? accountUnknown : outdated(scene.candidate, scene.person);
  return { kind: 'Fine', reason: 'AwaitingDecision', message: 'It waits for the decision of a person: set spec.decision to Reclaim or Keep.' };
}

const accountUnknown: Standing = { kind: 'NeedsPerson', reason: 'ConnectionAliasMissing', message: 'The operator does not know which vendor account the profile reaches, so no decision counts: the ConnectionAlias is missing, or its settings name no account. Create or complete the ConnectionAlias.' };

/** Says what has changed since it was decided, as far as that is known; addresses are in status only (guard 7). */
function outdated(candidate: CandidateScene['candidate'], person: CandidateScene['person']): Standing {
  const { status = {} } = candidate;
  const fresh = person === undefined ? [] : changesBetween(status.decisionFacts ?? [], decisionFacts(candidate, status, person));
  const changes = describeChanges(fresh.length > 0 && status.decisionFacts !== undefined ? fresh : (status.decisionChanges ?? []));
  const what = changes === '' ? '' : ` Last change: ${hideAddresses(changes)}.`;
  return { kind: 'NeedsPerson', reason: 'DecisionOutdated', message: `spec.decision does not count: spec.decision.confirms is not the current status.decisionId, so the decision was about other facts.${what} Read status.decisionFacts, then decide again.` };
}

function when(holds: boolean, standing: Standing): Standing | undefined {
  return holds ? standing : undefined;
}
