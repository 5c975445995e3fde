import type { Client } from '../client.ts';
import { parseAnswer } from '../schemas.ts';
import { readContacts, readHandoffRules, readRules, readStatusRules } from './belongings.ts';
import type { BundleContent, BundledContact, BundledHandoff, BundledRule } from './bundle.ts';
import type { Checked } from './checked.ts';
import { personPlace } from './places.ts';
import { putBack } from './put-back.ts';
import type { Report } from './report.ts';
import { madeContactAnswer, type PersonRow } from './schemas.ts';

/** What the steps of one undo share. */
export interface Undoing {
  readonly id: string;
  readonly content: BundleContent;
  readonly client: Client;
  readonly report: Report;
}

/** A contact method as it is now. */
export interface Contact {
  readonly id: string;
  readonly type: string;
}

/** By the id that it had: rules refer to it. */
export type ContactMap = ReadonlyMap<string, Contact>;

const pushType = 'push_notification_contact_method';
const noContact = 'it uses a contact method that is not there any more';

/** Contact methods, but those of the mobile app, which only the app itself can make. */
export async function restoreContacts(undoing: Undoing, person: PersonRow): Promise<ContactMap> {
  const { id, content, client, report } = undoing;
  const now = await readContacts(person, client);
  const map = new Map<string, Contact>();
  if (lostPart(now, 'contact methods', content.contactMethods.length, report)) return map;
  const place = personPlace(id, '/contact_methods');
  for (const method of content.contactMethods) {
    const same = now.value.find((one) => isSame(one, method));
    if (same !== undefined) map.set(method.id, { id: same.id, type: same.type });
  }
  const mobile = content.contactMethods.filter(({ type }) => type === pushType);
  await putBack(
    {
      name: 'contact methods',
      items: content.contactMethods.filter((method) => method.type !== pushType || map.has(method.id)),
      isThere: (method) => now.value.some((one) => isSame(one, method) && !needsLabel(one, method)),
      plan(method) {
        const known = map.get(method.id);
        const json = { contact_method: describeContact(method) };
        if (known === undefined) return { method: 'POST', place, json };
        return { method: 'PUT', place: { route: `${place.route}/{contact_method_id}`, path: `${place.path}/${encodeURIComponent(known.id)}` }, json };
      },
      onMade(method, json) {
        if (map.has(method.id)) return;
        map.set(method.id, { id: parseAnswer(madeContactAnswer, json, place.route).contact_method.id, type: method.type });
      },
    },
    client,
    report,
  );
  // A label of the person's own stays, and is nothing to show (guards 7, 10).
  if (content.contactMethods.some((method) => now.value.some((one) => isSame(one, method) && one.label !== method.label && one.label !== freshLabel))) report.kept('labels of contact methods', {});
  const missing = mobile.filter((method) => !map.has(method.id)).length;
  if (missing > 0) report.lost('mobile app', `${missing} push contact method(s) come back when the person signs in to the app again`);
  return map;
}

function isSame(a: BundledContact, b: BundledContact): boolean {
  return a.type === b.type && a.address.toLowerCase() === b.address.toLowerCase() && (a.countryCode ?? 1) === (b.countryCode ?? 1);
}

/** Label that PagerDuty gives to the address of somebody new. */
const freshLabel = 'Default';

function needsLabel(present: BundledContact, former: BundledContact): boolean {
  return present.label === freshLabel && former.label !== freshLabel;
}

function describeContact({ type, label, address, countryCode, sendShortEmail }: BundledContact): object {
  return {
    type,
    label,
    address,
    ...(countryCode === undefined ? {} : { country_code: countryCode }),
    ...(sendShortEmail === undefined ? {} : { send_short_email: sendShortEmail }),
  };
}

/** Says that a part is lost where it cannot be looked at: nothing is made blindly, for it might be made twice. */
export function lostPart<T>(now: Checked<T>, name: string, count: number, report: Report): now is Extract<Checked<T>, { kind: 'Unknown' }> {
  if (now.kind === 'Known') return false;
  if (count > 0) report.lost(name, `${count} of ${count}: what is there now cannot be read: ${now.why}`);
  return true;
}

export async function restoreRules(undoing: Undoing, person: PersonRow, contacts: ContactMap): Promise<void> {
  const { id, content, client, report } = undoing;
  const now = await readRules(person, client);
  if (lostPart(now, 'notification rules', content.notificationRules.length, report)) return;
  const place = personPlace(id, '/notification_rules');
  const same = (a: BundledRule, b: BundledRule): boolean =>
    a.delayMinutes === b.delayMinutes && a.urgency === b.urgency && a.contactMethodId === contacts.get(b.contactMethodId)?.id;
  await putBack(
    {
      name: 'notification rules',
      items: content.notificationRules,
      isThere: (rule) => now.value.some((one) => same(one, rule)),
      plan: ({ delayMinutes, urgency, contactMethodId }) => {
        const contact = contacts.get(contactMethodId);
        if (contact === undefined) return noContact;
        const rule = { type: 'assignment_notification_rule', start_delay_in_minutes: delayMinutes, urgency, contact_method: { id: contact.id, type: contact.type } };
        return { method: 'POST', place, json: { notification_rule: rule } };
      },
    },
    client,
    report,
  );
  const added = now.value.filter((one) => !content.notificationRules.some((rule) => same(one, rule))).length;
  // Nothing is deleted in an undo: the person may have made them meanwhile.
  if (added > 0) report.lost('notification rules', `${added} that PagerDuty or the person made meanwhile are still there: delete what is not wanted`);
}

export async function restoreHandoffRules(undoing: Undoing, contacts: ContactMap): Promise<void> {
  const { id, content, client, report } = undoing;
  const now = await readHandoffRules(id, client);
  if (lostPart(now, 'handoff rules', content.handoffRules.length, report)) return;
  const same = (a: BundledHandoff, b: BundledHandoff): boolean =>
    a.advanceMinutes === b.advanceMinutes && a.handoffType === b.handoffType && a.contactMethodId === contacts.get(b.contactMethodId)?.id;
  await putBack(
    {
      name: 'handoff rules',
      items: content.handoffRules,
      isThere: (rule) => now.value.some((one) => same(one, rule)),
      plan: ({ advanceMinutes, handoffType, contactMethodId }) => {
        const contact = contacts.get(contactMethodId);
        if (contact === undefined) return noContact;
        const advance = advanceMinutes === undefined ? {} : { notify_advance_in_minutes: advanceMinutes };
        const rule = { ...advance, handoff_type: handoffType, contact_method: contact };
        return { method: 'POST', place: personPlace(id, '/oncall_handoff_notification_rules'), json: { oncall_handoff_notification_rule: rule } };
      },
    },
    client,
    report,
  );
}

export async function restoreStatusRules(undoing: Undoing, contacts: ContactMap): Promise<void> {
  const { id, content, client, report } = undoing;
  const now = await readStatusRules(id, client);
  if (lostPart(now, 'status update rules', content.statusUpdateRules.length, report)) return;
  await putBack(
    {
      name: 'status update rules',
      items: content.statusUpdateRules,
      isThere: ({ contactMethodId }) => now.value.some((one) => one.contactMethodId === contacts.get(contactMethodId)?.id),
      plan: ({ contactMethodId }) => {
        const contact = contacts.get(contactMethodId);
        if (contact === undefined) return noContact;
        return { method: 'POST', place: personPlace(id, '/status_update_notification_rules'), json: { status_update_notification_rule: { contact_method: contact } } };
      },
    },
    client,
    report,
  );
}
