import type { Account } from '../account/account.ts';
import type { Person } from '../company/company.ts';
import { renderTeam, teamReference, userReference } from './render.ts';
import {
  contactMethodReference,
  contactMethodsOf,
  notificationRuleReference,
  notificationRulesOf,
  renderContactMethod,
  renderNotificationRule,
} from './render-contacts.ts';

/** Parts of a user that `include[]` turns from references into whole objects. */
export type UserInclude = 'contact_methods' | 'notification_rules' | 'teams' | 'subdomains' | 'calendar_urls';

/** A user as the API shows it: no licence, no creation date, no last login (facts 3.1), some undocumented extras. */
export function renderUser(account: Account, user: Person, includes: ReadonlySet<string>): object {
  const { company } = account;
  return {
    ...userReference(company, user),
    type: 'user',
    name: user.name,
    email: user.email,
    time_zone: user.timeZone,
    color: user.color,
    role: user.role,
    avatar_url: `https://avatars.example.com/${user.id}.png`,
    description: user.description,
    invitation_sent: user.invitationSent,
    job_title: user.jobTitle,
    created_via_sso: user.createdViaSso,
    teams: renderTeams(account, user, includes),
    contact_methods: contactMethodsOf(user).map((method) => (includes.has('contact_methods') ? renderContactMethod : contactMethodReference)(company, user, method)),
    notification_rules: notificationRulesOf(user).map((rule) => (includes.has('notification_rules') ? renderNotificationRule : notificationRuleReference)(company, user, rule)),
    coordinated_incidents: [],
    billed: true,
    ...(includes.has('subdomains') ? { subdomains: [company.subdomain] } : {}),
    ...(includes.has('calendar_urls') ? calendarUrls(account, user) : {}),
  };
}

function renderTeams(account: Account, user: Person, includes: ReadonlySet<string>): object[] {
  return user.teams.flatMap(({ teamId }) => {
    const team = account.team(teamId);
    if (team === undefined) return [];
    return [includes.has('teams') ? renderTeam(account.company, team) : teamReference(account.company, team)];
  });
}

/** Bearer credentials in disguise (facts 3.1): whoever asks for them gets caught by the tests for leaks. */
function calendarUrls(account: Account, user: Person): object {
  const rest = `${account.company.subdomain}.pagerduty.com/private/secret-of-${user.id}/feed`;
  return { http_cal_url: `https://${rest}`, web_cal_url: `webcal://${rest}` };
}
