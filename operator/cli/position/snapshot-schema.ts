import { z } from 'zod';
import { monthlyPeak } from '../../api/license-position.ts';
import { objectName } from '../../api/meta.ts';
import { money } from '../../api/money.ts';
import { candidateStates } from '../../api/removal-candidate.ts';
import { billingModels } from '../../api/software-entitlement.ts';
import { exclusionKinds } from '../../api/subscription-exclusion.ts';
import { activityStates, roleGroups } from '../../api/software-subscription.ts';
import { day, text, time } from './snapshot-fields.ts';

/** Version of the recorded data; a change that an older reader would misread gets another one. */
export const snapshotVersion = 'snapshot.saaslicense.dev/v2';
/** Versions that can be read. The first has nothing of what rules are judged by: it is good for positions only. */
export const readableVersions = ['snapshot.saaslicense.dev/v1', snapshotVersion] as const;

const name = objectName('Name of the object.');
const count = z.int().min(0);
const identifier = text(128).min(1);
const roleGroup = z.enum(roleGroups);
const price = z.strictObject({ ...money.shape, period: z.enum(['Month', 'Year']) });
const rights = count.max(10_000_000);

const licence = z.strictObject({
  identifier,
  name: text(253),
  roleGroup: text(64),
  subscriptions: count,
  assigned: count.optional(),
  available: count.optional(),
  unlimited: z.boolean().optional(),
});

/** How the last run ended and when one last succeeded: evidence that is too old judges nobody (C11). */
const run = { result: z.enum(['Succeeded', 'Failed']).optional(), lastSuccess: time.optional() };

const refresh = z.strictObject({
  subscriptions: z.strictObject({ ...run, start: time.optional().describe('When the last run began.'), halfWritten: z.literal(true).optional(), connection: text(64).optional(), licenseCount: count.optional(), licenses: z.array(licence).optional() }).optional(),
  activity: z
    .strictObject({
      ...run,
      connection: text(64).optional(),
      signals: z.array(z.strictObject({ name: text(64), available: z.boolean(), from: time.optional(), to: time.optional() })).optional(),
    })
    .optional(),
});

/**
 * What rules judge a subscription by besides: its object and the vendor's id, of which the hash of a plan is made (D1), and what
 * selectors are compared with, as the vendor has it.
 */
const subject = z.strictObject({
  subscription: name,
  externalUserId: text(128).min(1),
  userPrincipalName: text(320).optional().describe('Address at the vendor, as a pseudonym.'),
  jobTitle: text(253).optional(),
  role: text(64).optional().describe('Where the one above does not tell it as it is.'),
  teams: z.array(text(253)).max(50).optional().describe('Likewise.'),
  evidence: z.array(z.strictObject({ signal: text(64), at: time })).max(16).optional().describe('Latest activity by signal (C16).'),
});

/** A SoftwareSubscription; who has it is a pseudonym. */
const seat = z.strictObject({
  name,
  identifier,
  edition: text(253).optional(),
  roleGroup,
  role: text(64),
  person: text(320).min(1),
  aliases: z.array(text(320).min(1)).max(8).optional(),
  teams: z.array(text(253)).max(50).optional(),
  pending: z.literal(true).optional(),
  assignedAt: time.optional(),
  firstSeen: time.optional(),
  personSince: time.optional().describe('When the seat was handed over to this person; absent if never.'),
  activity: z.enum(activityStates).optional(),
  lastActivity: time.optional(),
  evidenceFrom: time.optional(),
  subject: subject.optional(),
});

const profile = z.strictObject({
  name,
  type: text(64).min(1),
  displayName: text(100),
  downloadActivity: z.boolean(),
  state: z.enum(['Draft', 'Published']).optional(),
  suspended: z.literal(true).optional(),
  reclaimDisabled: z.literal(true).optional().describe('Whether Reclaim Subscriptions is cleared (S50).'),
  activitySignals: z.array(text(64)).max(16),
  signals: z.array(z.strictObject({ name: text(64), sees: z.array(roleGroup) })).describe('Every signal of the provider, with the role groups that it sees (T3).'),
  teamPrecedence: z.array(text(253)).max(50).optional(),
  lastRefreshTime: time.optional(),
  refresh: refresh.optional(),
  refreshing: z.boolean().optional().describe('Whether a run of the subscriptions refresh was writing; absent where that could not be seen.'),
  seats: z.array(seat),
});

