import { z } from 'zod';
import { demandAdmin } from '../auth/credentials.ts';
import type { ContactMethod, Person } from '../company/company.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, notFound, refuse } from '../http/replies.ts';
import { contactMethodsOf, notificationRulesOf, renderContactMethod, renderNotificationRule } from './render-contacts.ts';

const read = { method: 'GET', scope: 'users:contact_methods.read' } as const;
const write = { method: 'POST', scope: 'users:contact_methods.write' } as const;

/** Not paged; what a deletion loses for good (facts 0.2). */
export const contactRoutes: readonly Route[] = [
  { ...read, pattern: '/users/{id}/contact_methods', handle: listMethods },
  { ...write, pattern: '/users/{id}/contact_methods', handle: addMethod },
  { ...read, pattern: '/users/{id}/contact_methods/{contact_method_id}', handle: showMethod },
  { ...write, method: 'PUT', pattern: '/users/{id}/contact_methods/{contact_method_id}', handle: changeMethod },
  { ...read, pattern: '/users/{id}/notification_rules', handle: listRules },
  { ...write, pattern: '/users/{id}/notification_rules', handle: addRule },
];

function listMethods(call: Call): Reply {
  const user = findUser(call);
  return json({ contact_methods: contactMethodsOf(user).map((method) => renderContactMethod(call.account.company, user, method)) });
}

function listRules(call: Call): Reply {
  const user = findUser(call);
  return json({ notification_rules: notificationRulesOf(user).map((rule) => renderNotificationRule(call.account.company, user, rule)) });
}

const kinds = z.enum(['email_contact_method', 'phone_contact_method', 'push_notification_contact_method', 'sms_contact_method', 'whatsapp_contact_method']);
const methodWish = z.object({
  contact_method: z.object({ type: kinds, label: z.string().min(1), address: z.string().min(1), country_code: z.int().min(1).max(1999).optional() }),
});
const ruleWish = z.object({
  notification_rule: z.object({
    type: z.literal('assignment_notification_rule'),
    start_delay_in_minutes: z.int().min(0),
    urgency: z.enum(['high', 'low']),
    contact_method: z.object({ id: z.string() }),
  }),
});

function addMethod(call: Call): Reply {
  const user = findOwn(call);
  const { type, label, address, country_code: countryCode } = readJson(call, methodWish).contact_method;
  const known = contactMethodsOf(user);
  if (known.some((method) => method.type === type && method.address === address)) refuse(invalidInput('The contact method is there already.'));
  const method = { id: `${user.id}C${known.length}`, type, label, address, ...(countryCode === undefined ? {} : { countryCode }) };
  call.account.updateUser(user.id, { contactMethods: [...known, method] });
  return json({ contact_method: renderContactMethod(call.account.company, user, method) }, 201);
}

function showMethod(call: Call): Reply {
  const user = findUser(call);
  return json({ contact_method: renderContactMethod(call.account.company, user, findMethod(call, user)) });
}

/** What it is of stays as it is: another kind would be another contact method. */
function changeMethod(call: Call): Reply {
  const user = findOwn(call);
  const before = findMethod(call, user);
  const { type, label, address, country_code: countryCode } = readJson(call, methodWish).contact_method;
  if (type !== before.type) refuse(invalidInput('The type cannot be changed.'));
  const changed = { ...before, label, address, ...(countryCode === undefined ? {} : { countryCode }) };
  call.account.updateUser(user.id, { contactMethods: contactMethodsOf(user).map((method) => (method.id === before.id ? changed : method)) });
  return json({ contact_method: renderContactMethod(call.account.company, user, changed) });
}

function findMethod({ params }: Call, user: Person): ContactMethod {
  return contactMethodsOf(user).find(({ id }) => id === params['contact_method_id']) ?? refuse(notFound);
}

function addRule(call: Call): Reply {
  const user = findOwn(call);
  const { start_delay_in_minutes: delayMinutes, urgency, contact_method: method } = readJson(call, ruleWish).notification_rule;
  if (!contactMethodsOf(user).some(({ id }) => id === method.id)) refuse(invalidInput('contact_method is not one of the user\'s.'));
  const known = notificationRulesOf(user);
  const rule = { id: `${user.id}N${known.length}`, delayMinutes, urgency, contactMethodId: method.id };
  call.account.updateUser(user.id, { notificationRules: [...known, rule] });
  return json({ notification_rule: renderNotificationRule(call.account.company, user, rule) }, 201);
}

export function findUser({ account, params }: Call): Person {
  return account.user(params['id'] ?? '') ?? refuse(notFound);
}

/** One's own, or as an administrator. */
export function findOwn(call: Call): Person {
  const user = findUser(call);
  const denied = user.id === call.credential.userId ? undefined : demandAdmin(call.credential, call.account, 'Cannot change users');
  return denied === undefined ? user : refuse(denied);
}
