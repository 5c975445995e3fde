import { positionCounts, type ActivityAges, type PositionCounts, type UseClass } from '../../api/license-position.ts';
import type { Seat } from './facts.ts';
import { ageBucket } from './use.ts';

/** Name of the line of a breakdown for what has no team, role or cost centre. */
export const noGroup = '(none)';

/** A person who uses one right of a model; kept small, as there may be a hundred thousand. */
export interface CountedPerson {
  readonly useClass: UseClass;
  /** Name of the seat that counts; the others are duplicates. */
  readonly seat: string;
  readonly team: string;
  readonly role: string;
  /** Latest over all seats of the person. */
  readonly lastActivity: number | undefined;
}

/** What was counted of one model so far. */
export interface ModelCount {
  assigned: number;
  excluded: number;
  readonly persons: Map<string, CountedPerson>;
}

/**
 * Which seat speaks for a person of several: the first of these. A person who is active on one seat is active, and one on whom
 * the evidence is incomplete is not to be called unused by another seat (guard 6). Of what is unused, what was used once
 * comes first, and an invitation before a seat that nobody ever used, since taking it back harms nobody.
 */
const bestFirst = ['Active', 'New', 'Unknown', 'Stale', 'PendingInvitation', 'NeverUsed'] as const satisfies readonly UseClass[];

export function createModelCount(): ModelCount {
  return { assigned: 0, excluded: 0, persons: new Map() };
}

/** Counts a seat that no exclusion keeps out: one right for each person, however many seats (L29), in any order. */
export function countSeat(count: ModelCount, seat: Seat, facts: { readonly useClass: UseClass; readonly teamPrecedence: readonly string[] }): void {
  const before = count.persons.get(seat.person);
  const team = teamOf(seat.teams, facts.teamPrecedence);
  const one: CountedPerson = { useClass: facts.useClass, seat: seat.name, team, role: seat.role === '' ? noGroup : seat.role, lastActivity: seat.lastActivity };
  count.persons.set(seat.person, before === undefined ? one : merge(before, one));
}

/** Counts of a model by what was counted and the rights owned (L29, L30). */
export function countRights({ assigned, excluded, persons }: ModelCount, owned: number): PositionCounts {
  const classes: Record<UseClass, number> = { Active: 0, Stale: 0, NeverUsed: 0, PendingInvitation: 0, New: 0, Unknown: 0 };
  for (const { useClass } of persons.values()) classes[useClass] += 1;
  const used = persons.size;
  return {
    owned,
    assigned,
    excluded,
    duplicates: assigned - excluded - used,
    used,
    active: classes.Active,
    stale: classes.Stale,
    neverUsed: classes.NeverUsed,
    pending: classes.PendingInvitation,
    recent: classes.New,
    unknown: classes.Unknown,
    unused: classes.Stale + classes.NeverUsed + classes.PendingInvitation,
    available: Math.max(0, owned - used),
    needed: Math.max(0, used - owned),
  };
}

/** Sum of the counts of several models, or profiles. */
export function sumCounts(all: readonly PositionCounts[]): PositionCounts {
  const zero = countRights(createModelCount(), 0);
  return all.reduce((sum, one) => {
    const next = { ...sum };
    for (const name of positionCounts.keyof().options) next[name] += one[name];
    return next;
  }, zero);
}

/** Persons by the days since their last activity (S83). */
export function countAges({ persons }: ModelCount, asOf: number): ActivityAges {
  const ages: ActivityAges = { upTo30: 0, upTo60: 0, upTo90: 0, over90: 0, none: 0 };
  for (const { lastActivity } of persons.values()) ages[ageBucket(lastActivity, asOf)] += 1;
  return ages;
}

/** Whether the right that this person uses is unused (L33). */
export function isUnused({ useClass }: CountedPerson): boolean {
  return useClass === 'Stale' || useClass === 'NeverUsed' || useClass === 'PendingInvitation';
}

function merge(before: CountedPerson, one: CountedPerson): CountedPerson {
  const lastActivity = one.lastActivity === undefined ? before.lastActivity : Math.max(one.lastActivity, before.lastActivity ?? -Infinity);
  return { ...(speaksBefore(one, before) ? one : before), lastActivity };
}

/** By class, then by name, so that the order in which seats come does not matter. */
function speaksBefore(a: CountedPerson, b: CountedPerson): boolean {
  const [first, second] = [bestFirst.indexOf(a.useClass), bestFirst.indexOf(b.useClass)];
  return first === second ? a.seat < b.seat : first < second;
}

/** The one team that a person counts in (C22): the first of the precedence, else the first by name. */
function teamOf(teams: readonly string[], precedence: readonly string[]): string {
  const preferred = precedence.find((team) => teams.includes(team));
  if (preferred !== undefined) return preferred;
  return teams.reduce<string | undefined>((first, team) => (first === undefined || team < first ? team : first), undefined) ?? noGroup;
}
