import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { Ownership } from '../../api/removal-candidate-status.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';
import type { ApprovalFact } from '../approval.ts';
import type { Hold, Judgement } from '../reclaim/facts.ts';

/** A freeze window that a moment lies in. */
export interface Freeze {
  /** End of the last of the windows that follow on one another; milliseconds since the epoch. */
  readonly until: number;
  readonly reason: string;
}

/** What a rule says now of the subscription of one of its candidates. */
export interface CandidateVerdict {
  /** Why the whole rule is held: such a verdict closes nothing and reclaims nothing (guards 5 and 6). */
  readonly hold: Hold | undefined;
  /** As if the candidate itself were not there: its own being open does not protect. */
  readonly judgement: Judgement;
  /** Address that notices go to; undefined when the person is not resolved (L7). */
  readonly address: string | undefined;
  /** The freeze that a moment lies in, in milliseconds since the epoch. */
  readonly frozenAt: (time: number) => Freeze | undefined;
  /** Any: the rule names no plan. Confirmed: the candidate is part of the plan that the rule names. Changed: of another plan only (D1). */
  readonly plan: 'Any' | 'Confirmed' | 'Changed';
  /** Who else manages the person’s account (D7). */
  readonly ownership: readonly Ownership[];
  /** Subscriptions that the rule covers, for limits.maxPercent (guard 5). */
  readonly covered: number;
}

/** Everything that decisions about a candidate are made from. */
export interface CandidateScene {
  /** As it is at the API server. */
  readonly candidate: RemovalCandidate;
  readonly rule: ReclamationRule | undefined;
  readonly profile: IntegrationProfile | undefined;
  /** The subscription, if it is there and belongs to this very profile. */
  readonly subscription: SoftwareSubscription | undefined;
  /** Undefined when rule, profile or subscription are not there. */
  readonly verdict: CandidateVerdict | undefined;
  /** Who it is now, as facts of a decision; undefined where the subscription or the account cannot be told. */
  readonly person: readonly ApprovalFact[] | undefined;
  /** What a decision has to confirm to count now; undefined = none that takes anything away counts. */
  readonly decisionId: string | undefined;
  /** Whether the operator's clock agrees with the API server's: without that nothing irreversible happens (guard 11). */
  readonly isClockTrusted: boolean;
}
