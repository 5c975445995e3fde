import type { CompanyState, License, Person, Role, Story } from './company.ts';
import { drawAuditRecords } from './audit.ts';
import { drawBelongings, drawTags } from './belongings.ts';
import type { Draw } from './draw.ts';
import { createDraw } from './draw.ts';
import { drawIncidents } from './incidents.ts';
import type { GenerateOptions, Making } from './making.ts';
import { byName } from './making.ts';
import { drawPeople } from './people.ts';
import { drawOncall } from './rotas.ts';
import { drawSignIns } from './sign-ins.ts';
import { drawTeams, joinTeams } from './teams.ts';

export const DEFAULT_NOW = Date.UTC(2026, 10, 24, 9);

/** A believable company, the same for the same options: people, licences, teams, rotas of both kinds, policies. */
export function generateCompany(options: GenerateOptions): CompanyState {
  const draw = createDraw(options.seed);
  const making: Making = { draw, now: options.now ?? DEFAULT_NOW, options };
  const licenses = drawLicenses(draw);
  const teams = drawTeams(making);
  const people = joinTeams(drawPeople(making, licenses), teams, making);
  const oncall = drawOncall(people, teams, making);
  const told = people.map((person) => tellStory(person, oncall.stories.get(person.id)));
  // A seed of its own: what is drawn here changes nothing of the above.
  const later: Making = { ...making, draw: createDraw(options.seed ^ 0x51_6e_49_6e) };
  const users = told.map((person) => drawSignIns(person, later));
  const past = { ...oncall, users, teams };
  const incidents = drawIncidents(past, later);
  const auditRecords = drawAuditRecords(past, later);
  const belongings = createDraw(options.seed ^ 0x42_65_6c_6f);
  const tags = drawTags(belongings);
  return {
    incidents,
    auditRecords,
    tags,
    subdomain: options.subdomain ?? 'acme-example',
    region: options.region ?? 'us',
    timeZone: 'America/Chicago',
    users: users.map((person) => drawBelongings(person, { draw: belongings, tags, incidents })).sort(byName),
    teams,
    licenses: fitSeats(licenses, users, draw),
    schedules: oncall.schedules,
    shiftSchedules: oncall.shiftSchedules,
    policies: oncall.policies,
    abilities: ['teams', 'read_only_users', 'urgencies', 'service_support_hours'],
    missingAbilities: ['advanced_permissions_example'],
  };
}

function tellStory(person: Person, story: Story | undefined): Person {
  if (story === undefined) return person;
  return story === 'on-leave' ? { ...person, story, description: 'On parental leave.' } : { ...person, story };
}

const FULL_ROLES: readonly Role[] = ['owner', 'admin', 'user', 'limited_user', 'observer', 'restricted_access'];

/** Two licences share a name, as happens (facts 3.3); one has no limit. Seats are filled in once people are counted. */
function drawLicenses(draw: Draw): License[] {
  return [
    { id: draw.id(), name: 'Business (Full User)', description: '', validRoles: FULL_ROLES, roleGroup: 'FullUser', seats: 0 },
    { id: draw.id(), name: 'Business (Full User)', description: 'Operations add-on', validRoles: FULL_ROLES, roleGroup: 'FullUser', seats: 0 },
    { id: draw.id(), name: 'Business (Stakeholder)', description: '', validRoles: ['read_only_user', 'read_only_limited_user'], roleGroup: 'Stakeholder', seats: 0 },
    { id: draw.id(), name: 'Limited Stakeholder', description: '', validRoles: ['read_only_limited_user'], roleGroup: 'Stakeholder', seats: null },
  ];
}

function fitSeats(licenses: readonly License[], users: readonly Person[], draw: Draw): License[] {
  const counts = new Map<string, number>();
  for (const user of users) counts.set(user.licenseId, (counts.get(user.licenseId) ?? 0) + 1);
  return licenses.map((license) => {
    if (license.seats === null) return license;
    const used = counts.get(license.id) ?? 0;
    return { ...license, seats: used + Math.ceil(used * 0.02 * draw.between(1, 6)) + draw.between(0, 3) };
  });
}
