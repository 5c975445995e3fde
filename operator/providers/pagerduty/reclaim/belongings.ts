import { compact } from '../../../api/compact.ts';
import type { Client } from '../client.ts';
import { parseAnswer } from '../schemas.ts';
import type { BundleContent, BundledContact, BundledHandoff, BundledRule, BundledTeam } from './bundle.ts';
import { checkOff, type Checked } from './checked.ts';
import { collect, listing } from './gather.ts';
import { personPlace, placeOf } from './places.ts';
import {
  contactMethodsAnswer,
  handoffRulesAnswer,
  memberRows,
  notificationRulesAnswer,
  statusRulesAnswer,
  subscriptionRows,
  type ContactMethodRow,
  type MemberRow,
  type NotificationRuleRow,
  type PersonRow,
  type SubscriptionRow,
} from './schemas.ts';

/** What somebody has at PagerDuty beside their profile, as the bundle keeps it. */
export interface Belongings {
  readonly teams: Checked<BundledTeam[]>;
  readonly contactMethods: Checked<BundledContact[]>;
  readonly notificationRules: Checked<BundledRule[]>;
  readonly handoffRules: Checked<BundledHandoff[]>;
  readonly statusUpdateRules: Checked<BundleContent['statusUpdateRules']>;
  readonly subscriptions: Checked<BundleContent['subscriptions']>;
}

export async function readBelongings(person: PersonRow, client: Client): Promise<Belongings> {
  return {
    teams: await readTeams(person, client),
    contactMethods: await readContacts(person, client),
    notificationRules: await readRules(person, client),
    handoffRules: await readHandoffRules(person.id, client),
    statusUpdateRules: await readStatusRules(person.id, client),
    subscriptions: await readSubscriptions(person.id, client),
  };
}

/** Teams with the person's role in each, which only the team's own list of members tells. */
export async function readTeams(person: Pick<PersonRow, 'id' | 'teams'>, client: Client): Promise<Checked<BundledTeam[]>> {
  const teams: BundledTeam[] = [];
  for (const team of person.teams ?? []) {
    const place = placeOf('/teams/{id}/members', team.id);
    const list = { ...listing<MemberRow & { id: string }>(place.route, 'members', memberRowsWithId, []), path: place.path };
    const members = await checkOff({ scope: 'teams.read', ask: () => collect(list, client) }, client);
    if (members.kind === 'Unknown') return members;
    const role = members.value.find(({ user }) => user.id === person.id)?.role ?? undefined;
    teams.push(compact({ id: team.id, name: team.name ?? team.summary ?? team.id, role }));
  }
  return { kind: 'Known', value: teams };
}

const memberRowsWithId = memberRows.transform((rows) => rows.map((row) => ({ ...row, id: row.user.id })));

/** The user object holds them where it was asked to; where it shows references only, they are asked for. */
export async function readContacts(person: Pick<PersonRow, 'id' | 'contact_methods'>, client: Client): Promise<Checked<BundledContact[]>> {
  const whole = (person.contact_methods ?? []).map(bundleContact);
  if (person.contact_methods !== undefined && person.contact_methods !== null && whole.every((method) => method !== undefined)) return { kind: 'Known', value: whole };
  const place = personPlace(person.id, '/contact_methods');
  const ask = async (): Promise<BundledContact[]> => parseAnswer(contactMethodsAnswer, await client.get(place, []), place.route).contact_methods.flatMap((row) => bundleContact(row) ?? []);
  return checkOff({ scope: 'users:contact_methods.read', ask }, client);
}

function bundleContact(row: ContactMethodRow): BundledContact | undefined {
  const { id, type, label, address } = row;
  if (typeof address !== 'string') return undefined;
  return compact({ id, type: type.replace(/_reference$/, ''), label: label ?? '', address, countryCode: row.country_code ?? undefined, sendShortEmail: row.send_short_email ?? undefined });
}

export async function readRules(person: Pick<PersonRow, 'id' | 'notification_rules'>, client: Client): Promise<Checked<BundledRule[]>> {
  const whole = (person.notification_rules ?? []).map(bundleRule);
  if (person.notification_rules !== undefined && person.notification_rules !== null && whole.every((rule) => rule !== undefined)) return { kind: 'Known', value: whole };
  const place = personPlace(person.id, '/notification_rules');
  const ask = async (): Promise<BundledRule[]> => parseAnswer(notificationRulesAnswer, await client.get(place, []), place.route).notification_rules.flatMap((row) => bundleRule(row) ?? []);
  return checkOff({ scope: 'users:contact_methods.read', ask }, client);
}

function bundleRule({ start_delay_in_minutes: delayMinutes, urgency, contact_method: method }: NotificationRuleRow): BundledRule | undefined {
  if (typeof delayMinutes !== 'number' || typeof urgency !== 'string' || method === null || method === undefined) return undefined;
  return { delayMinutes, urgency, contactMethodId: method.id };
}

export async function readHandoffRules(id: string, client: Client): Promise<Checked<BundledHandoff[]>> {
  const place = personPlace(id, '/oncall_handoff_notification_rules');
  const ask = async (): Promise<BundledHandoff[]> => {
    const { oncall_handoff_notification_rules: rules } = parseAnswer(handoffRulesAnswer, await client.get(place, []), place.route);
    return rules.map((rule) => compact({ advanceMinutes: rule.notify_advance_in_minutes ?? undefined, handoffType: rule.handoff_type ?? 'both', contactMethodId: rule.contact_method.id }));
  };
  return checkOff({ scope: 'users.read', ask }, client);
}

export async function readStatusRules(id: string, client: Client): Promise<Checked<BundleContent['statusUpdateRules']>> {
  const place = personPlace(id, '/status_update_notification_rules');
  const ask = async (): Promise<BundleContent['statusUpdateRules']> => {
    const { status_update_notification_rules: rules } = parseAnswer(statusRulesAnswer, await client.get(place, []), place.route);
    return rules.map((rule) => ({ contactMethodId: rule.contact_method.id }));
  };
  return checkOff({ scope: 'users.read', ask }, client);
}

export async function readSubscriptions(id: string, client: Client): Promise<Checked<BundleContent['subscriptions']>> {
  const { route, path } = personPlace(id, '/notification_subscriptions');
  const ask = async (): Promise<BundleContent['subscriptions']> => {
    // No parameters for paging are documented, though the answer has its fields.
    const rows = await collect<SubscriptionRow>(
      { route, path, key: 'subscriptions', query: [], rows: subscriptionRows, total: 'Volunteered', identify: nameSubscription, repeats: 'Row' },
      client,
    );
    return rows.map(({ subscription }) => ({ id: subscription.subscribable_id, type: subscription.subscribable_type }));
  };
  return checkOff({ scope: 'subscribers.read', ask }, client);
}

function nameSubscription({ subscription }: SubscriptionRow): string {
  return `${subscription.subscribable_type} ${subscription.subscribable_id}`;
}
