import type { JudgeContext } from '../../licensing/reclaim/facts.ts';
import { requestedAt } from '../connection-alias/decide-connect.ts';
import { hashOf } from '../hash.ts';
import type { RuleScene } from './input.ts';

/** Raised when judging changes, so that a new version judges again what an older one did. */
const calculation = 1;

const hourMs = 3_600_000;

/**
 * A hash of all that the verdicts depend on, but the subscriptions themselves, which change only with a refresh. What
 * evaluations feed back, such as the rule's own candidates, is left out: it would never come to rest.
 */
export function inputsOf({ rule, profile, models, leavers, candidates }: RuleScene, context: JudgeContext): string {
  const { subscriptions, activity } = profile?.status?.refresh ?? {};
  return hashOf([
    calculation,
    [rule.metadata.uid, rule.metadata.generation, requestedAt(rule)],
    [profile?.metadata.uid, subscriptions?.lastSuccessTime, activity?.lastSuccessTime],
    [...context.watches],
    context.rule.identifiers === undefined ? undefined : [...context.rule.identifiers],
    models.map(({ metadata, status }) => [metadata.name, status?.position?.money?.map(({ currency, averageUnitCost }) => [currency, averageUnitCost])]),
    context.exclusions,
    [...context.kept],
    [...context.open].filter(([, name]) => name !== rule.metadata.name),
    supersededBy(rule.metadata.name, candidates),
    leavers === undefined ? undefined : [...leavers].sort(),
  ]);
}

const superseding: readonly (string | undefined)[] = ['RuleChanged', 'SubjectChanged'];

/** Candidates that closed because the rule does something else by now, or the seat is another person's: those that take their place are made after them. */
function supersededBy(rule: string, candidates: RuleScene['candidates']): string[] {
  const superseded = candidates.filter(({ spec, status }) => spec.subject.ruleRef.name === rule && status?.state === 'ClosedSkipped' && superseding.includes(status.reason));
  return superseded.map(({ metadata }) => metadata.name).toSorted();
}

/** Milliseconds for which the last evaluation does; 0 = it is due. A clock that was ahead must not put the next one off. */
export function restOfPeriod({ rule }: Pick<RuleScene, 'rule'>, inputs: string, now: number): number {
  const { evaluation } = rule.status ?? {};
  if (evaluation?.inputs !== inputs) return 0;
  const periodMs = rule.spec.evaluationPeriodHours * hourMs;
  const ends = Date.parse(evaluation.time) + periodMs;
  return ends > now && ends <= now + periodMs ? ends - now : 0;
}
