import type { CompanyState, ContactMethod, NotificationRule, Person } from '../company/company.ts';
import { apiOf } from './render.ts';

/** Everybody has their address at least. */
export function contactMethodsOf(user: Person): readonly ContactMethod[] {
  return user.contactMethods ?? [{ id: `${user.id}C`, type: 'email_contact_method', label: 'Default', address: user.email }];
}

export function notificationRulesOf(user: Person): readonly NotificationRule[] {
  return user.notificationRules ?? [{ id: `${user.id}N`, delayMinutes: 0, urgency: 'high', contactMethodId: `${user.id}C` }];
}

export function contactMethodReference(company: CompanyState, user: Person, method: ContactMethod): object {
  const self = `${apiOf(company)}/users/${user.id}/contact_methods/${method.id}`;
  return { id: method.id, type: `${method.type}_reference`, summary: method.label, self, html_url: null };
}

export function renderContactMethod(company: CompanyState, user: Person, method: ContactMethod): object {
  const { type, label, address, countryCode } = method;
  const kindly = type === 'email_contact_method' ? { send_short_email: false } : countryCode === undefined ? {} : { country_code: countryCode };
  return { ...contactMethodReference(company, user, method), type, label, address, ...kindly };
}

export function notificationRuleReference(company: CompanyState, user: Person, rule: NotificationRule): object {
  const self = `${apiOf(company)}/users/${user.id}/notification_rules/${rule.id}`;
  return { id: rule.id, type: 'assignment_notification_rule_reference', summary: `After ${rule.delayMinutes} minutes`, self, html_url: null };
}

export function renderNotificationRule(company: CompanyState, user: Person, rule: NotificationRule): object {
  const method = contactMethodsOf(user).find(({ id }) => id === rule.contactMethodId);
  return {
    ...notificationRuleReference(company, user, rule),
    type: 'assignment_notification_rule',
    start_delay_in_minutes: rule.delayMinutes,
    urgency: rule.urgency,
    contact_method: method === undefined ? null : contactMethodReference(company, user, method),
  };
}
