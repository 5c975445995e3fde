import { retryable } from '../../api/errors.ts';
import { usableCondition } from './condition.ts';
import { judgeGuards, type Hold, type JudgeGuard, type Judgement, type ReclaimSeat } from './facts.ts';
import { isAdmin } from './guards.ts';
import { createJudge, type JudgeInput } from './judge.ts';
import { endHash, hashCandidate, hashRule, type PlanHasher } from './plan-hash.ts';
import { noteShortThreshold } from './threshold.ts';

export interface EvaluationContext extends JudgeInput {
  /** Name of the IntegrationProfile. */
  readonly profile: string;
  readonly hasher: PlanHasher;
}

/** Counts of an evaluation, as the status of a rule has them: covered = active + recent + inactive + unknown. */
export interface EvaluationCounts {
  readonly covered: number;
  readonly active: number;
  readonly recent: number;
  /** candidates + protected + excluded + coolingDown + otherRule. */
  readonly inactive: number;
  readonly unknown: number;
  readonly protected: number;
  readonly excluded: number;
  readonly coolingDown: number;
  readonly otherRule: number;
  readonly candidates: number;
  /** Rounded up, so that 30.1 percent are not shown as 30. */
  readonly candidateRatioPercent: number;
}

export interface EvaluationReport {
  readonly counts: EvaluationCounts;
  /** Guards that keep somebody out, in the order in which they are asked. */
  readonly guards: readonly { readonly guard: JudgeGuard; readonly count: number }[];
  /** Why the unknown are unknown. */
  readonly unknowns: readonly { readonly why: (Judgement & { kind: 'Unknown' })['why']; readonly count: number }[];
  /** Why the candidates that were found are none (guard 5, L16). */
  readonly hold: Hold | undefined;
  /** `sha256:` and 64 hexadecimal digits (D1). */
  readonly hash: string;
  /** What people should know of the rule. */
  readonly notes: readonly string[];
  /** When the first of those who are too new to judge no longer is; milliseconds since the epoch. */
  readonly nextAt: number | undefined;
}

export interface Evaluation {
  /**
   * The verdict on one more subscription of the profile; they come in the order of their names, as the API server lists them.
   * @throws OperatorError SubscriptionsOutOfOrder (Retryable) when they do not: a list that repeats itself is not whole.
   */
  add(seat: ReclaimSeat): Judgement;
  finish(): EvaluationReport;
}

/** Where each verdict counts among the inactive. */
const countOfGuard: Readonly<Record<JudgeGuard, 'protected' | 'excluded' | 'coolingDown' | 'otherRule'>> = {
  Owner: 'protected', Exclusion: 'excluded', Role: 'protected', Team: 'protected', JobTitle: 'protected',
  Condition: 'protected', LastAdmin: 'protected', KeepCooldown: 'coolingDown', OtherRule: 'otherRule',
};

interface Tally {
  last: string;
  adminsTaken: number;
  /** Whether anybody whom the rule covers was ever seen active, and whether somebody is a candidate for never having been (L16). */
  seenActive: boolean;
  neverActive: boolean;
  nextAt: number | undefined;
  readonly counts: Record<'covered' | 'active' | 'recent' | 'unknown' | 'protected' | 'excluded' | 'coolingDown' | 'otherRule' | 'candidates', number>;
  readonly guards: Map<JudgeGuard, number>;
  readonly unknowns: Map<(Judgement & { kind: 'Unknown' })['why'], number>;
}

/**
 * Evaluates a rule over the subscriptions of its profile, which are handed in one by one: nothing of them is kept,
 * however many there are. The condition of the rule is compiled unless it is handed in; one that cannot be makes nobody a candidate.
 */
