import type { Ownership } from '../../api/removal-candidate-status.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareModelResource, type SoftwareModel } from '../../api/software-model.ts';
import { subscriptionExclusionResource, type SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import type { ResourceType } from '../../api/kind.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { CandidateVerdict } from '../../licensing/candidate/facts.ts';
import { personKey, personKeys } from '../../licensing/candidate/same-person.ts';
import { findOwners } from '../../licensing/ownership/owner-index.ts';
import { blastRadius } from '../../licensing/reclaim/evaluate.ts';
import { usableCondition } from '../../licensing/reclaim/condition.ts';
import type { Hold, OwnershipIndex, ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { frozenUntil } from '../../licensing/reclaim/freeze.ts';
import { judgeSeat } from '../../licensing/reclaim/judge.ts';
import { toReclaimSeat } from '../../licensing/reclaim/seat.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { readOwners } from '../ownership/read-owners.ts';
import type { JudgeCandidate, JudgedObjects } from '../removal-candidate/input.ts';
import { buildContext } from './context.ts';
import { findEvidence } from './evidence.ts';
import { gatherRule } from './gather.ts';
import { heldForResult } from './held-for-result.ts';
import type { Owners, RuleScene } from './input.ts';

/** What candidates are judged by: the same checks as those that made them, asked again now (guard 1). */
export function createCandidateJudge(dependencies: ControllerDependencies): JudgeCandidate {
  return async (objects, reading, signal) => {
    const cached = await gatherRule(objects.rule, dependencies, signal);
    const scene: RuleScene = { ...cached, profile: objects.profile, ...(reading === 'Live' ? await readLive(objects, cached, { client: dependencies.client, signal }) : {}) };
    // Elsewhere-managed accounts matter at the write; before, what the evaluation found is on the candidate.
    const owners = reading === 'Live' ? await readOwners(objects.profile, { client: dependencies.client, signal }) : undefined;
    return decideVerdict(objects, scene, owners, dependencies.clock.now());
  };
}

type Reading = Pick<ControllerDependencies, 'client'> & { readonly signal: AbortSignal };

// oxlint-disable-next-line max-params -- what is judged, what caches say of it, and how to read
async function readLive({ rule, subscription }: JudgedObjects, cached: RuleScene, { client, signal }: Reading): Promise<Pick<RuleScene, 'models' | 'exclusions' | 'candidates'>> {
  const namespace = rule.metadata.namespace ?? '';
  const readAll = async <T extends KubernetesObject>(type: ResourceType, isWanted: (object: T) => boolean = () => true): Promise<T[]> => {
    const found: T[] = [];
    for await (const page of client.pages<T>(type, { namespace, limit: 100, signal })) found.push(...page.filter(isWanted));
    return found;
  };
  const keys = personKeys(toReclaimSeat(subscription));
  const isOfSeatOrPerson = ({ spec: { subject } }: RemovalCandidate): boolean => subject.subscriptionRef.name === subscription.metadata.name || keys.includes(personKey(subject));
  return {
    models: await readAll<SoftwareModel>(softwareModelResource),
    exclusions: await readAll<SubscriptionExclusion>(subscriptionExclusionResource),
    // Of the others, what caches say does: they are of other people.
    candidates: [...cached.candidates.filter((one) => !isOfSeatOrPerson(one)), ...(await readAll(removalCandidateResource, isOfSeatOrPerson))],
  };
}

// oxlint-disable-next-line max-params -- the candidate's objects, what the rule is judged by, who else owns, and now
function decideVerdict({ candidate, rule, subscription }: JudgedObjects, scene: RuleScene, owners: Owners | undefined, now: number): CandidateVerdict {
  const seat = toReclaimSeat(subscription);
  const evidence = findEvidence(scene, now);
  // The vendor counts the admins at the write; here, the rule's own count would need all subscriptions.
  const context = buildContext(withoutOwn(scene, candidate.metadata.name), evidence, { now, admins: Infinity });
  return {
    hold: evidence.hold ?? heldByRule(rule) ?? unreadable(owners),
    judgement: judgeSeat(seat, { ...context, condition: usableCondition(rule.spec.condition) }),
    address: seat.address,
    frozenAt: (time) => frozenUntil(rule.spec.freezeWindows ?? [], time),
    plan: planOf(rule, candidate.status?.planHash),
    ownership: owners === undefined ? (candidate.status?.ownership ?? []) : ownersOf(seat, owners.index),
    covered: coveredBy(rule),
  };
}

/** Its own being open does not protect it. */
function withoutOwn(scene: RuleScene, name: string): RuleScene {
  return { ...scene, candidates: scene.candidates.filter(({ metadata }) => metadata.name !== name) };
}

function coveredBy({ status }: ReclamationRule): number {
  return status?.evaluation?.covered ?? 0;
}

function heldByRule(rule: ReclamationRule): Hold | undefined {
  return heldByResult(rule) ?? unevaluated(rule);
}

/** A result that looked like a mistake holds what was found before, too (C12); by the limit as it is now, which nothing may have been evaluated by yet. */
function heldByResult({ spec, status }: ReclamationRule): Hold | undefined {
  const { maxCandidateRatio } = spec.limits;
  if (status?.held !== undefined && heldForResult.includes(status.held.reason)) return { reason: status.held.reason, message: status.held.message, needsPerson: true };
  return (status?.evaluation?.candidateRatioPercent ?? 0) > maxCandidateRatio ? blastRadius(maxCandidateRatio) : undefined;
}

function unreadable(owners: Owners | undefined): Hold | undefined {
  const [problem] = owners?.problems ?? [];
  return problem === undefined ? undefined : { reason: 'OwnershipUnreadable', message: problem, needsPerson: true };
}

/** Whom it covers, and whether the result is to be trusted, is known for the present spec only (guard 5). */
function unevaluated({ metadata, status }: ReclamationRule): Hold | undefined {
  if (status?.observedGeneration === metadata.generation && status?.evaluation !== undefined) return undefined;
  return { reason: 'RuleNotEvaluated', message: 'The rule was not evaluated since it changed: that comes by itself.', needsPerson: false };
}

/** Candidates remember the plan that they were part of when it was confirmed (D1). */
function planOf({ spec }: ReclamationRule, planHash: string | undefined): CandidateVerdict['plan'] {
  if (spec.confirmedPlan === undefined) return 'Any';
  return spec.confirmedPlan === planHash ? 'Confirmed' : 'Changed';
}

/** Everybody who manages the account, by address or by the vendor's id. */
export function ownersOf({ person, aliases, externalUserId }: Pick<ReclaimSeat, 'person' | 'aliases' | 'externalUserId'>, index: OwnershipIndex): readonly Ownership[] {
  return findOwners(index, { addresses: [person, ...aliases], externalUserId });
}
