import type { ClassicSchedule, Policy, ShiftSchedule } from '../company/company.ts';
import type { Incident } from '../company/history.ts';
import { assigneesAt, isOpen, snapshotAt } from '../company/history.ts';
import { currentMembersOf } from '../company/shifts.ts';
import type { Account } from './account.ts';
import type { Moment } from './departures.ts';
import { directTargets } from './ties.ts';

/** What keeps somebody from being deleted (facts 5.1, 5.3). */
export interface Blocker {
  readonly kind: 'incident' | 'schedule' | 'escalation policy' | 'snapshot';
  readonly items: readonly { readonly id: string; readonly name: string }[];
}

/** In the order in which PagerDuty is assumed to look. */
export function listBlockers(account: Account, userId: string, moment: Moment): Blocker[] {
  const { planHasOffboarding, offboardingIncidents } = moment.settings;
  const restarts = planHasOffboarding && offboardingIncidents === 'restart';
  const found: Blocker[] = [
    ...(restarts ? [] : [{ kind: 'incident', items: openIncidentsOf(account, userId, moment.now).map(nameIncident) } as const]),
    ...(planHasOffboarding ? [] : listPlaces(account, userId, moment)),
    ...(restarts ? [] : [{ kind: 'snapshot', items: snapshotsWith(account, userId, moment.now).map(nameIncident) } as const]),
  ];
  return found.filter(({ items }) => items.length > 0);
}

/** Schedules and policies: they block a deletion, and stakeholders cannot be on them. */
export function listPlaces(account: Account, userId: string, moment: Moment): Blocker[] {
  const former = account.formerTies.check(userId, moment);
  const schedules = account.schedulesNaming(userId).filter((schedule) => counts(schedule, userId, moment));
  const places: Blocker[] = [
    { kind: 'schedule', items: join(schedules, former.filter(({ kind }) => kind === 'schedule')) },
    { kind: 'escalation policy', items: join(account.policiesTargeting(userId), former.filter(({ kind }) => kind === 'escalation policy')) },
  ];
  return places.filter(({ items }) => items.length > 0);
}

function counts(schedule: ClassicSchedule | ShiftSchedule, userId: string, { now, settings }: Moment): boolean {
  return settings.endedLayers === 'block' || currentMembersOf(schedule, now).has(userId);
}

function join(live: readonly { id: string; name: string }[], former: readonly { id: string; name: string }[]): { id: string; name: string }[] {
  return [...new Map([...former, ...live].map(({ id, name }) => [id, { id, name }])).values()];
}

export function openIncidentsOf(account: Account, userId: string, now: number): Incident[] {
  return account.company.incidents.filter((incident) => assigneesAt(incident, now).includes(userId));
}

/** Open incidents whose policy, as it was, has the person as a direct target, whatever the policy says today. */
function snapshotsWith(account: Account, userId: string, now: number): Incident[] {
  const isLive = (policy: Policy): boolean => account.policiesTargeting(userId).some(({ id }) => id === policy.id);
  return account.company.incidents.filter((incident) => {
    const snapshot = snapshotAt(incident, now);
    return isOpen(incident) && directTargets(snapshot).has(userId) && !isLive(snapshot);
  });
}

function nameIncident({ id, title }: Incident): { id: string; name: string } {
  return { id, name: title };
}
