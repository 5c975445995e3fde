import { isOtherAddress } from '../../../api/address.ts';
import { OperatorError, retryable, terminal } from '../../../api/errors.ts';
import type { Client } from '../client.ts';
import { parseAnswer, type UserRow } from '../schemas.ts';
import { pullUsers } from '../users.ts';
import type { BundleContent } from './bundle.ts';
import { explainRefusal, makeChange, type Changed } from './change.ts';
import { readPerson } from './person.ts';
import { pause } from './read-back.ts';
import { isLicenceRefusal } from './refusals.ts';
import type { Report } from './report.ts';
import { isAdmin, ownerRole } from './roles.ts';
import { madePersonAnswer } from './schemas.ts';

const route = '/users';
/** Reads show somebody for a while after the deletion (facts/pagerduty.md 5.1): only who is still there after these looks was never deleted. */
const ghostWaitsMs = [1000, 2000, 4000, 8000, 15_000] as const;

/** `NeverLeft`: still there under the former id. `Found`: invited again by others, or by a call of ours that broke off. */
export interface Revived {
  readonly kind: 'NeverLeft' | 'Found' | 'Made';
  readonly id: string;
}

/** The person, found by their address or made anew: PagerDuty never gives an id twice. */
export async function revivePerson(formerId: string, content: BundleContent, { client, report }: { client: Client; report: Report }): Promise<Revived> {
  if (await outlastsGhost(formerId, content, client)) return { kind: 'NeverLeft', id: formerId };
  const everybody = await listEverybody(client);
  const found = everybody.find((row) => row.id !== formerId && row.email.toLowerCase() === content.person.email.toLowerCase());
  if (found !== undefined) {
    // An address can be given to somebody new, who must get neither teams nor phones of another.
    if (found.name !== content.person.name) throw terminal('AddressTaken', 'Somebody of another name has the address by now, so nobody was given anything. If it is the same person, give them their former name at PagerDuty and restore again.');
    return { kind: 'Found', id: found.id };
  }
  return { kind: 'Made', id: await createPerson(content, { client, report, from: chooseSender(everybody, formerId) }) };
}

async function outlastsGhost(id: string, content: BundleContent, client: Client): Promise<boolean> {
  for (const waitMs of ghostWaitsMs) {
    if (!(await isThere(id, content, client))) return false;
    await pause(waitMs, client);
  }
  return isThere(id, content, client);
}

/** Ids are never given twice, but somebody who was not removed may have been given another address: that is another person (guard 9). */
async function isThere(id: string, content: BundleContent, client: Client): Promise<boolean> {
  const person = await readPerson(id, client, []);
  if (person === undefined || !isOtherAddress(person.email, content.person.email)) return person !== undefined;
  throw terminal('PersonChanged', 'The id was never removed and now belongs to a person with another address, so the undo changed nothing: make by hand at PagerDuty the changes that are still wanted.');
}

/** All of them, proven whole: a search by address is not documented to find addresses (facts/pagerduty.md 3.1). */
async function listEverybody(client: Client): Promise<UserRow[]> {
  const rows = new Map<string, UserRow>();
  for await (const page of pullUsers(client)) for (const row of page) rows.set(row.id, row);
  return Array.from(rows.values());
}

/** In whose name somebody is invited (facts/pagerduty.md 1.8): the owner's, else the first administrator's. */
function chooseSender(everybody: readonly UserRow[], formerId: string): string {
  const able = everybody.filter((row) => isAdmin(row.role) && row.invitation_sent !== true && row.id !== formerId);
  const [first] = able.sort((a, b) => Number(b.role === ownerRole) - Number(a.role === ownerRole) || (a.id < b.id ? -1 : 1));
  if (first !== undefined) return first.email;
  throw terminal('NoAdministrator', 'PagerDuty shows no owner or administrator in whose name the person could be invited again.');
}

interface Creation {
  readonly client: Client;
  readonly report: Report;
  readonly from: string;
}

async function createPerson(content: BundleContent, { client, report, from }: Creation): Promise<string> {
  const create = (licence: string | undefined): Promise<Changed> => makeChange({ method: 'POST', place: { route, path: route }, json: { user: describe(content, licence) }, from }, client);
  let made = await create(content.licenseId);
  if (made.kind === 'Refused' && content.licenseId !== undefined && isLicenceRefusal(made.said.texts)) {
    report.lost('licence', 'PagerDuty no longer offers the licence, or has no free seat, and chose another licence that allows the role');
    made = await create(undefined);
  }
  if (made.kind === 'Refused') throw refuseCreation(made);
  try {
    return parseAnswer(madePersonAnswer, made.json, route).user.id;
  } catch (error) {
    // Made, and the answer is spoiled: the next call finds them by their address.
    if (error instanceof OperatorError) throw retryable('UndoUnclear', 'PagerDuty made the person, and its answer could not be read: the undo goes on with what is there.');
    throw error;
  }
}

function refuseCreation(made: Extract<Changed, { kind: 'Refused' }>): OperatorError {
  const why = isLicenceRefusal(made.said.texts) ? 'no licence with a free seat allows the role' : explainRefusal(made);
  return terminal('PersonNotRestored', `The person could not be invited again: ${why}.`, made.error.detail);
}

function describe({ person }: BundleContent, licence: string | undefined): object {
  return {
    type: 'user',
    name: person.name,
    email: person.email,
    role: person.role,
    ...(person.timeZone === undefined ? {} : { time_zone: person.timeZone }),
    ...(person.color === undefined ? {} : { color: person.color }),
    ...(person.jobTitle === undefined ? {} : { job_title: person.jobTitle }),
    ...(person.description === undefined ? {} : { description: person.description }),
    ...(licence === undefined ? {} : { license: { id: licence, type: 'license_reference' } }),
  };
}
