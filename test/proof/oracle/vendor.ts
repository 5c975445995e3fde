import type { RemovalCandidate } from '../../../operator/api/removal-candidate.ts';
import type { ReclamationRule } from '../../../operator/api/reclamation-rule.ts';
import type { SoftwareSubscription } from '../../../operator/api/software-subscription.ts';
import type { CompanyState, Person } from '../../pagerduty-simulator/index.ts';
import { createAccount } from '../../pagerduty-simulator/account/account.ts';
import { listOncalls } from '../../pagerduty-simulator/account/oncalls.ts';
import { assigneesAt } from '../../pagerduty-simulator/company/history.ts';
import { createTimeZones } from '../../pagerduty-simulator/company/time-zones.ts';
import { selfId } from '../company.ts';

const dayMs = 86_400_000;

export interface AtVendor {
  readonly company: CompanyState;
  readonly person: Person;
  readonly candidate: RemovalCandidate;
  readonly rule: ReclamationRule;
  readonly subscription: SoftwareSubscription | undefined;
  readonly evidenceTo: number;
  readonly now: number;
  /** Whether the credential acts for `selfId`. */
  readonly hasSelf: boolean;
  readonly identityProvider: string;
  /** Since when the person has the seat that was another's; milliseconds since the epoch. */
  readonly isLeaver: boolean;
  readonly seatSince: number | undefined;
}

type Check = (at: AtVendor) => boolean;

/** Guards 2 and 3, from the account itself: by name, what must not be true when a write leaves. */
const never: Readonly<Record<string, Check>> = {
  Owner: ({ person }) => person.role === 'owner',
  Self: ({ person, hasSelf }) => hasSelf && person.id === selfId,
  LastAdmin: isLastAdmin,
  OnPolicy: ({ company, person }) => company.policies.some(({ rules }) => rules.some(({ targets }) => targets.some(({ kind, id }) => kind === 'user' && id === person.id))),
  OnClassicSchedule: isOnClassic,
  OnShiftSchedule: isOnShifts,
  OnCall: (at) => oncallsOf(at, at.now, at.now + 89 * dayMs) > 0,
  ActiveSince: (at) => oncallsOf(at, at.evidenceTo + 1000, at.now) > 0,
  OpenIncident: ({ company, person, now }) => company.incidents.some((incident) => assigneesAt(incident, now).includes(person.id)),
  Tagged: isTagged,
  OtherPerson: ({ person, subscription }) => subscription !== undefined && person.email.toLowerCase() !== subscription.spec.userPrincipalName.toLowerCase(),
  OtherPersonThanMeant: ({ person, candidate }) => person.id !== candidate.spec.subject.externalUserId || person.email.toLowerCase() !== candidate.spec.subject.userPrincipalName?.toLowerCase(),
  NewPerson: isNewAtSeat,
  OtherRoleAtVendor: ({ person, candidate }) => person.role !== candidate.spec.subject.role || person.licenseId !== candidate.spec.subject.subscriptionIdentifier,
  Provisioned: ({ identityProvider, person }) => identityProvider === 'Everybody' || (identityProvider === 'CreatedViaSso' && person.createdViaSso),
};

export function findAtVendor(at: AtVendor): string[] {
  return Object.entries(never).filter(([, check]) => check(at)).map(([name]) => name);
}

function isLastAdmin({ company, person, rule }: AtVendor): boolean {
  if (person.role !== 'admin' && person.role !== 'owner') return false;
  const left = company.users.filter(({ id, role, invitationSent }) => id !== person.id && role === 'admin' && !invitationSent);
  return left.length < rule.spec.limits.minAdmins;
}

/** Guard 9: nobody has been inactive for longer than they were there. */
function isNewAtSeat({ rule: { spec }, person, seatSince, now, isLeaver }: AtVendor): boolean {
  if (seatSince === undefined || isLeaver) return false;
  const days = person.invitationSent ? spec.pendingInvitationGraceDays : Math.max(spec.newSeatGraceDays, Math.min(spec.lastActivityThresholdDays, ...(spec.thresholdOverrides ?? []).map((one) => one.lastActivityThresholdDays)));
  return now < seatSince + days * dayMs;
}

function isOnClassic({ company, person, now }: AtVendor): boolean {
  return company.schedules.some(({ layers, overrides }) => layers.some(({ end, userIds }) => (end === null || end > now) && userIds.includes(person.id)) || overrides.some(({ userId, end }) => userId === person.id && end > now));
}

function isOnShifts({ company, person, now }: AtVendor): boolean {
  const events = company.shiftSchedules.filter(({ unreadable }) => unreadable !== true).flatMap(({ rotations }) => rotations.flatMap((rotation) => rotation.events));
  return events.some(({ effectiveUntil, members }) => (effectiveUntil === null || effectiveUntil > now) && members.includes(person.id));
}

function isTagged({ company, person, rule }: AtVendor): boolean {
  const wanted = rule.spec.protect.tags.map((tag) => tag.trim().toLowerCase());
  const labels = (company.tags ?? []).filter(({ id }) => person.tagIds?.includes(id)).map(({ label }) => label.trim().toLowerCase());
  return labels.some((label) => wanted.includes(label));
}

const zones = createTimeZones();

/** Rows of the person in the vendor's own list of who is on call. */
function oncallsOf({ company, person }: AtVendor, start: number, end: number): number {
  if (!(start < end)) return 0;
  const query = { window: { start, end }, userIds: new Set([person.id]), policyIds: undefined, scheduleIds: undefined, direct: true, earliest: false };
  return [...listOncalls(createAccount(company), query, zones)].filter((row) => row.end === null || row.end > start).length;
}

/** Guard 3: levels and layers that had somebody before and have nobody after. */
export function findEmptied(before: CompanyState, person: string): string[] {
  const isAlone = (ids: readonly (string | null)[]): boolean => ids.length > 0 && ids.every((id) => id === person);
  const levels = before.policies.flatMap(({ rules }) => rules.map(({ targets }) => targets.map(({ id }) => id)));
  const layers = before.schedules.flatMap((schedule) => schedule.layers.filter(({ end }) => end === null).map(({ userIds }) => userIds));
  return [...(levels.some(isAlone) ? ['EmptyLevel'] : []), ...(layers.some(isAlone) ? ['EmptyLayer'] : [])];
}