const model = z.strictObject({
  name,
  profile: name,
  publisher: text(128),
  product: text(128),
  edition: text(253).optional(),
  identifiers: z.array(identifier).min(1),
  roleGroup,
  unitPrice: price.optional(),
  thresholdDays: z.int().min(1).max(1825),
  averagePrices: z.array(z.strictObject({ currency: text(3), amountMinor: count })).max(32).optional().describe('A year of one right, by the last reconciliation; absent before the first.'),
  monthlyPeaks: z.array(monthlyPeak.strict()).max(24).optional(),
});

const renewal = z.strictObject({ noticeDays: z.int().min(0).max(365), bufferPercent: z.int().min(0).max(100) });

/** A SoftwareEntitlement. */
const contract = z.strictObject({
  name,
  model: name,
  rights: rights.min(1),
  price,
  billing: z.enum(billingModels),
  start: day,
  end: day.optional(),
  costCenter: text(100).optional(),
  renewal: renewal.optional(),
});

const exclusion = z.strictObject({
  name,
  person: text(320).min(1).optional(),
  licence: z.strictObject({ type: text(64), identifier }).optional(),
  until: time.optional(),
  kind: z.enum(exclusionKinds).optional(),
});

/** A ReclamationRule, without whom it tells and how. */
const rule = z.strictObject({
  name,
  profile: name,
  spec: z.record(z.string(), z.json()),
  reviewId: text(40).describe('The id that spec.confirmedRule must equal. It also covers spec.notify, which recorded data lack.'),
  planHash: text(71).optional().describe('Of its last evaluation by the operator.'),
  leavers: z.array(text(32)).optional().describe('Those of its spec.leaversRef who have a subscription, as pseudonyms; absent where it could not be read.'),
});

const blocker = z.strictObject({ kind: text(64), name: text(320), detail: text(640).optional() });

const candidate = z.strictObject({
  name,
  profile: name,
  person: text(253).optional().describe('Name of the person; only with --with-people.'),
  identifier,
  action: text(32),
  state: z.enum(candidateStates),
  inactiveDays: count.optional(),
  openedAt: time.optional(),
  closedAt: time.optional(),
  restoredAt: time.optional().describe('When what was reclaimed was given back (C29).'),
  rule: name.optional(),
  subscription: name.optional(),
  externalUserId: text(128).optional(),
  userPrincipalName: text(320).optional().describe('Address of the person at the vendor, as a pseudonym.'),
  reason: text(128).optional(),
  attemptAt: time.optional().describe('When its last attempt was begun (guard 5).'),
  blockers: z.array(blocker).max(20).optional(),
});

/** Recorded data: all that the position of a namespace is made from, at one time. */
export const snapshotSchema = z.strictObject({
  apiVersion: z.enum(readableVersions),
  at: time,
  namespace: name,
  people: z.enum(['Pseudonyms', 'Names']).describe('Names: candidates tell whom they are about.'),
  counts: z.strictObject({ profiles: count, models: count, contracts: count, exclusions: count, candidates: count, seats: count, rules: count.optional() }),
  profiles: z.array(profile),
  models: z.array(model),
  contracts: z.array(contract),
  exclusions: z.array(exclusion),
  candidates: z.array(candidate),
  rules: z.array(rule).optional(),
});

/** The file: the data and what they were made to be, so that an edit shows in an audit (C24). */
export const snapshotFileSchema = snapshotSchema.extend({
  digest: text(71).regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits').describe('Of all the rest.'),
});

export type Snapshot = z.infer<typeof snapshotSchema>;
export type RecordedProfile = Snapshot['profiles'][number];
export type RecordedSeat = RecordedProfile['seats'][number];
export type RecordedModel = Snapshot['models'][number];
export type RecordedContract = Snapshot['contracts'][number];
export type RecordedExclusion = Snapshot['exclusions'][number];
export type RecordedCandidate = Snapshot['candidates'][number];
export type RecordedRule = NonNullable<Snapshot['rules']>[number];
