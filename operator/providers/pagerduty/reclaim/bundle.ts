import { z } from 'zod';
import { terminal } from '../../../api/errors.ts';
import type { UndoBundle } from '../../reclaim.ts';

/** Of the content below: raise it when an older bundle can no longer be read as it stands. */
export const bundleVersion = '1';
export const bundleProvider = 'PagerDuty';

const text = z.string();
const contactMethod = z.object({
  id: text,
  type: text,
  label: text,
  address: text,
  countryCode: z.int().optional(),
  sendShortEmail: z.boolean().optional(),
});
const notificationRule = z.object({ delayMinutes: z.int(), urgency: text, contactMethodId: text });
const handoffRule = z.object({ advanceMinutes: z.int().optional(), handoffType: text, contactMethodId: text });
const team = z.object({ id: text, name: text, role: text.optional() });
const subscription = z.object({ id: text, type: text });
const position = z.object({ kind: z.enum(['Schedule', 'ShiftSchedule', 'EscalationPolicy']), id: text, name: text, detail: text });

/** What can be brought back of somebody (D4). Everything in it is personal data: it is kept in a Secret only (guard 7). */
const content = z
  .object({
    action: z.enum(['Downgrade', 'Remove']),
    /** What a Downgrade was to leave; without a licence where PagerDuty was to choose it. Only what is still so is the reclaim's own work (guard 10). */
    left: z.object({ role: text, licenseId: text.optional() }).optional(),
    person: z.object({
      name: text,
      email: text,
      role: text,
      timeZone: text.optional(),
      color: text.optional(),
      jobTitle: text.optional(),
      description: text.optional(),
    }),
    /** Undefined where licences are hidden. */
    licenseId: text.optional(),
    teams: z.array(team),
    contactMethods: z.array(contactMethod),
    notificationRules: z.array(notificationRule),
    handoffRules: z.array(handoffRule),
    statusUpdateRules: z.array(z.object({ contactMethodId: text })),
    subscriptions: z.array(subscription),
    /** Labels. */
    tags: z.array(text),
    positions: z.array(position),
    /** Parts that could not be read, and so are lost. */
    unread: z.array(z.object({ part: text, why: text })),
  })
  .refine(({ action, left }) => (action === 'Downgrade') === (left !== undefined), { path: ['left'] });

export type BundleContent = z.infer<typeof content>;
export type BundledContact = z.infer<typeof contactMethod>;
export type BundledTeam = z.infer<typeof team>;
export type BundledRule = z.infer<typeof notificationRule>;
export type BundledHandoff = z.infer<typeof handoffRule>;

/** Throws Terminal `UnusableBundle`, without a word of what is in it. */
export function openBundle(bundle: UndoBundle): BundleContent {
  const parsed = content.safeParse(bundle.content);
  if (bundle.provider === bundleProvider && bundle.version === bundleVersion && parsed.success) return parsed.data;
  throw terminal('UnusableBundle', 'The undo bundle is not one that this version of the operator can read: use the version that took it.', {
    version: bundle.version.slice(0, 32),
    field: parsed.success ? '' : (parsed.error.issues[0]?.path ?? []).map(String).join('.').slice(0, 128),
  });
}
