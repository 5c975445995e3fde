import { z } from 'zod';
import type { HandoffRule, Person, StatusUpdateRule } from '../company/company.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, refuse } from '../http/replies.ts';
import { findOwn, findUser } from './contacts.ts';
import { apiOf } from './render.ts';
import { contactMethodReference, contactMethodsOf } from './render-contacts.ts';

/** How somebody is told that a shift begins or ends, and of updates to incidents. Not paged. */
export const ruleRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/users/{id}/oncall_handoff_notification_rules', scope: 'users.read', handle: listHandoffRules },
  { method: 'POST', pattern: '/users/{id}/oncall_handoff_notification_rules', scope: 'users.write', handle: addHandoffRule },
  { method: 'GET', pattern: '/users/{id}/status_update_notification_rules', scope: 'users.read', handle: listStatusRules },
  { method: 'POST', pattern: '/users/{id}/status_update_notification_rules', scope: 'users.write', handle: addStatusRule },
];

const contact = z.object({ id: z.string(), type: z.string().regex(/^(email|phone|sms|push_notification|whatsapp)_contact_method(_reference)?$/) });
const handoffWish = z.object({
  oncall_handoff_notification_rule: z.object({
    notify_advance_in_minutes: z.int().min(0).default(0),
    handoff_type: z.enum(['both', 'oncall', 'offcall']),
    contact_method: contact,
  }),
});
const statusWish = z.object({ status_update_notification_rule: z.object({ contact_method: contact }) });

function listHandoffRules(call: Call): Reply {
  const user = findUser(call);
  return json({ oncall_handoff_notification_rules: (user.handoffRules ?? []).map((rule) => renderHandoffRule(call, user, rule)) });
}

function addHandoffRule(call: Call): Reply {
  const user = findOwn(call);
  const wished = readJson(call, handoffWish).oncall_handoff_notification_rule;
  demandContact(user, wished.contact_method.id);
  const known = user.handoffRules ?? [];
  const rule = {
    id: `${user.id}H${known.length}`,
    advanceMinutes: wished.notify_advance_in_minutes,
    handoffType: wished.handoff_type,
    contactMethodId: wished.contact_method.id,
  };
  const isKnown = known.some((one) => one.advanceMinutes === rule.advanceMinutes && one.handoffType === rule.handoffType && one.contactMethodId === rule.contactMethodId);
  if (isKnown) refuse(invalidInput('The handoff rule is there already.'));
  call.account.updateUser(user.id, { handoffRules: [...known, rule] });
  return json({ oncall_handoff_notification_rule: renderHandoffRule(call, user, rule) }, 201);
}

function listStatusRules(call: Call): Reply {
  const user = findUser(call);
  return json({ status_update_notification_rules: (user.statusUpdateRules ?? []).map((rule) => renderStatusRule(call, user, rule)) });
}

function addStatusRule(call: Call): Reply {
  const user = findOwn(call);
  const { contact_method: method } = readJson(call, statusWish).status_update_notification_rule;
  demandContact(user, method.id);
  const known = user.statusUpdateRules ?? [];
  if (known.some(({ contactMethodId }) => contactMethodId === method.id)) refuse(invalidInput('The status update rule is there already.'));
  const rule = { id: `${user.id}U${known.length}`, contactMethodId: method.id };
  call.account.updateUser(user.id, { statusUpdateRules: [...known, rule] });
  return json({ status_update_notification_rule: renderStatusRule(call, user, rule) }, 201);
}

function demandContact(user: Person, id: string): void {
  if (!contactMethodsOf(user).some((method) => method.id === id)) refuse(invalidInput("contact_method is not one of the user's."));
}

function renderHandoffRule(call: Call, user: Person, { id, advanceMinutes, handoffType, contactMethodId }: HandoffRule): object {
  return { id, handoff_type: handoffType, notify_advance_in_minutes: advanceMinutes, contact_method: renderContact(call, user, contactMethodId) };
}

function renderStatusRule(call: Call, user: Person, { id, contactMethodId }: StatusUpdateRule): object {
  const self = `${apiOf(call.account.company)}/users/${user.id}/status_update_notification_rules/${id}`;
  return { id, type: 'status_update_notification_rule', summary: 'Status updates', self, contact_method: renderContact(call, user, contactMethodId), created_at: new Date(user.createdAt).toISOString() };
}

function renderContact(call: Call, user: Person, id: string): object | null {
  const method = contactMethodsOf(user).find((one) => one.id === id);
  return method === undefined ? null : contactMethodReference(call.account.company, user, method);
}
