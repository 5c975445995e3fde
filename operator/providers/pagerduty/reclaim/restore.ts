import { retryable, terminal } from '../../../api/errors.ts';
import type { RestoreReport, UndoBundle } from '../../reclaim.ts';
import type { Client } from '../client.ts';
import { describeChange } from './act.ts';
import { openBundle, type BundleContent } from './bundle.ts';
import { explainRefusal, makeChange, type Changed } from './change.ts';
import { known } from './checked.ts';
import { readLicence, readPerson } from './person.ts';

import { personPlace, requirePersonId } from './places.ts';
import { isLicenceRefusal } from './refusals.ts';
import { createReport, type Report } from './report.ts';
import { restoreContacts, restoreHandoffRules, restoreRules, restoreStatusRules, type Undoing } from './restore-contacts.ts';
import { restoreSubscriptions, restoreTags, restoreTeams } from './restore-ties.ts';
import { revivePerson } from './revive.ts';
import type { PersonRow } from './schemas.ts';

/**
 * Undoes a removal or a downgrade from what was read before it (D4, C7). Each thing is looked for before it is made, so that it may be
 * called again after it broke off. Nobody is put back on a rotation or a policy, and nothing is deleted.
 */
export async function restorePerson(bundle: UndoBundle, client: Client): Promise<RestoreReport> {
  const content = openBundle(bundle);
  const formerId = requirePersonId(bundle.externalUserId);
  const report = createReport();
  const id = content.action === 'Remove' ? await restoreRemoved(formerId, content, { client, report }) : await restoreDowngraded(formerId, content, { client, report });
  for (const { part, why } of content.unread) report.lost(part, why);
  return report.finish(id);
}

interface Tools {
  readonly client: Client;
  readonly report: Report;
}

async function restoreRemoved(formerId: string, content: BundleContent, { client, report }: Tools): Promise<string> {
  const id = await revivePerson(formerId, content, { client, report });
  const person = await readRevived(id, client);
  report.restored('person', 1);
  const undoing: Undoing = { id, content, client, report };
  const contacts = await restoreContacts(undoing, person);
  await restoreRules(undoing, person, contacts);
  await restoreHandoffRules(undoing, contacts);
  await restoreStatusRules(undoing, contacts);
  await restoreSubscriptions(undoing);
  await restoreTeams(undoing, person);
  await restoreTags(undoing);
  if (id !== formerId) listLosses(content, person, report);
  return id;
}

async function readRevived(id: string, client: Client): Promise<PersonRow> {
  const person = await readPerson(id, client);
  if (person !== undefined) return person;
  throw retryable('UndoUnclear', 'PagerDuty does not show the person yet who was invited again: the undo goes on once it does.');
}

/** What no API gives back. */
function listLosses({ positions, person: former }: BundleContent, person: PersonRow, report: Report): void {
  if (person.role !== former.role) report.lost('role', `it was ${former.role} and is ${person.role} now, as somebody invited the person meanwhile: change it by hand`);
  report.lost('id', 'PagerDuty never gives an id twice, so references to the former one stay as they are');
  report.lost('sign-in', 'the person accepts a new invitation, and sets a password or links single sign-on again');
  report.lost('user API keys', 'they died with the former user: the person makes new ones');
  report.lost('history', 'incidents, notes and records stay with the former user');
  for (const { kind, name, id, detail } of positions) report.lost(positionParts[kind], `${name} (${id}), ${detail}: put the person back by hand where it is still wanted`);
}

const positionParts = { Schedule: 'schedule', ShiftSchedule: 'shift-based schedule', EscalationPolicy: 'escalation policy' } as const;

async function restoreDowngraded(id: string, content: BundleContent, { client, report }: Tools): Promise<string> {
  const before = await readPerson(id, client);
  if (before === undefined) throw terminal('PersonGone', 'The person is gone from PagerDuty, so there is nobody to give the former role back to.');
  const held = known(await readLicence(id, client));
  const isBack = before.role === content.person.role && (content.licenseId === undefined || held === undefined || held.identifier === content.licenseId);
  if (!isBack) await raise(before, content, { client, report });
  report.restored('role', 1);
  const person = isBack ? before : { ...before, role: content.person.role };
  await restoreTeams({ id, content, client, report }, person);
  return id;
}

/** Role and licence in one request (T12); the role alone where the licence is no more to be had. */
async function raise(person: PersonRow, content: BundleContent, { client, report }: Tools): Promise<void> {
  // Name and address as they are today: the undo is of the role alone.
  const about = { id: person.id, person: { displayName: person.name, address: person.email }, role: content.person.role };
  const change = (licence: string | undefined): Promise<Changed> =>
    makeChange({ method: 'PUT', place: personPlace(person.id), json: { user: describeChange({ ...about, licence }) } }, client);
  let changed = await change(content.licenseId);
  if (changed.kind === 'Refused' && content.licenseId !== undefined && isLicenceRefusal(changed.said.texts)) {
    report.lost('licence', 'PagerDuty no longer offers it, or it has no seat left: it chose one that goes with the role');
    changed = person.role === content.person.role ? { kind: 'Done', json: undefined } : await change(undefined);
  }
  if (changed.kind === 'Done') return;
  const why = isLicenceRefusal(changed.said.texts) ? 'no licence with a seat left goes with it' : explainRefusal(changed);
  throw terminal('RoleNotRestored', `The former role could not be given back: ${why}.`, changed.error.detail);
}
