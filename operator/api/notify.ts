import { z } from 'zod';
import { objectName } from './meta.ts';

/** Ways to tell people. */
export const channelTypes = ['Email', 'Slack', 'Webhook'] as const;
export type ChannelType = (typeof channelTypes)[number];

/** Whom a message is for. */
export const audiences = ['User', 'Approvers'] as const;
export type Audience = (typeof audiences)[number];

/** What a message is about. */
export const messageKinds = ['Notice', 'Reminder', 'ApprovalRequest', 'Reclaimed', 'Kept'] as const;
export type MessageKind = (typeof messageKinds)[number];

const channel = z.object({
  name: z.string().min(1).max(32).regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'lower case letters, digits and -').describe('Name of the channel in messages of status.'),
  type: z
    .enum(channelTypes)
    .describe('Email: by SMTP. Slack: an incoming webhook of Slack or of anything that takes the same. Webhook: JSON, signed with HMAC-SHA256.'),
  secretRef: z
    .object({ name: objectName('Name of the Secret, in the same namespace.') })
    .describe('Email: keys smtpUrl (smtps://user:password@host:465 or smtp://host:587), from, and approvers (addresses, one a line). Slack: url. Webhook: url and signingKey.'),
  audiences: z
    .array(z.enum(audiences))
    .min(1)
    .max(2)
    .default(['User', 'Approvers'])
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('Whom it is for: the person, those who approve, or both.'),
});
export type NoticeChannel = z.infer<typeof channel>;

const template = z.object({
  kind: z.enum(messageKinds).describe('Message that it is for.'),
  subject: z.string().min(1).max(200).optional().describe('Subject; the same placeholders.'),
  text: z
    .string()
    .min(1)
    .max(4096)
    .describe('Text. Placeholders: {{displayName}}, {{product}}, {{license}}, {{action}}, {{inactiveDays}}, {{lastActivity}}, {{deadline}}, {{keepUrl}}, {{releaseUrl}}, {{candidate}}, {{reason}}.'),
});
export type NoticeTemplate = z.infer<typeof template>;

/** How people are asked before anything is reclaimed (L4, L5, C8, C10). */
export const notify = z
  .object({
    daysBeforeAutoReclaim: z
      .int()
      .min(0)
      .max(90)
      .default(14)
      .describe('Days that a person has to answer; silence means that the subscription is reclaimed (L5, C8). 0 = told, not asked.'),
    reminders: z
      .array(z.int().min(1).max(89))
      .max(5)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'set' })
      .describe('Days before the deadline on which to remind. Default: 7 and 1, as far as they lie within the notice (C8).'),
    approval: z
      .enum(['Approvers', 'None'])
      .default('Approvers')
      .describe('Who has the last word when the person wants to keep the subscription. Approvers: it waits for spec.decision of the candidate (L5, C10). None: the wish is enough.'),
    channels: z
      .array(channel)
      .min(1)
      .max(4)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
      .describe('How people are told. Left out: by the candidate alone, which a person must look at; mode Enforce needs them.'),
    templates: z
      .array(template)
      .max(5)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['kind'] })
      .describe('Texts instead of those that the operator brings.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: '!has(self.reminders) || self.reminders.all(day, day < self.daysBeforeAutoReclaim)',
        message: 'each of reminders must be less than daysBeforeAutoReclaim',
      },
    ],
  });
export type Notify = z.infer<typeof notify>;
