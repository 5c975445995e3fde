import type { MoneyFigures, PositionCounts, ComplianceState } from '../../api/license-position.ts';
import type { Breakdowns, Contract, Day, ModelPosition, ProfileReport } from './facts.ts';

/** Rights of models without one price, which are in no figure of true-up cost and savings. */
export interface Unpriced {
  readonly needed: number;
  readonly unused: number;
}

/** A SoftwareModel with its position. */
export interface WorkbenchModel extends ModelPosition {
  readonly publisher: string;
  readonly product: string;
  readonly edition?: string;
  readonly identifiers: readonly string[];
}

/**
 * That what is stored of a profile may be of two times, or that this could not be seen: a refresh was writing, the last one broke
 * off while it wrote, or nobody could look.
 */
export type StoredAs = 'Refreshing' | 'HalfWritten' | 'NotSeen';

export interface WorkbenchProfile {
  readonly name: string;
  readonly displayName: string;
  readonly type: string;
  readonly report: Omit<ProfileReport, 'models' | 'matched' | 'intents'>;
  readonly models: readonly WorkbenchModel[];
  /** When subscriptions and activity were last refreshed; undefined = never. */
  readonly refreshedAt?: string;
  /** Undefined = at one time. */
  readonly storedAs?: StoredAs;
}

/** A SoftwareEntitlement with what is due (C23, L35). */
export interface WorkbenchContract extends Contract {
  readonly state: 'Upcoming' | 'Active' | 'Expired';
  readonly annualCostMinor: number;
  readonly noticeDate?: Day;
  readonly renewalDue: boolean;
  /** The contract that goes on after it with enough rights. */
  readonly renewedBy?: string;
  readonly daysToRenewal?: number;
  readonly suggestedRights?: number;
}

/** A RemovalCandidate; names of people are there only when they were asked for. */
export interface WorkbenchCandidate {
  readonly name: string;
  readonly profile: string;
  readonly person?: string;
  readonly identifier: string;
  readonly action: string;
  readonly state: string;
  readonly inactiveDays?: number;
  readonly openedAt?: string;
  /** Days since it was opened, of one that waits for its revocation for 60 days or more: it is stuck (L36). */
  readonly stuckDays?: number;
}

/** The figures of one earlier snapshot, for the trend. */
export interface TrendPoint {
  readonly at: string;
  readonly counts: PositionCounts;
  readonly money: readonly MoneyFigures[];
}

/** Everything that the workbench shows (S83): one namespace at one time. Renderers add nothing to it and look at no clock. */
export interface Workbench {
  readonly namespace: string;
  /** RFC 3339, when the figures are of. */
  readonly at: string;
  readonly profiles: readonly WorkbenchProfile[];
  readonly contracts: readonly WorkbenchContract[];
  readonly candidates: readonly WorkbenchCandidate[];
  /** Sum over the profiles. */
  readonly sum: PositionCounts & { readonly compliance: ComplianceState; readonly unrecognized: number; readonly unpriced: Unpriced; readonly money: readonly MoneyFigures[] };
  /** Breakdowns over the whole namespace; teams and roles of the same name are one. */
  readonly groups: Breakdowns;
  /** Oldest first; the present one last; empty or alone when there is no trend to show. */
  readonly trend: readonly TrendPoint[];
}
