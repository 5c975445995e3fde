import type { AuditRecord, Incident } from './history.ts';

/**
 * What the simulated PagerDuty account holds: plain data, so that a test can write it down, change it and
 * compare it. Times are milliseconds since the epoch. Nothing here is in PagerDuty's own spelling; `render.ts`
 * turns it into what the API answers.
 */
export interface CompanyState {
  /** As in `https://<subdomain>.pagerduty.com`. */
  readonly subdomain: string;
  readonly region: Region;
  /** The account's time zone: times without a zone in a query are read in it (facts 4.5). */
  readonly timeZone: string;
  readonly users: readonly Person[];
  readonly teams: readonly Team[];
  readonly licenses: readonly License[];
  readonly schedules: readonly ClassicSchedule[];
  readonly shiftSchedules: readonly ShiftSchedule[];
  readonly policies: readonly Policy[];
  /** Features that the plan has, and known ones that it lacks (facts 3.6). */
  readonly abilities: readonly string[];
  readonly missingAbilities: readonly string[];
  /** In any order; numbers grow with time. */
  readonly incidents: readonly Incident[];
  /** In any order. */
  readonly auditRecords: readonly AuditRecord[];
  /** None = the account has none yet. */
  readonly tags?: readonly Tag[];
}

export type Region = 'us' | 'eu';

/** The roles of facts 3.2, dearest first. */
export type Role =
  | 'owner'
  | 'admin'
  | 'user'
  | 'limited_user'
  | 'observer'
  | 'restricted_access'
  | 'read_only_user'
  | 'read_only_limited_user';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly timeZone: string;
  readonly color: string;
  readonly jobTitle: string | null;
  readonly description: string | null;
  /** True while the invitation is outstanding. */
  readonly invitationSent: boolean;
  readonly createdViaSso: boolean;
  readonly teams: readonly Membership[];
  readonly licenseId: string;
  readonly allocatedAt: number;
  /** When the user was made. */
  readonly createdAt: number;
  /** Newest first; none = never. */
  readonly webSignIns: readonly number[];
  /** Sign-ins to the mobile app, newest first. */
  readonly mobileSignIns: readonly number[];
  /** When the person was signed out everywhere, if ever (facts 3.5). */
  readonly signedOut?: { readonly web?: number; readonly mobile?: number };
  /** None = the address alone. */
  readonly contactMethods?: readonly ContactMethod[];
  /** None = one that uses the address at once. */
  readonly notificationRules?: readonly NotificationRule[];
  /** Ids of tags. */
  readonly tagIds?: readonly string[];
  readonly handoffRules?: readonly HandoffRule[];
  readonly statusUpdateRules?: readonly StatusUpdateRule[];
  readonly subscriptions?: readonly Subscription[];
  /** What the generator meant this person to be; the API never shows it. */
  readonly story: Story;
}

export interface ContactMethod {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly address: string;
  readonly countryCode?: number;
}

export interface Tag {
  readonly id: string;
  /** Unique in the account. */
  readonly label: string;
}

/** Told before a shift begins or ends. */
export interface HandoffRule {
  readonly id: string;
  readonly advanceMinutes: number;
  readonly handoffType: 'both' | 'oncall' | 'offcall';
  readonly contactMethodId: string;
}

export interface StatusUpdateRule {
  readonly id: string;
  readonly contactMethodId: string;
}

/** Told of an incident, or of a business service. */
export interface Subscription {
  readonly id: string;
  readonly type: 'incident' | 'business_service';
}

export interface NotificationRule {
  readonly id: string;
  readonly delayMinutes: number;
  readonly urgency: 'high' | 'low';
  readonly contactMethodId: string;
}

export type Story =
  | 'on-call'
  | 'direct-target'
  | 'recently-rotated-off'
  | 'rotated-off'
  | 'on-leave'
  | 'never-on-call'
  | 'scheduled-without-policy'
  | 'pending-invitation'
  | 'service-account'
  | 'stakeholder';

export interface Membership {
  readonly teamId: string;
  readonly role: 'manager' | 'responder' | 'observer';
}

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly parentId: string | null;
}

export interface License {
  readonly id: string;
  /** Not unique (facts 3.3). */
  readonly name: string;
  readonly description: string;
  readonly validRoles: readonly Role[];
  readonly roleGroup: 'FullUser' | 'Stakeholder';
  /** Seats bought; null = no limit. */
  readonly seats: number | null;
}

/** A schedule of layers, each a rotation; a later layer covers the earlier ones, an override covers all. */
export interface ClassicSchedule {
  readonly kind: 'classic';
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly timeZone: string;
  readonly teamIds: readonly string[];
  readonly layers: readonly Layer[];
  readonly overrides: readonly Override[];
}

export interface Layer {
  readonly id: string;
  readonly name: string;
  readonly start: number;
  readonly end: number | null;
  readonly rotationVirtualStart: number;
  readonly turnSeconds: number;
  readonly userIds: readonly string[];
  readonly restrictions: readonly Restriction[];
}

export interface Restriction {
  readonly kind: 'daily' | 'weekly';
  /** HH:mm:ss in the schedule's time zone. */
  readonly startTimeOfDay: string;
  readonly durationSeconds: number;
  /** 1 = Monday; weekly only. */
  readonly startDayOfWeek?: number;
}

export interface Override {
  readonly userId: string;
  readonly start: number;
  readonly end: number;
}

/** A shift-based (v3) schedule: rotations of events that come again every day or week (facts 5.5). */
export interface ShiftSchedule {
  readonly kind: 'v3';
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly timeZone: string;
  readonly teamIds: readonly string[];
  readonly rotations: readonly { readonly id: string; readonly events: readonly ShiftEvent[] }[];
  /** A schedule that the caller may not read: silently left out of the list (facts 5.5). */
  readonly unreadable?: boolean;
}

export interface ShiftEvent {
  readonly id: string;
  readonly name: string;
  /** First occurrence. */
  readonly start: number;
  readonly end: number;
  readonly effectiveSince: number;
  readonly effectiveUntil: number | null;
  readonly frequency: 'daily' | 'weekly';
  readonly strategy: 'rotating' | 'every-member';
  readonly shiftsPerMember: number;
  /** null = an empty slot. */
  readonly members: readonly (string | null)[];
}

export interface Policy {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly teamIds: readonly string[];
  readonly loops: number;
  readonly rules: readonly PolicyRule[];
}

/** The n-th rule is escalation level n. */
export interface PolicyRule {
  readonly id: string;
  readonly delayMinutes: number;
  readonly targets: readonly PolicyTarget[];
}

export interface PolicyTarget {
  readonly kind: 'user' | 'classic' | 'v3';
  readonly id: string;
}

export const DAY_MS = 86_400_000;
export const WEEK_MS = 7 * DAY_MS;
