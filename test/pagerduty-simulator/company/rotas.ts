import type { ClassicSchedule, Person, Policy, PolicyRule, PolicyTarget, ShiftSchedule, Story, Team } from './company.ts';
import { DAY_MS } from './company.ts';
import type { Making } from './making.ts';
import type { Era } from './schedules.ts';
import { drawClassic, drawShiftBased } from './schedules.ts';

export interface OncallState {
  readonly schedules: ClassicSchedule[];
  readonly shiftSchedules: ShiftSchedule[];
  readonly policies: Policy[];
  /** What became of the people who got a part in a rota or policy. */
  readonly stories: Map<string, Story>;
}

/** Rotas and policies of about two teams in three; the rest of the company never carries a pager. */
export function drawOncall(people: readonly Person[], teams: readonly Team[], making: Making): OncallState {
  const state: OncallState = { schedules: [], shiftSchedules: [], policies: [], stories: new Map() };
  const byTeam = groupByTeam(people);
  for (const [index, team] of teams.filter((each) => each.parentId !== null).entries()) {
    const rota = index < 4 || making.draw.chance(0.65);
    if (rota) drawTeamRota(team, byTeam.get(team.id) ?? [], { state, making });
  }
  drawMajorIncidentPolicy(people, { state, making });
  return state;
}

interface Studio {
  readonly state: OncallState;
  readonly making: Making;
}

function groupByTeam(people: readonly Person[]): Map<string, Person[]> {
  const groups = new Map<string, Person[]>();
  for (const person of people) {
    for (const { teamId } of person.teams) {
      const group = groups.get(teamId);
      if (group === undefined) groups.set(teamId, [person]);
      else group.push(person);
    }
  }
  return groups;
}

function drawTeamRota(team: Team, members: readonly Person[], studio: Studio): void {
  const { draw } = studio.making;
  const free = draw.shuffle(members.filter((person) => person.story === 'never-on-call' && !studio.state.stories.has(person.id)));
  const responders = free.filter((person) => person.role === 'limited_user' || person.role === 'user' || person.role === 'restricted_access');
  const current = claim(responders, draw.between(2, 4), 'on-call', studio);
  if (current.length === 0) return;
  const primary = addSchedule({ name: `${team.name} primary`, team, eras: drawEras(current, responders, studio) }, studio);
  const rules = [[primary]];
  if (current.length > 1 && draw.chance(0.4)) {
    const backup = [...current.slice(1), ...current.slice(0, 1)];
    rules.push([addSchedule({ name: `${team.name} secondary`, team, eras: [openEra(backup, studio, 200)] }, studio)]);
  }
  const managers = free.filter((person) => person.role === 'user' || person.role === 'admin');
  const direct = draw.chance(0.6) ? claim(managers, 1, 'direct-target', studio) : [];
  rules.push(...direct.map((person): PolicyTarget[] => [{ kind: 'user', id: person.id }]));
  studio.state.policies.push(makePolicy(`${team.name} escalation`, team, rules, studio));
  if (draw.chance(0.12)) drawUnreachable(team, responders, studio);
}

/** Takes up to `count` people who have no part yet. */
function claim(from: readonly Person[], count: number, story: Story, studio: Studio): Person[] {
  const chosen = from.filter((person) => !studio.state.stories.has(person.id)).slice(0, count);
  for (const person of chosen) studio.state.stories.set(person.id, story);
  return chosen;
}

/** The rota's past: who left long ago, who left lately, who takes turns now. Each era ends where the next begins. */
function drawEras(current: readonly Person[], responders: readonly Person[], studio: Studio): Era[] {
  const { draw } = studio.making;
  const eras: Era[] = [];
  const steady = current.slice(0, 2);
  const left = [
    ...claim(responders, draw.between(0, 2), 'rotated-off', studio),
    ...(draw.chance(0.25) ? claim(responders, 1, 'on-leave', studio) : []),
  ];
  let since = draw.between(75, 220);
  if (left.length > 0) eras.push(makeEra([...left, ...steady], since + 150, since, studio));
  const lately = draw.chance(0.55) ? claim(responders, draw.between(1, 2), 'recently-rotated-off', studio) : [];
  if (lately.length > 0) {
    const until = draw.between(12, 20);
    eras.push(makeEra([...lately, ...steady], since, until, studio));
    since = until;
  }
  return [...eras, openEra(current, studio, since)];
}

function makeEra(people: readonly Person[], fromDaysAgo: number, toDaysAgo: number, studio: Studio): Era {
  return { userIds: people.map((person) => person.id), start: daysAgo(fromDaysAgo, studio), end: daysAgo(toDaysAgo, studio) };
}

function openEra(people: readonly Person[], studio: Studio, sinceDaysAgo: number): Era {
  return { userIds: people.map((person) => person.id), start: daysAgo(sinceDaysAgo, studio), end: null };
}

/** Handovers are at 09:00 UTC. */
function daysAgo(days: number, studio: Studio): number {
  return Math.floor(studio.making.now / DAY_MS - days) * DAY_MS + 9 * 3_600_000;
}

interface Wish {
  readonly name: string;
  readonly team: Team;
  readonly eras: readonly Era[];
}

function addSchedule(wish: Wish, studio: Studio): PolicyTarget {
  if (studio.making.draw.chance(0.65)) {
    const schedule = drawClassic(wish.name, wish.team.id, wish.eras, studio.making);
    studio.state.schedules.push(schedule);
    return { kind: 'classic', id: schedule.id };
  }
  const schedule = drawShiftBased(wish.name, wish.team.id, wish.eras, studio.making);
  studio.state.shiftSchedules.push(schedule);
  return { kind: 'v3', id: schedule.id };
}

/** A rota that no policy uses: its people never show up in /oncalls (facts 4.1). */
function drawUnreachable(team: Team, responders: readonly Person[], studio: Studio): void {
  const people = claim(responders, 1, 'scheduled-without-policy', studio);
  if (people.length > 0) addSchedule({ name: `${team.name} draft rota`, team, eras: [openEra(people, studio, 90)] }, studio);
}

function makePolicy(name: string, team: Team | undefined, levels: readonly (readonly PolicyTarget[])[], studio: Studio): Policy {
  const { draw } = studio.making;
  const rules = levels.map((targets): PolicyRule => ({ id: draw.id(), delayMinutes: draw.pick([15, 30, 45]), targets }));
  return { id: draw.id(), name, description: null, teamIds: team === undefined ? [] : [team.id], loops: draw.between(0, 3), rules };
}

/** One policy over several teams' rotas: the same shift then appears once for each policy and level (facts 4.1). */
function drawMajorIncidentPolicy(people: readonly Person[], studio: Studio): void {
  const shared = studio.state.policies.slice(0, 5).flatMap((policy) => policy.rules[0]?.targets ?? []);
  const owner = people.find((person) => person.role === 'owner');
  if (shared.length === 0 || owner === undefined) return;
  studio.state.stories.set(owner.id, 'direct-target');
  studio.state.policies.push(makePolicy('Major incident', undefined, [shared, [{ kind: 'user', id: owner.id }]], studio));
}
