import type { ContactMethod, Person, Subscription, Tag } from './company.ts';
import type { Incident } from './history.ts';
import type { Draw } from './draw.ts';

const LABELS = ['license-keep', 'contractor', 'emea', 'apac', 'on-call-trainer', 'platform'];

export function drawTags(draw: Draw): Tag[] {
  return LABELS.map((label) => ({ id: draw.id(), label }));
}

/** What somebody has at PagerDuty beside their place in it: tags, contact methods, rules, subscriptions. Most have little. */
export function drawBelongings(person: Person, { draw, tags, incidents }: { draw: Draw; tags: readonly Tag[]; incidents: readonly Incident[] }): Person {
  const tagIds = draw.chance(0.15) ? [...new Set([draw.pick(tags).id, draw.pick(tags).id])] : [];
  const more = person.invitationSent ? [] : drawContacts(person, draw);
  const known: ContactMethod[] = [{ id: `${person.id}C`, type: 'email_contact_method', label: 'Default', address: person.email }, ...more];
  const contact = (): string => draw.pick(known).id;
  const drawn = { tagIds, contactMethods: known, ...drawRules(person, contact, draw), subscriptions: drawSubscriptions(incidents, draw) };
  // What is as it always is need not be written down.
  const own = Object.entries(drawn).filter(([name, items]) => items.length > (name === 'contactMethods' || name === 'notificationRules' ? 1 : 0));
  return { ...person, ...Object.fromEntries(own) };
}

function drawContacts(person: Person, draw: Draw): ContactMethod[] {
  const found: ContactMethod[] = [];
  if (draw.chance(0.4)) found.push({ id: `${person.id}C1`, type: 'sms_contact_method', label: 'Mobile', address: drawNumber(draw), countryCode: draw.pick([1, 44, 49]) });
  if (draw.chance(0.2)) found.push({ id: `${person.id}C2`, type: 'phone_contact_method', label: 'Desk', address: drawNumber(draw), countryCode: 1 });
  if (draw.chance(0.3)) found.push({ id: `${person.id}C3`, type: 'push_notification_contact_method', label: 'Phone app', address: `device-of-${person.id}` });
  return found;
}

/** Numbers that are kept for stories. */
function drawNumber(draw: Draw): string {
  return `55555501${String(draw.between(0, 99)).padStart(2, '0')}`;
}

function drawRules(person: Person, contact: () => string, draw: Draw): Pick<Required<Person>, 'notificationRules' | 'handoffRules' | 'statusUpdateRules'> {
  const first = { id: `${person.id}N`, delayMinutes: 0, urgency: 'high', contactMethodId: `${person.id}C` } as const;
  const later = draw.chance(0.3) ? [{ id: `${person.id}N1`, delayMinutes: draw.pick([5, 10, 30]), urgency: draw.pick(['high', 'low'] as const), contactMethodId: contact() }] : [];
  const handoff = draw.chance(0.25) ? [{ id: `${person.id}H`, advanceMinutes: draw.pick([0, 60, 180]), handoffType: draw.pick(['both', 'oncall', 'offcall'] as const), contactMethodId: contact() }] : [];
  const status = draw.chance(0.15) ? [{ id: `${person.id}U`, contactMethodId: contact() }] : [];
  return { notificationRules: [first, ...later], handoffRules: handoff, statusUpdateRules: status };
}

function drawSubscriptions(incidents: readonly Incident[], draw: Draw): Subscription[] {
  const services: Subscription[] = draw.chance(0.2) ? [{ id: `PBIZ${draw.between(10, 99)}`, type: 'business_service' }] : [];
  const open: Subscription[] = incidents.length > 0 && draw.chance(0.05) ? [{ id: draw.pick(incidents).id, type: 'incident' }] : [];
  return [...services, ...open];
}
