import { compact } from '../../api/compact.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { removalCandidateResource } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import { writeStatus } from '../../kubernetes/status-writer.ts';
import { findingsManager } from '../../licensing/candidate/draft.ts';
import { dailyCapOf, decideBudget, decideDailyCap } from '../../licensing/reclaim/budget.ts';
import type { Hold, JudgeContext } from '../../licensing/reclaim/facts.ts';
import { findFreezeProblem, frozenUntil } from '../../licensing/reclaim/freeze.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { readOwners } from '../ownership/read-owners.ts';
import { aboutCandidate } from '../removal-candidate/records.ts';
import { recordFact } from '../removal-candidate/settle.ts';
import { stampConditions } from '../stamp.ts';
import { buildContext } from './context.ts';
import { confirmationEntry } from './confirmation.ts';
import { inputsOf, restOfPeriod } from './decide-due.ts';
import { decideRuleStatus, incompleteText, ruleConditionTypes, unreadableText, type RuleOutcome } from './decide-status.ts';
import type { Drift } from './drift.ts';
import { heldForResult } from './held-for-result.ts';
import { describeEvaluation, evaluateRule, findCandidates, type RuleEvaluation } from './evaluate-rule.ts';
import { findEvidence } from './evidence.ts';
import { gatherRule } from './gather.ts';
import type { Evidence, Owners, RuleScene } from './input.ts';
import { indexCandidates, openCandidate } from './open-candidates.ts';

