import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import type { CandidateEvidence, Ownership } from '../../api/removal-candidate-status.ts';
import type { Justification } from '../../api/removal-candidate.ts';
import type { RoleGroup } from '../../api/software-subscription.ts';
import type { ExclusionFacts, Seat, Watch } from '../position/facts.ts';

/** A subscription as rules judge it; made by `toReclaimSeat`. */
export interface ReclaimSeat extends Seat {
  readonly externalUserId: string;
  readonly displayName: string;
  /** E-mail address at the vendor: with the id, who it is (guard 9). */
  readonly userPrincipalName?: string;
  readonly jobTitle?: string;
  /** E-mail address that notices go to; undefined when the person could not be resolved (L7). */
  readonly address?: string;
  /** Latest activity by signal; milliseconds since the epoch. */
  readonly evidence: readonly { readonly signal: string; readonly at: number }[];
}

/** A rule, with what its references say. */
export interface RuleFacts {
  readonly name: string;
  readonly spec: ReclamationRuleSpec;
  /** Identifiers of spec.softwareModelRef; undefined = the rule is for all of the profile (C31). */
  readonly identifiers: ReadonlySet<string> | undefined;
}

/** What watched a role group without a gap, by every signal of the rule that sees it. */
export interface SignalWatch extends Watch {
  readonly signals: readonly string[];
}

/** Why a whole run is held (guards 5 and 6). Messages are a pure function of spec and class of failure. */
export interface Hold {
  readonly reason: string;
  readonly message: string;
  /** Whether a person has to do something. */
  readonly needsPerson: boolean;
}

/** All that verdicts on single subscriptions depend on. */
export interface JudgeContext {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly rule: RuleFacts;
  /** Type of the profile, for exclusions by identifier. */
  readonly profileType: string;
  /** By role group; a group that is missing has no complete evidence (guard 6). */
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
  /** In force now. */
  readonly exclusions: readonly ExclusionFacts[];
  /** Lower-case addresses of people who left (C19). */
  readonly leavers: ReadonlySet<string>;
  /** Subscriptions with an open candidate, and the rule that it is of. */
  readonly open: ReadonlyMap<string, string>;
  /** When each person was last decided to be kept, by `personKey`; milliseconds since the epoch (C9). */
  readonly kept: ReadonlyMap<string, number>;
  /** Role of the owner, and roles of admins, at the vendor. */
  readonly ownerRole: string;
  readonly adminRoles: ReadonlySet<string>;
  /** Account admins besides the owner with a subscription of the profile, counted before (C13). */
  readonly admins: number;
}

/** Guards that keep an inactive subscription from becoming a candidate, in the order in which they are asked. */
export const judgeGuards = ['Owner', 'Exclusion', 'Role', 'Team', 'JobTitle', 'Condition', 'LastAdmin', 'KeepCooldown', 'OtherRule'] as const;
export type JudgeGuard = (typeof judgeGuards)[number];

/** The verdict on one subscription. */
export type Judgement =
  | { readonly kind: 'NotCovered' }
  | { readonly kind: 'Active' }
  /** Too new to judge; `until` is when that ends, milliseconds since the epoch. */
  | { readonly kind: 'Recent'; readonly until: number }
  | { readonly kind: 'Unknown'; readonly why: 'NoSignalSees' | 'NoEvidence' | 'InsufficientHistory' }
  | { readonly kind: 'Protected'; readonly guard: JudgeGuard; readonly by: string }
  | { readonly kind: 'Candidate'; readonly justification: Justification; readonly evidence: CandidateEvidence };

/** Who else manages a person's account, by lower-case address (D7). */
export type OwnershipIndex = ReadonlyMap<string, readonly Ownership[]>;
