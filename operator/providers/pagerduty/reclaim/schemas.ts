import { z } from 'zod';

/*
 * What reclaiming reads of PagerDuty's answers (facts/pagerduty.md 3.1, 5.5). Whatever a guard decides on is required: an answer
 * without it is malformed, never "nothing there" (guard 6).
 */

const id = z.string().min(1).max(128);
const text = z.string().nullish();
const reference = z.object({ id, summary: text });
const contactReference = z.object({ id, type: z.string() });

/** A reference, or the whole with `include[]=contact_methods`. */
export const contactMethodRow = z.object({
  id,
  type: z.string(),
  label: text,
  address: text,
  country_code: z.int().nullish(),
  send_short_email: z.boolean().nullish(),
});
export type ContactMethodRow = z.infer<typeof contactMethodRow>;

export const notificationRuleRow = z.object({
  id,
  start_delay_in_minutes: z.int().nullish(),
  urgency: text,
  contact_method: contactReference.nullish(),
});
export type NotificationRuleRow = z.infer<typeof notificationRuleRow>;

export const personAnswer = z.object({
  user: z.object({
    id,
    name: z.string(),
    email: z.string().min(1).max(320),
    role: z.string().min(1).max(64),
    time_zone: text,
    color: text,
    job_title: text,
    description: text,
    invitation_sent: z.boolean().nullish(),
    created_via_sso: z.boolean().nullish(),
    teams: z.array(z.object({ id, name: text, summary: text })).nullish(),
    contact_methods: z.array(contactMethodRow).nullish(),
    notification_rules: z.array(notificationRuleRow).nullish(),
  }),
});
export type PersonRow = z.infer<typeof personAnswer>['user'];

export const selfAnswer = z.object({ user: z.object({ id }) });
export const personLicenseAnswer = z.object({ license: z.object({ id, role_group: text }) });

export const incidentRows = z.array(z.object({ id, incident_number: z.int().nullish(), title: text, summary: text, status: text }));
export type IncidentRow = z.infer<typeof incidentRows>[number];

export const policyRows = z.array(
  z.object({
    id,
    name: text,
    summary: text,
    escalation_rules: z.array(z.object({ targets: z.array(z.object({ id })).nullish() })).nullish(),
  }),
);
export type PolicyRow = z.infer<typeof policyRows>[number];

export const namedOncallRows = z.array(
  z.object({
    user: z.object({ id }).nullish(),
    schedule: reference.nullish(),
    escalation_policy: reference.nullish(),
    escalation_level: z.int().nullish(),
    start: z.string().nullable(),
    end: z.string().nullable(),
  }),
);
export type NamedOncallRow = z.infer<typeof namedOncallRows>[number];

export const scheduleRows = z.array(
  z.object({
    id,
    name: text,
    summary: text,
    users: z.array(z.object({ id })),
    schedule_layers: z
      .array(z.object({ name: text, end: text, users: z.array(z.object({ user: z.object({ id }).nullish() })).nullish() }))
      .nullish(),
  }),
);
export type ScheduleRow = z.infer<typeof scheduleRows>[number];

export const shiftScheduleRows = z.array(reference);

/** Whatever it holds is looked through, so that a form that we do not know hides nobody. */
export const shiftScheduleAnswer = z.object({
  schedule: z.looseObject({
    id,
    name: text,
    summary: text,
    rotations: z.array(z.looseObject({ events: z.array(z.looseObject({ name: text, effective_until: text })) })),
  }),
});
export type ShiftScheduleRow = z.infer<typeof shiftScheduleAnswer>['schedule'];

export const tagRows = z.array(z.object({ id, label: text, summary: text }));
export type TagRow = z.infer<typeof tagRows>[number];

export const memberRows = z.array(z.object({ user: z.object({ id }), role: text }));
export type MemberRow = z.infer<typeof memberRows>[number];

export const handoffRulesAnswer = z.object({
  oncall_handoff_notification_rules: z.array(
    z.object({ id, notify_advance_in_minutes: z.int().nullish(), handoff_type: text, contact_method: contactReference }),
  ),
});

export const statusRulesAnswer = z.object({ status_update_notification_rules: z.array(z.object({ id: text, contact_method: contactReference })) });

const subscription = z.object({ subscribable_id: id, subscribable_type: z.string().min(1).max(64) });
export const subscriptionRows = z.array(z.object({ subscription }));
export type SubscriptionRow = z.infer<typeof subscriptionRows>[number];
export const subscribedAnswer = z.object({ subscriptions: z.array(subscription.extend({ result: text })) });

export const contactMethodsAnswer = z.object({ contact_methods: z.array(contactMethodRow) });
export const notificationRulesAnswer = z.object({ notification_rules: z.array(notificationRuleRow) });
export const madePersonAnswer = z.object({ user: z.object({ id, role: z.string() }) });
export const madeContactAnswer = z.object({ contact_method: z.object({ id }) });

/** Who made an account (facts/pagerduty.md 4.6). */
export const provenanceAnswer = z.object({
  records: z.array(z.object({ id: z.string().min(1), action: text, method: z.object({ type: z.string() }).nullish() })),
  next_cursor: z.string().min(1).nullable(),
});
export type ProvenanceRow = z.infer<typeof provenanceAnswer>['records'][number];