interface Pass {
  readonly key: string;
  readonly now: number;
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

/**
 * Evaluates one rule when that is due (design section 3, Evaluate): when a refresh has ended, when the rule or anything that it
 * depends on has changed, on request, and on its period. What is held makes no candidates and says why.
 */
export async function reconcileRule(key: string, dependencies: ControllerDependencies, signal: AbortSignal): Promise<{ requeueAfterMs?: number }> {
  const rule = dependencies.ownWrites.rules.newest(key, dependencies.stores.rules.get(key));
  if (rule === undefined || rule.metadata.deletionTimestamp !== undefined) return {};
  const pass: Pass = { key, now: dependencies.clock.now(), dependencies, signal };
  const scene = await gatherRule(rule, dependencies, signal);
  const look = lookAt(scene, pass);
  const found = look.profile === undefined ? undefined : await evaluate(scene, look.profile, look.context, pass);
  const outcome = describeOutcome(scene, look, found, pass.now);
  // Before status, which says that it was evaluated: whoever is killed in between begins anew, and finds those that are there.
  if (found !== undefined && outcome.hold === undefined) await makeCandidates(scene, found, pass);
  await writeRule(scene, outcome, pass);
  return { requeueAfterMs: wakeAfter(scene, { restMs: look.restMs, nextAt: found?.evaluation.report.nextAt }, pass.now) };
}

interface Look {
  readonly evidence: Evidence;
  readonly context: JudgeContext;
  readonly inputs: string;
  readonly restMs: number;
  /** Whose subscriptions are to be judged now; undefined = it is not due, or held. */
  readonly profile: IntegrationProfile | undefined;
}

/** Times that a clock which is not to be trusted gives judge nobody, and a candidate's origin would not be known by them (guard 11). */
const skewedClock: Hold = { reason: 'ClockSkewed', message: 'The operator’s clock and the API server’s differ by more than a minute or cannot be compared, so the rule judges nobody. Synchronise the clock of the operator’s node.', needsPerson: false };

function lookAt(scene: RuleScene, { now, dependencies }: Pass): Look {
  const found = findEvidence(scene, now);
  const evidence = dependencies.clockTrust.isTrusted() ? found : { watches: new Map(), hold: found.hold ?? skewedClock };
  const context = buildContext(scene, evidence, { now, admins: 0 });
  const inputs = inputsOf(scene, context);
  const restMs = restOfPeriod(scene, inputs, now);
  return { evidence, context, inputs, restMs, profile: evidence.hold === undefined && restMs === 0 ? scene.profile : undefined };
}

// oxlint-disable-next-line max-params -- what was read, what was decided, what was found, and now
function describeOutcome(scene: RuleScene, { evidence, inputs, restMs }: Look, found: Found | undefined, now: number): RuleOutcome {
  return {
    ...gatherOutcome(scene, found, now),
    hold: evidence.hold ?? (found === undefined ? heldBefore(scene, restMs) : found.evaluation.report.hold),
    evaluated: found === undefined ? undefined : describeEvaluation(found.evaluation, inputs, now),
  };
}

interface Found {
  readonly evaluation: RuleEvaluation;
  readonly owners: Owners;
}

// oxlint-disable-next-line max-params -- the rule's scene, its profile, what verdicts depend on, and the pass
async function evaluate(scene: RuleScene, profile: IntegrationProfile, context: JudgeContext, pass: Pass): Promise<Found> {
  const { dependencies, signal } = pass;
  const owners = await readOwners(profile, { client: dependencies.client, signal });
  const evaluation = await evaluateRule({ scene, profile, context, dependencies, signal });
  for (const drift of evaluation.drifts) await tellDrift(drift, profile, pass);
  return { evaluation, owners };
}

/** What the last evaluation was held for stays until the next one, which comes when anything has changed. */
function heldBefore({ rule }: RuleScene, restMs: number): RuleOutcome['hold'] {
  const held = rule.status?.held;
  return held !== undefined && heldForResult.includes(held.reason) && restMs > 0 ? { reason: held.reason, message: held.message, needsPerson: true } : undefined;
}

function gatherOutcome(scene: RuleScene, found: Found | undefined, now: number): Pick<RuleOutcome, 'ownershipProblems' | 'ownershipNotes' | 'frozen' | 'budget' | 'profileBudget' | 'freezeProblem'> {
  const { rule } = scene;
  const windows = rule.spec.freezeWindows ?? [];
  return {
    ...ownershipOf(rule, found),
    frozen: frozenUntil(windows, now),
    freezeProblem: findFreezeProblem(windows),
    budget: countReclaims(scene, found?.evaluation.report.counts.covered ?? rule.status?.evaluation?.covered ?? 0, now),
    profileBudget: countOfProfile(scene, now),
  };
}

/** It is read again with the next evaluation. */
function ownershipOf({ status }: ReclamationRule, found: Found | undefined): Pick<RuleOutcome, 'ownershipProblems' | 'ownershipNotes'> {
  if (found !== undefined) return { ownershipProblems: found.owners.problems, ownershipNotes: found.owners.notes };
  const before = status?.conditions?.find(({ type }) => type === 'OwnershipReadable');
  const saidBefore = (wanted: 'True' | 'False', beginning: string): string[] => (before?.status === wanted ? [before.message.replace(beginning, '')] : []);
  return { ownershipProblems: saidBefore('False', unreadableText), ownershipNotes: saidBefore('True', incompleteText) };
}

/** What of the limits is used (guard 5), by the last attempt of each candidate; the executor asks again, live. */
function countReclaims({ rule, candidates }: RuleScene, covered: number, now: number): RuleOutcome['budget'] {
  const started = startsOf(candidates.filter(({ spec }) => spec.subject.ruleRef.name === rule.metadata.name));
  const budget = decideBudget({ started, covered, limits: rule.spec.limits, periodHours: rule.spec.evaluationPeriodHours, now });
  return { started: budget.started, allowed: budget.allowed };
}

/** What of the cap of the profile is used, over all its rules; the executor asks that of the account besides. */
function countOfProfile({ profile, candidates }: RuleScene, now: number): RuleOutcome['profileBudget'] {
  if (profile === undefined) return { started: 0, allowed: 1 };
  const { started, allowed } = decideDailyCap({ started: startsOf(candidates), allowed: dailyCapOf(profile.status?.subscriptions?.total, profile.spec.reclaimLimits), now });
  return { started, allowed };
}

function startsOf(candidates: RuleScene['candidates']): number[] {
  return candidates.flatMap(({ status }) => (status?.attempt === undefined ? [] : [Date.parse(status.attempt.startedAt)]));
}

async function writeRule(scene: RuleScene, outcome: RuleOutcome, { key, now, dependencies, signal }: Pass): Promise<void> {
  const { rule } = scene;
  const plan = decideRuleStatus(scene, outcome, now);
  const { generation } = rule.metadata;
  const conditions = stampConditions(rule.status?.conditions, plan.parts, { generation, now, ownedTypes: ruleConditionTypes });
  // Before status, by which the next pass knows that it was told: after a crash it is told twice rather than never.
  await recordHold(rule, plan.status.held, { dependencies, signal });
  const confirmation = confirmationEntry(rule, plan.status.review);
  if (confirmation !== undefined) await recordFact(rule, confirmation, { dependencies, signal });
  await dependencies.ownWrites.rules.write(key, rule, { ...plan.status, conditions }, signal);
  announce(rule, plan.status.held, dependencies);
  if (confirmation !== undefined) announceConfirmation(rule, confirmation.event, dependencies);
}

type Held = NonNullable<ReclamationRule['status']>['held'];

function isNewlyHeld({ status }: ReclamationRule, held: Held): held is NonNullable<Held> {
  return held !== undefined && status?.held?.reason !== held.reason;
}

/** What the brakes stopped is evidence (C12, C24); what waits for data is not: it comes and goes with every refresh. */
async function recordHold(rule: ReclamationRule, held: Held, { dependencies, signal }: Pick<Pass, 'dependencies' | 'signal'>): Promise<void> {
  if (!isNewlyHeld(rule, held) || !heldForResult.includes(held.reason)) return;
  const entry = { event: 'RunHeld', profile: rule.spec.profileRef.name, rule: rule.metadata.name, actor: 'operator', data: { reason: held.reason, message: held.message } } as const;
  await recordFact(rule, entry, { dependencies, signal });
}

/** A rule that comes to be held is told once, with its reason. */
function announce(rule: ReclamationRule, held: Held, { events }: ControllerDependencies): void {
  if (!isNewlyHeld(rule, held)) return;
  events.record(rule, { type: 'Warning', reason: held.reason, action: 'Evaluate', note: held.message });
}

/** Whether anything may be reclaimed at all has changed: told once, as it happens. */
function announceConfirmation(rule: ReclamationRule, event: AuditEntry['event'], { events }: ControllerDependencies): void {
  const isVoid = event === 'RuleConfirmationVoid';
  const note = isVoid ? 'The rule is no longer the one that was confirmed, so nothing is reclaimed: see its condition Confirmed.' : 'The rule is confirmed as it is now.';
  events.record(rule, { type: isVoid ? 'Warning' : 'Normal', reason: isVoid ? 'RuleConfirmationVoid' : 'RuleConfirmed', action: 'Evaluate', note });
}

async function makeCandidates(scene: RuleScene, { evaluation, owners }: Found, { key, dependencies, signal }: Pass): Promise<void> {
  const { rule, profile } = scene;
  if (profile === undefined || rule.spec.mode === 'Observe') return;
  const known = indexCandidates(scene.candidates);
  const opening = { scene, owners, planHash: evaluation.report.hash, dependencies, signal };
  let made = 0;
  for await (const { seat, judgement } of findCandidates({ scene, profile, context: evaluation.context, dependencies, signal })) {
    if (await openCandidate(seat, judgement, known.get(seat.name) ?? [], opening)) made += 1;
  }
  if (made === 0) return;
  dependencies.logger.info({ rule: key, made }, 'made removal candidates');
  dependencies.events.record(rule, { type: 'Normal', reason: 'CandidatesMade', action: 'Evaluate', note: `Made ${made} RemovalCandidates: see kubectl get remcand.` });
}

/** Somebody has given back what was reclaimed: told once, on the candidate and the profile (D17). */
async function tellDrift({ candidate, kind }: Drift, profile: IntegrationProfile, { now, dependencies, signal }: Pass): Promise<void> {
  const at = new Date(now).toISOString();
  const isLate = kind === 'LateEffect';
  // Each with a manager of its own, so that neither takes the other's field away.
  const fieldManager = `${findingsManager}-${isLate ? 'late' : 'drift'}`;
  if (isLate) await recordFact(candidate, { ...aboutCandidate(candidate), event: 'LateEffect', actor: 'operator', data: { action: candidate.spec.subject.action } }, { dependencies, signal });
  await writeStatus(dependencies.client, removalCandidateResource, candidateWithout(candidate), isLate ? { tookEffectAt: at } : { returnedAt: at }, { fieldManager, signal });
  const note = `${driftTexts[kind]} See RemovalCandidate ${candidate.metadata.name}.`;
  const reason = kind;
  dependencies.events.record(candidate, { type: 'Warning', reason, action: 'Evaluate', note });
  dependencies.events.record(profile, { type: 'Warning', reason, action: 'Evaluate', note });
}

/** As nothing but a name: the cache keeps too little of it to compare with. */
function candidateWithout({ metadata, apiVersion, kind }: KubernetesObject): KubernetesObject {
  return { metadata, ...compact({ apiVersion, kind }) };
}

const driftTexts = {
  ReclaimedUserReturned: 'A person whose account was removed has one again: an identity provider or a colleague has invited them.',
  DowngradeReverted: 'A person who was moved to a lesser licence has the former one again.',
  LateEffect: 'A request to the vendor took effect after its candidate had closed with an unknown outcome. Set the candidate’s spec.restore to undo the reclaim.',
} as const;

/** The end of the period, of a grace, of a freeze, and of the evidence's time. */
function wakeAfter({ rule, profile }: RuleScene, { restMs, nextAt }: { restMs: number; nextAt: number | undefined }, now: number): number {
  const periodMs = rule.spec.evaluationPeriodHours * 3_600_000;
  const successes = Object.values(profile?.status?.refresh ?? {}).map((run) => Date.parse(run?.lastSuccessTime ?? '') + rule.spec.maxDataAgeHours * 3_600_000 - now);
  const freeze = frozenUntil(rule.spec.freezeWindows ?? [], now);
  const wishes = [restMs > 0 ? restMs : periodMs, ...successes, ...(nextAt === undefined ? [] : [nextAt - now]), ...(freeze === undefined ? [] : [freeze.until - now])];
  return Math.max(1, Math.min(...wishes.filter((wish) => wish > 0)));
}