export function createEvaluation(context: EvaluationContext): Evaluation {
  const { rule, hasher } = context;
  const judge = createJudge({ ...context, condition: context.condition ?? usableCondition(rule.spec.condition) });
  const tally = newTally();
  hashRule(rule, context.profile, hasher);
  return {
    add: (seat) => {
      if (seat.name <= tally.last) {
        throw retryable('SubscriptionsOutOfOrder', 'The list of SoftwareSubscriptions repeats itself or is not in the order of names, so it may not be whole. It is read again.');
      }
      tally.last = seat.name;
      const judgement = judge(seat, tally.adminsTaken);
      count(tally, seat, judgement);
      if (judgement.kind === 'Candidate') {
        if (isAdmin(seat, context)) tally.adminsTaken += 1;
        hashCandidate(seat, rule, hasher);
      }
      return judgement;
    },
    finish: () => report(tally, context),
  };
}

function newTally(): Tally {
  return {
    last: '', adminsTaken: 0, seenActive: false, neverActive: false, nextAt: undefined,
    counts: { covered: 0, active: 0, recent: 0, unknown: 0, protected: 0, excluded: 0, coolingDown: 0, otherRule: 0, candidates: 0 },
    guards: new Map(), unknowns: new Map(),
  };
}

function count(tally: Tally, seat: ReclaimSeat, judgement: Judgement): void {
  if (judgement.kind === 'NotCovered') return;
  const { counts } = tally;
  counts.covered += 1;
  tally.seenActive ||= seat.lastActivity !== undefined;
  switch (judgement.kind) {
    case 'Active':
      counts.active += 1;
      return;
    case 'Recent':
      counts.recent += 1;
      tally.nextAt = Math.min(judgement.until, tally.nextAt ?? Infinity);
      return;
    case 'Unknown':
      counts.unknown += 1;
      increase(tally.unknowns, judgement.why);
      return;
    case 'Protected':
      counts[countOfGuard[judgement.guard]] += 1;
      increase(tally.guards, judgement.guard);
      return;
    case 'Candidate':
      counts.candidates += 1;
      tally.neverActive ||= isNeverActive(judgement);
  }
}

function isNeverActive({ justification, evidence }: Judgement & { kind: 'Candidate' }): boolean {
  return evidence.lastActivity === undefined && justification !== 'Leaver' && justification !== 'NeverAccepted';
}

function increase<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function report(tally: Tally, { rule, hasher }: EvaluationContext): EvaluationReport {
  const { covered, candidates } = tally.counts;
  const kept = tally.counts.protected + tally.counts.excluded + tally.counts.coolingDown + tally.counts.otherRule;
  const candidateRatioPercent = covered === 0 ? 0 : Math.ceil((candidates * 100) / covered);
  return {
    counts: { ...tally.counts, inactive: candidates + kept, candidateRatioPercent },
    guards: judgeGuards.flatMap((guard) => countOf(tally.guards, guard).map((number) => ({ guard, count: number }))),
    unknowns: [...tally.unknowns].map(([why, number]) => ({ why, count: number })).toSorted((a, b) => (a.why < b.why ? -1 : 1)),
    hold: holdFor(tally, rule.spec.limits.maxCandidateRatio),
    hash: endHash(hasher),
    notes: noteShortThreshold(rule.spec),
    nextAt: tally.nextAt,
  };
}

function countOf<Key>(counts: ReadonlyMap<Key, number>, key: Key): number[] {
  const number = counts.get(key);
  return number === undefined ? [] : [number];
}

function holdFor({ counts, neverActive, seenActive }: Tally, maxCandidateRatio: number): Hold | undefined {
  if (counts.candidates * 100 > counts.covered * maxCandidateRatio) return blastRadius(maxCandidateRatio);
  if (!neverActive || seenActive) return undefined;
  return { reason: 'NoActivitySeen', message: 'Nobody whom the rule covers was ever seen active: that looks like a signal that sees nothing, not like people who do nothing. Look at spec.activitySignals of the profile.', needsPerson: true };
}

/** C12, guard 5. */
export function blastRadius(maxCandidateRatio: number): Hold {
  return { reason: 'BlastRadius', message: `More than ${maxCandidateRatio} percent of the covered subscriptions would be candidates (spec.limits.maxCandidateRatio): that looks like a mistake. Look at the rule and the evidence; if it is right, raise the limit.`, needsPerson: true };
}
