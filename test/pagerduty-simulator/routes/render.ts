import type { Account } from '../account/account.ts';
import type { ClassicSchedule, CompanyState, License, Person, Policy, ShiftSchedule, Team } from '../company/company.ts';
import type { Incident } from '../company/history.ts';

/** PagerDuty's own addresses: what a body says about itself never points at the simulator. */
export function apiOf(company: CompanyState): string {
  return company.region === 'eu' ? 'https://api.eu.pagerduty.com' : 'https://api.pagerduty.com';
}

export function webOf(company: CompanyState): string {
  return `https://${company.subdomain}${company.region === 'eu' ? '.eu' : ''}.pagerduty.com`;
}

export interface Reference {
  readonly id: string;
  readonly type: string;
  readonly summary: string;
  readonly self: string;
  readonly html_url: string | null;
}

function refer(company: CompanyState, item: { id: string; name: string }, type: string, path: string): Reference {
  const place = `${path}/${item.id}`;
  return { id: item.id, type, summary: item.name, self: `${apiOf(company)}/${place}`, html_url: `${webOf(company)}/${place.replace('v3/', '')}` };
}

export function userReference(company: CompanyState, user: Person): Reference {
  return refer(company, user, 'user_reference', 'users');
}

/** A deleted person stays as a reference (facts 5.1), with the time of the deletion (facts 5.2). */
export function personReference(account: Account, id: string): object {
  const user = account.user(id);
  if (user !== undefined) return userReference(account.company, user);
  const departure = account.departures.find(id);
  if (departure === undefined) return { id, type: 'user_reference', summary: null, self: null, html_url: null };
  return { ...userReference(account.company, departure.person), deleted_at: new Date(departure.at).toISOString() };
}

/** Each policy has one service in front of it; nothing else is known of services. */
export function serviceReference(company: CompanyState, policy: Policy): Reference {
  return refer(company, { id: `S${policy.id.slice(1)}`, name: `${policy.name} service` }, 'service_reference', 'services');
}

export function incidentReference(company: CompanyState, { id, number, title }: Incident): Reference {
  return refer(company, { id, name: `[#${number}] ${title}` }, 'incident_reference', 'incidents');
}

export function teamReference(company: CompanyState, team: Team): Reference {
  return refer(company, team, 'team_reference', 'teams');
}

export function policyReference(company: CompanyState, policy: Policy): Reference {
  return refer(company, policy, 'escalation_policy_reference', 'escalation_policies');
}

export function scheduleReference(company: CompanyState, schedule: ClassicSchedule | ShiftSchedule): Reference {
  return schedule.kind === 'classic'
    ? refer(company, schedule, 'schedule_reference', 'schedules')
    : refer(company, schedule, 'schedule_v3_reference', 'v3/schedules');
}

export function renderTeam(company: CompanyState, team: Team): object {
  const parent = team.parentId === null ? null : { id: team.parentId, type: 'team_reference' };
  return { ...teamReference(company, team), type: 'team', name: team.name, description: team.description, parent };
}

/** A licence as allocations and users have it: without counts (facts 3.4). */
export function renderLicense(license: License): object {
  return {
    id: license.id,
    name: license.name,
    description: license.description,
    valid_roles: license.validRoles,
    role_group: license.roleGroup,
    summary: license.name,
    type: 'license',
    self: null,
    html_url: null,
  };
}
