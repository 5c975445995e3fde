import type { ClassicSchedule, CompanyState, License, Person, Policy, ShiftSchedule, Team } from '../company/company.ts';
import type { AuditRecord } from '../company/history.ts';
import { byName } from '../company/making.ts';
import { membersOf } from '../company/shifts.ts';
import type { Departures, FormerTies } from './departures.ts';
import { createDepartures, createFormerTies } from './departures.ts';
import type { LogEntry } from './log-entries.ts';
import { listEntries } from './log-entries.ts';
import type { Ties } from './ties.ts';
import { indexTies } from './ties.ts';

/** The company as it is now, with the look-ups that the API needs. The company handed in is never changed. */
export interface Account {
  readonly company: CompanyState;
  /** Grows with every change, so that what was computed before can be thrown away. */
  readonly version: number;
  user(id: string): Person | undefined;
  team(id: string): Team | undefined;
  license(id: string): License | undefined;
  schedule(id: string): ClassicSchedule | undefined;
  shiftSchedule(id: string): ShiftSchedule | undefined;
  policy(id: string): Policy | undefined;
  /** Members of any of the teams, each once, in the order of the index. */
  membersOfTeams(teamIds: readonly string[]): readonly Person[];
  /** Incidents' log entries, newest first. */
  entriesNewestFirst(): readonly LogEntry[];
  auditNewestFirst(): readonly AuditRecord[];
  /** Schedules of both kinds that name the person, in ended layers too. */
  schedulesNaming(userId: string): readonly (ClassicSchedule | ShiftSchedule)[];
  /** Policies that the person is a direct target of. */
  policiesTargeting(userId: string): readonly Policy[];
  /** People who hold the licence. */
  seatsTaken(licenseId: string): number;
  /** True when the schedule names one of the people. */
  involves(schedule: ClassicSchedule | ShiftSchedule, userIds: ReadonlySet<string>): boolean;
  addUser(person: Person): void;
  updateUser(id: string, patch: Partial<Omit<Person, 'id'>>): Person;
  /** The person leaves the index; what refers to them stays, as at PagerDuty (facts 5.1). */
  removeUser(id: string): void;
  /** Deleted by the API: gone, and remembered. */
  depart(id: string, at: number): void;
  readonly departures: Departures;
  readonly formerTies: FormerTies;
  /** An id that nobody has or had (facts 5.1). */
  newUserId(): string;
  /** Adds to the audit records. */
  record(change: Omit<AuditRecord, 'id'>): void;
  replace(patch: Partial<CompanyState>): void;
  /** Back to the company handed in at the start. */
  reset(): void;
}

interface Indexes {
  members?: Map<string, Person[]>;
  seats?: Map<string, number>;
  parts: Map<string, Map<string, { readonly id: string }>>;
  entries?: LogEntry[];
  audit?: AuditRecord[];
  ties?: Ties;
}

export function createAccount(initial: CompanyState): Account {
  let company: CompanyState = { ...initial, users: initial.users.toSorted(byName) };
  let version = 0;
  let indexes: Indexes = { parts: new Map() };
  let created = 0;
  let recorded = 0;
  const departures = createDepartures();
  const formerTies = createFormerTies();
  const scheduleMembers = new WeakMap<object, Set<string>>();

  function become(next: CompanyState): void {
    company = next;
    version += 1;
    indexes = { parts: new Map() };
  }

  function lookUp<T extends { readonly id: string }>(part: string, items: readonly T[], id: string): T | undefined {
    let index = indexes.parts.get(part) as Map<string, T> | undefined;
    if (index === undefined) {
      index = new Map(items.map((item) => [item.id, item]));
      indexes.parts.set(part, index);
    }
    return index.get(id);
  }

  function need(id: string): Person {
    const person = lookUp('users', company.users, id);
    if (person === undefined) throw new RangeError(`the company has no user ${id}`);
    return person;
  }

  return {
    get company() {
      return company;
    },
    get version() {
      return version;
    },
    user: (id) => lookUp('users', company.users, id),
    team: (id) => lookUp('teams', company.teams, id),
    license: (id) => lookUp('licenses', company.licenses, id),
    schedule: (id) => lookUp('schedules', company.schedules, id),
    shiftSchedule: (id) => lookUp('shiftSchedules', company.shiftSchedules, id),
    policy: (id) => lookUp('policies', company.policies, id),
    membersOfTeams(teamIds) {
      indexes.members ??= indexMembers(company.users);
      const { members } = indexes;
      if (teamIds.length === 1) return members.get(teamIds[0] ?? '') ?? [];
      return [...new Set(teamIds.flatMap((id) => members.get(id) ?? []))].sort(byName);
    },
    entriesNewestFirst: () => (indexes.entries ??= listEntries(company.incidents)),
    auditNewestFirst: () => (indexes.audit ??= company.auditRecords.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))),
    schedulesNaming: (userId) => (indexes.ties ??= indexTies(company)).schedules.get(userId) ?? [],
    policiesTargeting: (userId) => (indexes.ties ??= indexTies(company)).policies.get(userId) ?? [],
    seatsTaken(licenseId) {
      indexes.seats ??= countSeats(company.users);
      return indexes.seats.get(licenseId) ?? 0;
    },
    involves(schedule, userIds) {
      let members = scheduleMembers.get(schedule);
      if (members === undefined) {
        members = membersOf(schedule);
        scheduleMembers.set(schedule, members);
      }
      return !members.isDisjointFrom(userIds);
    },
    addUser(person) {
      if (lookUp('users', company.users, person.id) !== undefined) throw new RangeError(`the company already has a user ${person.id}`);
      become({ ...company, users: [...company.users, person].sort(byName) });
    },
    updateUser(id, patch) {
      const changed = { ...need(id), ...patch };
      become({ ...company, users: company.users.map((person) => (person.id === id ? changed : person)).sort(byName) });
      return changed;
    },
    removeUser(id) {
      need(id);
      become({ ...company, users: company.users.filter((person) => person.id !== id) });
    },
    depart(id, at) {
      departures.add(need(id), at);
      become({ ...company, users: company.users.filter((person) => person.id !== id) });
    },
    departures,
    formerTies,
    newUserId() {
      do created += 1;
      while (lookUp('users', company.users, nameNew(created)) !== undefined);
      return nameNew(created);
    },
    record(change) {
      recorded += 1;
      become({ ...company, auditRecords: [...company.auditRecords, { ...change, id: `PDRECORDIDW${recorded}_AUDIT` }] });
    },
    replace: (patch) => become({ ...company, ...patch, users: (patch.users ?? company.users).toSorted(byName) }),
    reset() {
      departures.clear();
      formerTies.clear();
      become({ ...initial, users: initial.users.toSorted(byName) });
    },
  };
}

function nameNew(number: number): string {
  return `PN${number.toString(36).toUpperCase().padStart(5, '0')}`;
}

function indexMembers(users: readonly Person[]): Map<string, Person[]> {
  const members = new Map<string, Person[]>();
  for (const user of users) {
    for (const { teamId } of user.teams) {
      const team = members.get(teamId);
      if (team === undefined) members.set(teamId, [user]);
      else team.push(user);
    }
  }
  return members;
}

function countSeats(users: readonly Person[]): Map<string, number> {
  const seats = new Map<string, number>();
  for (const { licenseId } of users) seats.set(licenseId, (seats.get(licenseId) ?? 0) + 1);
  return seats;
}
