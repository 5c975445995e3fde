import type { License, Person, Role, Story } from './company.ts';
import type { Making } from './making.ts';
import { drawPastDate, isStakeholder } from './making.ts';
import { COLORS, GIVEN_NAMES, JOB_TITLES, SERVICE_ACCOUNTS, SURNAMES, TIME_ZONES } from './words.ts';

/** Share of each role among those who are neither the owner nor the first administrators. */
const ROLE_SHARES: readonly (readonly [Role, number])[] = [
  ['limited_user', 0.56],
  ['user', 0.1],
  ['read_only_user', 0.12],
  ['read_only_limited_user', 0.09],
  ['observer', 0.06],
  ['restricted_access', 0.04],
  ['admin', 0.03],
];

const SERVICE_SHARE = 0.012;
const PENDING_SHARE = 0.05;

/** The people, without teams yet. The first is the owner; two administrators follow. */
export function drawPeople(making: Making, licenses: readonly License[]): Person[] {
  const namesake = new Map<string, number>();
  const people: Person[] = [];
  for (let index = 0; index < making.options.users; index += 1) {
    people.push(drawPerson(index, { making, licenses, namesake }));
  }
  return people;
}

interface Town {
  readonly making: Making;
  readonly licenses: readonly License[];
  readonly namesake: Map<string, number>;
}

function drawPerson(index: number, town: Town): Person {
  const { draw } = town.making;
  const founder = index < 3;
  const service = !founder && draw.chance(SERVICE_SHARE);
  const role = drawRole(index, service, town.making);
  const pending = !founder && !service && draw.chance(PENDING_SHARE);
  const { name, email } = service ? nameService(town) : nameHuman(town, role);
  return {
    // Drawn at the end, from a seed of their own, once the person's story is known.
    createdAt: 0,
    webSignIns: [],
    mobileSignIns: [],
    id: draw.id(),
    name,
    email,
    role,
    timeZone: draw.pick(TIME_ZONES),
    color: draw.pick(COLORS),
    jobTitle: service || draw.chance(0.04) ? null : draw.pick(JOB_TITLES[role]),
    description: service ? 'Automation account, not a person.' : null,
    invitationSent: pending,
    createdViaSso: !service && draw.chance(0.7),
    teams: [],
    licenseId: drawLicense(role, town).id,
    allocatedAt: drawPastDate(town.making),
    story: firstStory(role, service, pending),
  };
}

function drawRole(index: number, service: boolean, making: Making): Role {
  if (index === 0) return 'owner';
  if (index < 3) return 'admin';
  if (service) return making.draw.pick(['limited_user', 'user']);
  let left = making.draw.random();
  for (const [role, share] of ROLE_SHARES) {
    if (left < share) return role;
    left -= share;
  }
  return 'limited_user';
}

function firstStory(role: Role, service: boolean, pending: boolean): Story {
  if (service) return 'service-account';
  if (pending) return 'pending-invitation';
  return isStakeholder(role) ? 'stakeholder' : 'never-on-call';
}

function drawLicense(role: Role, town: Town): License {
  const fitting = town.licenses.filter((license) => license.validRoles.includes(role));
  const usual = town.making.draw.chance(0.85) ? fitting[0] : fitting.at(-1);
  if (usual === undefined) throw new RangeError(`no licence for the role ${role}`);
  return usual;
}

function nameHuman(town: Town, role: Role): { name: string; email: string } {
  const { draw } = town.making;
  const given = draw.pick(GIVEN_NAMES);
  const surname = draw.pick(SURNAMES);
  const local = `${given}.${surname}`.toLowerCase();
  const count = countNamesake(town, local);
  const domain = role === 'restricted_access' ? 'contractors.example.com' : 'example.com';
  return { name: `${given} ${surname}`, email: `${local}${count === 1 ? '' : count}@${domain}` };
}

function nameService(town: Town): { name: string; email: string } {
  const purpose = town.making.draw.pick(SERVICE_ACCOUNTS);
  const count = countNamesake(town, purpose);
  const suffix = count === 1 ? '' : ` ${count}`;
  return { name: `${purpose} Bot${suffix}`, email: `svc-${purpose}${suffix.trim()}@example.com`.toLowerCase() };
}

function countNamesake(town: Town, key: string): number {
  const count = (town.namesake.get(key) ?? 0) + 1;
  town.namesake.set(key, count);
  return count;
}
