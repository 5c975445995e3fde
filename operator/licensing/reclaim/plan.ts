import { compact } from '../../api/compact.ts';
import type { Money } from '../../api/money.ts';
import type { ReclamationAction, ReclamationMode, ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { Blocker, CandidateEvidence, CandidateState } from '../../api/removal-candidate-status.ts';
import type { Justification, RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import { toMinor } from '../position/amounts.ts';
import { hideAddresses } from '../text.ts';
import { decideBudget, type Budget } from './budget.ts';
import { createEvaluation, type EvaluationReport } from './evaluate.ts';
import type { Hold, Judgement, OwnershipIndex, ReclaimSeat } from './facts.ts';
import { countAdmins } from './guards.ts';
import type { JudgeInput } from './judge.ts';
import type { PlanHasher } from './plan-hash.ts';
import { savingOf } from './savings.ts';

/** What a plan is made from: one rule, and everything of its profile as it is at one time. */
export interface ReclaimPlanInput {
  readonly profile: string;
  /** Of the rule, by `reviewId`: recorded data lack a part of the rule that it is made from. */
  readonly reviewId: string;
  /** `admins` is counted here from the seats. */
  readonly context: Omit<JudgeInput, 'admins'>;
  /** Of `readEvidence`. */
  readonly hold: Hold | undefined;
  /** Of the profile, in any order. */
  readonly seats: readonly ReclaimSeat[];
  /** Of the profile. */
  readonly models: readonly SoftwareModel[];
  /** Open candidates of the rule. */
  readonly candidates: readonly RemovalCandidate[];
  readonly ownership?: OwnershipIndex;
  /** When the attempts of the rule were begun (guard 5); milliseconds since the epoch. */
  readonly started?: readonly number[];
  readonly hasher: PlanHasher;
}

/** One person of a plan, without name or address: a plan is posted to where people review it (guard 7). */
export interface PlannedReclaim {
  readonly subscription: string;
  readonly externalUserId: string;
  readonly role: string;
  readonly identifier: string;
  readonly licence?: string;
  readonly justification: Justification;
  readonly inactiveDays?: number;
  readonly thresholdDays: number;
  readonly confidencePercent?: number;
  readonly action: ReclamationAction;
  readonly target?: NonNullable<ReclamationRuleSpec['downgradeTo']>;
  /** A year's; absent where no single price is known. */
  readonly saving?: Money;
  /** Open candidate, its state, and what is known to stand in its way. More is asked at the moment of the write. */
  readonly candidate?: string;
  readonly state?: CandidateState;
  readonly blockers: readonly Pick<Blocker, 'kind' | 'name' | 'detail'>[];
  readonly evidence: CandidateEvidence;
}

/** What a rule would do (D1): the same input gives the same bytes. Money is minor units. */
export interface ReclaimPlan {
  readonly apiVersion: 'plan.saaslicense.dev/v1';
  readonly rule: string;
  readonly profile: string;
  /** RFC 3339. */
  readonly at: string;
  readonly mode: ReclamationMode;
  readonly review: {
    /** What spec.confirmedRule takes. */
    readonly id: string;
    /** Whether spec.confirmedRule is this id: otherwise nothing is reclaimed. */
    readonly confirmed: boolean;
  };
  readonly action: ReclamationAction;
  readonly target?: NonNullable<ReclamationRuleSpec['downgradeTo']>;
  readonly counts: EvaluationReport['counts'];
  readonly guards: EvaluationReport['guards'];
  readonly unknowns: EvaluationReport['unknowns'];
  /** Why nothing of this is done now. */
  readonly held?: { readonly reason: string; readonly message: string };
  /** In the order of their subscriptions. */
  readonly people: readonly PlannedReclaim[];
  /** Open candidates that the rule does not find any more; they are closed. */
  readonly noLonger: readonly string[];
  /** A year's, by currency. */
  readonly savings: readonly Money[];
  /** People in it without one known price. */
  readonly unpriced: number;
  readonly pace: Pick<Budget, 'allowed' | 'left' | 'message'>;
  readonly notes: readonly string[];
  /** What spec.confirmedPlan takes. */
  readonly hash: string;
  /** Whether it is the plan that spec.confirmedPlan names; absent where that is not set. */
  readonly confirmed?: boolean;
}

/** The plan of one rule: a pure function of what was read and of the time in the context. */
export function buildReclaimPlan(input: ReclaimPlanInput): ReclaimPlan {
  const { profile, context, hold } = input;
  const { spec, name } = context.rule;
  const { people, report } = evaluateAll(input);
  const held = hold ?? report.hold;
  return {
    apiVersion: 'plan.saaslicense.dev/v1',
    rule: name,
    profile,
    at: new Date(context.now).toISOString(),
    mode: spec.mode,
    review: { id: input.reviewId, confirmed: spec.confirmedRule === input.reviewId },
    action: spec.action,
    counts: report.counts,
    guards: report.guards,
    unknowns: report.unknowns,
    people,
    noLonger: findNoLonger(input, people, held),
    savings: sumSavings(people),
    unpriced: people.filter(({ saving }) => saving === undefined).length,
    pace: paceOf(input, report),
    notes: report.notes,
    hash: report.hash,
    ...compact({
      target: spec.downgradeTo,
      held: held === undefined ? undefined : { reason: held.reason, message: held.message },
      confirmed: spec.confirmedPlan === undefined ? undefined : spec.confirmedPlan === report.hash,
    }),
  };
}

function evaluateAll(input: ReclaimPlanInput): { readonly people: PlannedReclaim[]; readonly report: EvaluationReport } {
  const { seats, context, profile, hasher } = input;
  const ordered = seats.toSorted(byName);
  const evaluation = createEvaluation({ ...context, admins: countAdmins(ordered, context), profile, hasher });
  const people = ordered.flatMap((seat) => {
    const judgement = evaluation.add(seat);
    return judgement.kind === 'Candidate' ? [describePerson(seat, judgement, input)] : [];
  });
  return { people, report: evaluation.finish() };
}

function describePerson(seat: ReclaimSeat, { justification, evidence }: Judgement & { kind: 'Candidate' }, input: ReclaimPlanInput): PlannedReclaim {
  const { spec } = input.context.rule;
  const open = input.candidates.find((candidate) => candidate.spec.subject.subscriptionRef.name === seat.name);
  return {
    subscription: seat.name,
    externalUserId: hideAddresses(seat.externalUserId),
    role: hideAddresses(seat.role),
    identifier: seat.identifier,
    justification,
    thresholdDays: evidence.thresholdDays,
    action: spec.action,
    blockers: blockersOf(seat, open, input.ownership),
    evidence,
    ...compact({
      licence: seat.edition,
      inactiveDays: evidence.inactiveDays,
      confidencePercent: evidence.confidencePercent,
      target: spec.downgradeTo,
      saving: savingOf(seat.identifier, input.models, spec.downgradeTo),
      candidate: open?.metadata.name,
      state: open?.status?.state,
    }),
  };
}

/** What is known without asking the vendor: what the candidate's last look found, and who else manages the account (D7). */
function blockersOf(seat: ReclaimSeat, open: RemovalCandidate | undefined, ownership: OwnershipIndex = new Map()): PlannedReclaim['blockers'] {
  const keys = [seat.person, ...seat.aliases, `id:${seat.externalUserId}`];
  const owners = new Map(keys.flatMap((key) => ownership.get(key) ?? []).map((one) => [`${one.managedBy} ${one.reference}`, one]));
  const known = (open?.status?.blockers ?? []).filter(({ kind }) => kind !== 'Ownership' || owners.size === 0);
  const owned = [...owners.values()].map(({ managedBy, reference }) => ({ kind: 'Ownership', name: managedBy, detail: reference }));
  return [...known, ...owned].map(({ kind, name, detail }) => ({ kind, name: hideAddresses(name), ...compact({ detail: detail === undefined ? undefined : hideAddresses(detail) }) }));
}

/** What is held closes nobody: then nobody was judged. */
function findNoLonger({ candidates }: ReclaimPlanInput, people: readonly PlannedReclaim[], held: Hold | undefined): string[] {
  if (held !== undefined) return [];
  const planned = new Set(people.map(({ subscription }) => subscription));
  return candidates.filter(({ spec }) => !planned.has(spec.subject.subscriptionRef.name)).map(({ metadata }) => metadata.name).toSorted();
}

function sumSavings(people: readonly PlannedReclaim[]): Money[] {
  const sums = new Map<string, bigint>();
  for (const { saving } of people) if (saving !== undefined) sums.set(saving.currency, (sums.get(saving.currency) ?? 0n) + BigInt(saving.amountMinor));
  return [...sums].map(([currency, amount]) => ({ currency, amountMinor: toMinor(amount) })).toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}

function paceOf({ context, started = [] }: ReclaimPlanInput, { counts }: EvaluationReport): ReclaimPlan['pace'] {
  const { limits, evaluationPeriodHours } = context.rule.spec;
  const { allowed, left, message } = decideBudget({ started, covered: counts.covered, limits, periodHours: evaluationPeriodHours, now: context.now });
  return { allowed, left, ...compact({ message }) };
}

function byName(a: ReclaimSeat, b: ReclaimSeat): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
