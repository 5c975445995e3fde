import { addressPattern } from '../../licensing/text.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import { frozenUntil } from '../../licensing/reclaim/freeze.ts';
import { buildReclaimPlan, type PlannedReclaim, type ReclaimPlan } from '../../licensing/reclaim/plan.ts';
import { buildContext } from '../../controllers/reclamation-rule/context.ts';
import { createPlanHasher } from '../../controllers/reclamation-rule/evaluate-rule.ts';
import { findObstacles } from '../../controllers/reclamation-rule/decide-reclaiming.ts';
import { findEvidence } from '../../controllers/reclamation-rule/evidence.ts';
import type { RuleScene } from '../../controllers/reclamation-rule/input.ts';
import type { Provider } from '../../providers/provider.ts';
import type { Snapshot } from '../position/snapshot-schema.ts';
import { noteUnseen, storedAs } from '../position/note-runs.ts';
import { sceneOf, type JudgedRule } from './rule-scene.ts';

/** What `saaslicense plan --rule` shows; with `-o json` as it is. */
export interface RulePlan extends ReclaimPlan {
  readonly namespace: string;
  /** Compared with the rule as it is. */
  readonly diff?: PlanDiff;
}

/** Who comes into a plan, and who drops out of it. */
export interface PlanDiff {
  /** Hash of the plan of the rule as it is; absent where there is no such rule yet. */
  readonly against?: string;
  readonly added: readonly PlannedReclaim[];
  readonly dropped: readonly PlannedReclaim[];
  /** In both. */
  readonly kept: number;
}

export interface PlannedRule extends JudgedRule {
  /** What spec.confirmedRule has to be. Recorded data lack whom the rule tells, which it is made from, too. */
  readonly reviewId: string;
}

export interface RulePlanRequest {
  readonly rule: PlannedRule;
  /** The rule as it is, to compare with; undefined where that is not asked for, null where there is none. */
  readonly before?: PlannedRule | null | undefined;
  /** Hash that the operator itself found, of a rule that is not changed here. */
  readonly operatorHash?: string | undefined;
}

/**
 * What a rule would do (D1): a pure function of recorded data, the rule and the time. The hash is the one of status.plan.hash when the
 * operator judges the same rule by the same data.
 * @param at milliseconds since the epoch.
 */
export function planRule(snapshot: Snapshot, request: RulePlanRequest, { at, providers }: { readonly at: number; readonly providers: readonly Provider[] }): RulePlan {
  const { plan, scene } = judge(snapshot, request.rule, { at, providers });
  const notes = [...noteObstacles(scene, at), ...plan.notes, ...findNotes(snapshot, request, plan)];
  if (request.before === undefined) return { ...plan, notes, namespace: snapshot.namespace };
  const before = request.before === null ? undefined : judge(snapshot, request.before, { at, providers }).plan;
  return { ...plan, notes, namespace: snapshot.namespace, diff: compare(plan, before) };
}

function judge(snapshot: Snapshot, rule: PlannedRule, { at, providers }: { readonly at: number; readonly providers: readonly Provider[] }): { readonly plan: ReclaimPlan; readonly scene: RuleScene } {
  const { scene, seats, isSettled, profile } = sceneOf(snapshot, rule, providers);
  const evidence = findEvidence(scene, at);
  const own = scene.candidates.filter(({ spec }) => spec.subject.ruleRef.name === rule.name);
  const plan = buildReclaimPlan({
    profile: profile.name,
    reviewId: rule.reviewId,
    context: buildContext(scene, evidence, { now: at, admins: 0 }),
    hold: evidence.hold,
    seats: seats.filter((seat) => !isSettled(seat)),
    models: scene.models.filter(({ spec }) => spec.profileRef.name === profile.name),
    candidates: own.filter(({ status }) => !isClosed(status?.state)),
    started: own.flatMap(({ status }) => (status?.attempt === undefined ? [] : [Date.parse(status.attempt.startedAt)])),
    hasher: createPlanHasher(),
  });
  return { plan, scene };
}

function compare(plan: ReclaimPlan, before: ReclaimPlan | undefined): PlanDiff {
  const namesOf = (one: ReclaimPlan | undefined): Set<string> => new Set(one?.people.map(({ subscription }) => subscription));
  const [now, then] = [namesOf(plan), namesOf(before)];
  return {
    added: plan.people.filter(({ subscription }) => !then.has(subscription)),
    dropped: (before?.people ?? []).filter(({ subscription }) => !now.has(subscription)),
    kept: plan.people.filter(({ subscription }) => then.has(subscription)).length,
    ...(before === undefined ? {} : { against: before.hash }),
  };
}

/** What keeps all of it from being done, and is said nowhere else in the plan. */
function noteObstacles(scene: RuleScene, at: number): string[] {
  const standing = { hold: undefined, ownershipProblems: [], frozen: frozenUntil(scene.rule.spec.freezeWindows ?? [], at), budget: { started: 0, allowed: 1 }, profileBudget: { started: 0, allowed: 1 } };
  return findObstacles(scene, standing)
    .filter(({ reason }) => reason === 'ReclaimDisabled' || reason === 'Frozen')
    .map(({ message }) => `Nothing of this is done now. ${message}`);
}

/** What recorded data cannot tell, or the operator saw otherwise. */
function findNotes(snapshot: Snapshot, { rule, operatorHash }: RulePlanRequest, plan: ReclaimPlan): string[] {
  const text = JSON.stringify(rule.spec);
  const hasAddress = text.search(addressPattern) >= 0 || /\bperson-\d{6}\b/.test(text);
  const reference = rule.spec.leaversRef;
  const profiles = snapshot.profiles.filter(({ name }) => name === plan.profile).map((profile) => ({ name: profile.name, storedAs: storedAs(profile) }));
  const recorded = snapshot.rules?.find(({ name }) => name === rule.name);
  const lacksLeavers = reference !== undefined && recorded?.leavers === undefined;
  return [
    ...(hasAddress ? ['The rule names an e-mail address, which is not in recorded data: the hash is not the one that the operator finds.'] : []),
    ...(lacksLeavers ? [`Who left is in Secret ${reference.name} (spec.leaversRef), which could not be read here: whoever plans needs the right to read it.`] : []),
    ...noteUnseen(profiles),
    ...(operatorHash === undefined || operatorHash === plan.hash ? [] : [`The last evaluation by the operator had another plan (${operatorHash}): people, evidence or the rule have changed since, or it was held.`]),
  ];
}
