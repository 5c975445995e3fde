import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRuleStatus } from '../../api/reclamation-rule.ts';
import { usableCondition } from '../../licensing/reclaim/condition.ts';
import { createEvaluation, type EvaluationContext, type EvaluationReport } from '../../licensing/reclaim/evaluate.ts';
import type { JudgeContext, Judgement, ReclaimSeat } from '../../licensing/reclaim/facts.ts';
import { createAdminCount } from '../../licensing/reclaim/guards.ts';
import type { PlanHasher } from '../../licensing/reclaim/plan-hash.ts';
import { settledSubscriptions } from '../../licensing/reclaim/settled.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { watchDrift, type Drift } from './drift.ts';
import { readReclaimSeats } from './gather.ts';
import type { RuleScene } from './input.ts';

/** What one evaluation found; nobody of it is in memory but those who came back. */
export interface RuleEvaluation {
  readonly report: EvaluationReport;
  readonly context: JudgeContext;
  readonly drifts: readonly Drift[];
}

interface Evaluating {
  readonly scene: RuleScene;
  readonly profile: IntegrationProfile;
  readonly context: JudgeContext;
  readonly dependencies: Pick<ControllerDependencies, 'client'>;
  readonly signal: AbortSignal;
}

/** The hasher of plans: `licensing` is pure and has none of its own. */
export function createPlanHasher(): PlanHasher {
  const hash = createHash('sha256');
  return { update: (text) => void hash.update(text), digest: () => hash.digest('hex') };
}

/**
 * Counts what the rule would do: reads the subscriptions twice, for the admins (C13) and for the verdicts, page by page. Makes
 * nothing: whether the result is to be trusted is known only at its end (C12).
 */
export async function evaluateRule({ scene, profile, context, dependencies, signal }: Evaluating): Promise<RuleEvaluation> {
  const admins = createAdminCount(context);
  const drift = watchDrift(scene.candidates);
  const isSettled = settledSubscriptions(profile, scene.candidates);
  for await (const seat of readReclaimSeats(profile, { client: dependencies.client, signal })) {
    // An admin who was just reclaimed is none any more (C13).
    if (!isSettled(seat)) admins.add(seat);
    drift.look(seat);
  }
  const counted: JudgeContext = { ...context, admins: admins.count() };
  const evaluation = createEvaluation(toEvaluationContext(counted, profile));
  for await (const seat of readUnsettled({ scene, profile, dependencies, signal })) evaluation.add(seat);
  return { report: evaluation.finish(), context: counted, drifts: drift.found() };
}

/** The candidates of an evaluation, once more one by one: the same context gives the same verdicts. */
export async function* findCandidates({ scene, profile, context, dependencies, signal }: Evaluating): AsyncGenerator<{ seat: ReclaimSeat; judgement: Judgement & { kind: 'Candidate' } }> {
  const evaluation = createEvaluation(toEvaluationContext(context, profile));
  for await (const seat of readUnsettled({ scene, profile, dependencies, signal })) {
    const judgement = evaluation.add(seat);
    if (judgement.kind === 'Candidate') yield { seat, judgement };
  }
}

/**
 * Steps of a condition between two turns of the event loop: about ten milliseconds. A page comes from the network, but a hundred people a
 * page are too many for the most expensive condition that is allowed (guard 12).
 */
export const stepsATurn = 300_000;
/** Steps of all other checks of one person, at most: lists of teams are compared with lists of teams. */
const stepsACheck = 10_000;

/**
 * Without those that were just reclaimed: the next refresh shows what became of them. Whoever judges them by a condition lets all
 * else that the process has to do have its turn.
 */
async function* readUnsettled({ scene, profile, dependencies, signal }: Omit<Evaluating, 'context'>): AsyncGenerator<ReclaimSeat> {
  const isSettled = settledSubscriptions(profile, scene.candidates);
  const stepsASeat = stepsACheck + (usableCondition(scene.rule.spec.condition)?.steps ?? 0);
  let steps = 0;
  for await (const seat of readReclaimSeats(profile, { client: dependencies.client, signal })) {
    if (isSettled(seat)) continue;
    yield seat;
    steps += stepsASeat;
    if (steps < stepsATurn) continue;
    steps = 0;
    await nextTurn();
  }
}

function toEvaluationContext(context: JudgeContext, profile: IntegrationProfile): EvaluationContext {
  return { ...context, profile: profile.metadata.name, hasher: createPlanHasher() };
}

/** The evaluation as status shows it. */
export function describeEvaluation({ report }: RuleEvaluation, inputs: string, now: number): Pick<ReclamationRuleStatus, 'evaluation' | 'guards' | 'plan'> {
  return {
    evaluation: { time: new Date(now).toISOString(), inputs, ...report.counts },
    plan: { hash: report.hash, candidates: report.counts.candidates },
    ...(report.guards.length === 0 ? {} : { guards: [...report.guards] }),
  };
}
