import { OperatorError } from '../../../api/errors.ts';
import type { RoleGroup } from '../../../api/software-subscription.ts';
import type { PersonNow } from '../../reclaim.ts';
import type { Client, Query } from '../client.ts';
import { parseErrorBody } from '../errors.ts';
import { malformed } from '../failures.ts';
import { clip, groupRole, parseAnswer, readRoleGroup } from '../schemas.ts';
import type { VendorReply } from '../transport.ts';
import { checkOff, known, type Checked } from './checked.ts';
import { personPlace } from './places.ts';
import { isAdmin, ownerRole } from './roles.ts';
import { personAnswer, personLicenseAnswer, selfAnswer, type PersonRow } from './schemas.ts';

/** Codes of a 404 that is about the person (facts/pagerduty.md 6.2); others are about the account. */
const goneCodes = new Set<number | undefined>([undefined, 2013, 2100]);

/**
 * Whether a 404 is PagerDuty's own word that the person is gone. A proxy's page, an empty answer, or one about the
 * account is not: by it, everybody would be gone (guard 6).
 */
export function saysGone(reply: VendorReply): boolean {
  if (reply.status !== 404) return false;
  const { code, texts } = parseErrorBody(reply.body);
  return goneCodes.has(code) && (code !== undefined || texts.length > 0);
}

/** Everything that the user object can hold but calendar addresses, which are credentials (facts/pagerduty.md 3.1). */
const wholePerson: Query = ['contact_methods', 'notification_rules', 'teams'].map((part) => ['include[]', part]);

/** Somebody with all that the user object can hold, or what is asked for; undefined when they are gone. */
export async function readPerson(id: string, client: Client, query: Query = wholePerson): Promise<PersonRow | undefined> {
  const place = personPlace(id);
  const result = await client.tryGet(place, query);
  if ('error' in result) {
    if (saysGone(result.reply)) return undefined;
    if (result.reply.status === 404) throw malformed(`GET ${place.route}`, { route: place.route, problem: 'not_found_by_whom' });
    throw result.error;
  }
  const { user } = parseAnswer(personAnswer, result.json, place.route);
  if (user.id !== id) throw malformed(`GET ${place.route}`, { route: place.route, field: 'user.id', problem: 'another_person' });
  return user;
}

/** Id of the person that the token acts for; `Known` and undefined where it is nobody's (facts/pagerduty.md 1.7, T11). */
export async function readSelf(client: Client): Promise<Checked<string | undefined>> {
  const self = await checkOff({ scope: undefined, ask: () => askSelf(client) }, client);
  // An app's token is the app's, so what refuses it this question hides nobody.
  const isApp = client.session.token.scopes?.some((scope) => scope.startsWith('as_account-')) === true;
  return self.kind === 'Unknown' && isApp ? { kind: 'Known', value: undefined } : self;
}

async function askSelf(client: Client): Promise<string | undefined> {
  const route = '/users/me';
  try {
    return parseAnswer(selfAnswer, await client.get(route, []), route).user.id;
  } catch (error) {
    // The question has no parameters that could be wrong, so a 400 is about the token: it has no person.
    if (error instanceof OperatorError && error.failure.reason === 'RequestRefused' && error.detail['status'] === 400) return undefined;
    throw error;
  }
}

export interface HeldLicence {
  readonly identifier: string;
  readonly roleGroup: RoleGroup;
}

/** Unknown where licences are hidden, which holds nothing up (T6). */
export async function readLicence(id: string, client: Client): Promise<Checked<HeldLicence>> {
  const place = personPlace(id, '/license');
  const ask = async (): Promise<HeldLicence> => {
    const { license } = parseAnswer(personLicenseAnswer, await client.get(place, []), place.route);
    return { identifier: license.id, roleGroup: readRoleGroup(license.role_group) };
  };
  return checkOff({ scope: 'licenses.read', ask }, client);
}

/** Two small requests: no list, and none of what the person has besides. */
export async function lookAtPerson(id: string, client: Client): Promise<PersonNow | 'Gone'> {
  const person = await readPerson(id, client, []);
  return person === undefined ? 'Gone' : describeNow(person, known(await readLicence(id, client)));
}

export function describeNow(person: PersonRow, held: HeldLicence | undefined): PersonNow {
  return {
    externalUserId: person.id,
    displayName: clip(person.name),
    address: person.email,
    role: person.role,
    subscriptionIdentifier: held?.identifier,
    isOwner: person.role === ownerRole,
    isAdmin: isAdmin(person.role),
  };
}

/** By the role; by the licence where the role is one that we do not know. */
export function groupPerson(role: string, licence: HeldLicence | undefined): RoleGroup {
  const group = groupRole(role);
  return group === 'Unknown' ? (licence?.roleGroup ?? 'Unknown') : group;
}
