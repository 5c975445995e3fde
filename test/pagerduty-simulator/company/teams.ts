import type { Membership, Person, Role, Team } from './company.ts';
import type { Making } from './making.ts';
import { isStakeholder } from './making.ts';
import { DEPARTMENTS, TEAM_NOUNS, TEAM_SUBJECTS } from './words.ts';

/** Departments first, then the teams below them. Teams grow with the company, from about 10 to 30 people. */
export function drawTeams(making: Making): Team[] {
  const { draw, options } = making;
  const size = Math.max(6, Math.round(6 * Math.log10(Math.max(10, options.users))));
  const count = Math.max(1, Math.round(options.users / size));
  const departments = Array.from({ length: Math.max(1, Math.round(count / 8)) }, (_, index) =>
    makeTeam(draw.id(), numbered(DEPARTMENTS, index), null),
  );
  const names = draw.shuffle(TEAM_SUBJECTS.flatMap((subject) => TEAM_NOUNS.map((noun) => `${subject} ${noun}`)));
  const teams = Array.from({ length: count }, (_, index) =>
    makeTeam(draw.id(), numbered(names, index), departments[index % departments.length]?.id ?? null),
  );
  return [...departments, ...teams];
}

function makeTeam(id: string, name: string, parentId: string | null): Team {
  return { id, name, parentId, description: parentId === null ? `The ${name} department` : null };
}

function numbered(names: readonly string[], index: number): string {
  const round = Math.floor(index / names.length);
  return `${names[index % names.length] ?? ''}${round === 0 ? '' : ` ${round + 1}`}`;
}

/** Puts people in teams: one in six in two, one in fifteen in none unless everybody must be. */
export function joinTeams(people: readonly Person[], teams: readonly Team[], making: Making): Person[] {
  const { draw, options } = making;
  const joinable = teams.filter((team) => team.parentId !== null);
  return people.map((person, index) => {
    const needed = options.everyoneInATeam === true || index < 3;
    if (!needed && draw.chance(0.065)) return person;
    const first = draw.pick(joinable);
    const chosen = draw.chance(0.16) ? [...new Set([first, draw.pick(joinable)])] : [first];
    return { ...person, teams: chosen.map((team) => ({ teamId: team.id, role: teamRole(person.role) })) };
  });
}

function teamRole(role: Role): Membership['role'] {
  if (role === 'owner' || role === 'admin' || role === 'user') return 'manager';
  return isStakeholder(role) || role === 'observer' ? 'observer' : 'responder';
}
