import type { PositionGroups, UnrecognizedIdentifier, LicensePosition, ProfilePosition, MonthlyPeak } from '../../api/license-position.ts';
import type { billingModels } from '../../api/software-entitlement.ts';
import type { ActivityState, RoleGroup } from '../../api/software-subscription.ts';

/** A day of the UTC calendar, such as `2026-11-24`; days compare as text. */
export type Day = string;

export type BillingModel = (typeof billingModels)[number];

/** Price of one right, in minor units. */
export interface UnitPrice {
  readonly amountMinor: number;
  readonly currency: string;
  readonly period: 'Month' | 'Year';
}

/** A SoftwareEntitlement as the figures are made from it (S80). */
export interface Contract {
  readonly name: string;
  /** Name of the SoftwareModel that the rights are for. */
  readonly model: string;
  readonly rights: number;
  readonly price: UnitPrice;
  readonly billing: BillingModel;
  readonly start: Day;
  /** Last day; undefined = runs on. */
  readonly end?: Day;
  readonly costCenter?: string;
  readonly renewal?: { readonly noticeDays: number; readonly bufferPercent: number };
}

/** A SoftwareModel as the figures are made from it. */
export interface ModelFacts {
  readonly name: string;
  readonly product: string;
  readonly edition?: string;
  readonly identifiers: readonly string[];
  readonly roleGroup: RoleGroup;
  /** Price for the figures while no contract in force gives one. */
  readonly unitPrice?: UnitPrice;
  /** Days without activity that make a right stale (L2). */
  readonly thresholdDays: number;
  readonly monthlyPeaks: readonly MonthlyPeak[];
  /** Seats as the vendor counts them, over all identifiers of the model; undefined where it tells none (C20). */
  readonly seats?: { readonly assigned: number; readonly available?: number };
}

/** A SubscriptionExclusion in force (L26). */
export interface ExclusionFacts {
  readonly name: string;
  /** Person, in every profile: the address in lower case. */
  readonly person?: string;
  /** Licence, in every profile of the type. */
  readonly licence?: { readonly type: string; readonly identifier: string };
}

/** A SoftwareSubscription as the figures are made from it; times are milliseconds since the epoch. */
export interface Seat {
  /** Name of the SoftwareSubscription. */
  readonly name: string;
  readonly identifier: string;
  readonly edition?: string;
  readonly roleGroup: RoleGroup;
  readonly role: string;
  /** Who it is (L29): two seats of one person use one right. */
  readonly person: string;
  /** Further addresses in lower case by which an exclusion may name the person. */
  readonly aliases: readonly string[];
  readonly teams: readonly string[];
  readonly pending: boolean;
  readonly assignedAt?: number;
  /** Since when it is this person's, where it was handed over from somebody else: no other time of the seat is earlier. */
  readonly personSince?: number;
  /** When the first refresh found it: nobody knows for how long before. */
  readonly firstSeen?: number;
  readonly activity?: ActivityState;
  readonly lastActivity?: number;
  readonly evidenceFrom?: number;
}

/** A right that a reclaim has freed: a RemovalCandidate that is Closed Complete. */
export interface FreedRight {
  readonly candidate: string;
  readonly identifier: string;
  /** Whose it was at the vendor: one right of one person is freed once, however often they came back. */
  readonly person?: string;
  readonly freedAt: number;
}

/** Evidence of activity that is complete for the people of a role group, by every enabled signal that sees them. */
export interface Watch {
  readonly from: number;
  readonly to: number;
}

/** A licence that the vendor lists, with or without subscriptions (S73). */
export interface ListedLicence {
  readonly identifier: string;
  readonly name: string;
  readonly roleGroup: RoleGroup;
}

/** A model that is to be made for identifiers that no model claims (S73). */
export interface NewModel {
  readonly name: string;
  readonly identifier: string;
  readonly edition?: string;
  readonly roleGroup: RoleGroup;
}

/** What is to become of the models so that each identifier belongs to one. */
export interface ModelIntents {
  readonly create: readonly NewModel[];
  /** Identifiers that a change of plan gave to a product whose former identifiers went. */
  readonly adopt: readonly { readonly model: string; readonly identifier: string }[];
}

/** All that the licence position of one profile is made from, but the seats, which come one by one. */
export interface PositionInput {
  readonly now: number;
  readonly profile: { readonly name: string; readonly type: string; readonly teamPrecedence: readonly string[] };
  readonly watches: ReadonlyMap<RoleGroup, Watch>;
  readonly models: readonly ModelFacts[];
  /** Names that a new model cannot have besides those of `models`: of the other profiles of the namespace. */
  readonly takenNames?: readonly string[];
  /** Licences that the vendor lists; empty where licences are hidden (T6). */
  readonly listed: readonly ListedLicence[];
  /** False when the vendor has more licences than are listed here: who is missing then proves nothing. */
  readonly listedAll: boolean;
  readonly contracts: readonly Contract[];
  readonly exclusions: readonly ExclusionFacts[];
  readonly freed: readonly FreedRight[];
}

/** Every line of each breakdown. */
export type Breakdowns = { readonly [Name in keyof PositionGroups]-?: NonNullable<PositionGroups[Name]> };

/** The position of a model, with every line of its breakdowns. */
export interface ModelPosition {
  readonly model: string;
  readonly position: Omit<LicensePosition, 'groups' | 'inputs'>;
  readonly groups: Breakdowns;
  readonly monthlyPeaks: MonthlyPeak[];
  /** Why money is not known, if it is not. */
  readonly priceProblem?: 'NoPrice' | 'MixedCurrencies';
}

/** The position of a profile: what reconciliation, plan and workbench all show (design section 3, Position). */
export interface ProfileReport {
  readonly models: readonly ModelPosition[];
  readonly position: Omit<ProfilePosition, 'inputs'>;
  readonly intents: ModelIntents;
  /** Every identifier that no model claims and none can be made for; the position shows the first 20. */
  readonly unrecognized: readonly UnrecognizedIdentifier[];
  /** Subscriptions that each exclusion keeps out, by its name; those of 0 too. */
  readonly matched: ReadonlyMap<string, number>;
}
