import { z } from 'zod';
import { conditions, timestamp } from './meta.ts';
import { moneySum } from './money.ts';
import { audiences, messageKinds } from './notify.ts';

/** The eight states (L6); the Closed ones are terminal. */
export const candidateStates = [
  'Ready',
  'AwaitingUser',
  'AwaitingApproval',
  'AwaitingRevocation',
  'AttentionRequired',
  'ClosedComplete',
  'ClosedSkipped',
  'ClosedCanceled',
] as const;
export type CandidateState = (typeof candidateStates)[number];

const count = (description: string) => z.int().min(0).describe(description);
const text = (length: number, description: string) => z.string().max(length).describe(description);

const evidence = z.object({
  lastActivity: z
    .object({ time: timestamp('Latest activity.'), signal: text(64, 'Signal that gave it.') })
    .optional()
    .describe('Absent when no signal ever saw any.'),
  inactiveDays: z.int().min(0).optional().describe('Days from the last activity to the end of the evidence; absent when there is none (L23).'),
  thresholdDays: z.int().min(0).describe('Threshold that was applied to this person; 0 for somebody who left (C19).'),
  signals: z.array(z.string().max(64)).max(8).optional().meta({ 'x-kubernetes-list-type': 'set' }).describe('Signals that watched.'),
  windowFrom: timestamp('Start of the complete evidence.'),
  windowTo: timestamp('End of the complete evidence.'),
  confidencePercent: z
    .int()
    .min(0)
    .max(100)
    .optional()
    .describe('How sure the evidence is: more signals that watch, a longer silence and a longer window make it surer (D15). It decides nothing.'),
  missing: z.array(z.string().max(256)).max(8).optional().meta({ 'x-kubernetes-list-type': 'atomic' }).describe('What would make it surer (D15).'),
  savedBy: z.array(z.string().max(256)).max(8).optional().meta({ 'x-kubernetes-list-type': 'atomic' }).describe('What would change the verdict (D15).'),
});
export type CandidateEvidence = z.infer<typeof evidence>;

const blocker = z.object({
  kind: text(64, 'Such as OnCall, Schedule, EscalationPolicy, OpenIncident, LastAdmin, Owner, Self, Tag, Exclusion, Ownership, Unverified (guards 2 and 3).'),
  name: text(253, 'Name or id of the object.'),
  detail: text(512, 'More of it, such as the level or the time.').optional(),
});
export type Blocker = z.infer<typeof blocker>;

export const ownershipManagers = ['Terraform', 'Crossplane', 'IdentityProvider'] as const;

const ownership = z.object({
  managedBy: z.enum(ownershipManagers).describe('What manages the person’s account elsewhere (D7, C25).'),
  reference: text(512, 'Where, such as the address of the resource in the state.'),
  proposal: text(4096, 'What to change there instead: a patch or the steps.').optional(),
});
export type Ownership = z.infer<typeof ownership>;

const message = z.object({
  id: text(128, 'Message-ID and idempotency key: the same however often it is tried (C8).'),
  kind: z.enum(messageKinds),
  audience: z.enum(audiences),
  channel: text(32, 'Name of the channel of the rule.'),
  state: z.enum(['Sending', 'Sent', 'Failed']).describe('Sending: claimed, and not known to be sent.'),
  time: timestamp('When it last came to this state.'),
  attempts: count('How often it was tried.'),
  reason: text(128, 'Why it failed.').optional(),
});
export type CandidateMessage = z.infer<typeof message>;

const attempt = z.object({
  id: text(64, 'Of this attempt.'),
  number: count('How many there were, this one included.'),
  phase: z
    .enum(['Claimed', 'Unclear', 'Refused', 'Done'])
    .describe('Claimed: the one request to the vendor may be under way. Unclear: it may have been carried out; it is read back before anything else (guard 4).'),
  holder: text(253, 'Process that made it.'),
  startedAt: timestamp('When it was claimed; the request is sent within the time that follows, or never.'),
  endedAt: timestamp('When its outcome was known; of an unclear one, when the vendor was last asked.').optional(),
  afterUnclear: z.boolean().optional().describe('Whether an earlier attempt may take effect yet: its outcome was never known.'),
});
export type CandidateAttempt = z.infer<typeof attempt>;

const fact = z.object({ field: text(64, 'What it is.'), value: text(512, 'As text.') });
const change = z.object({ field: text(64, 'What has changed.'), before: text(512, 'What it was; empty = not there.'), now: text(512, 'What it is; empty = not there.') });

const note = z.object({ at: timestamp('When.'), state: z.enum(candidateStates), reason: text(128, 'Why, as one word.'), text: text(512, 'Why.') });
export type CandidateNote = z.infer<typeof note>;

/** Where a candidate stands, why it was made and what became of it. */
export const removalCandidateStatus = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  uid: text(64, 'uid of the object that this status belongs to. A status that was put onto another object, as from a backup, does not count.').optional(),
  state: z.enum(candidateStates).optional().describe('Where it stands (L6).'),
  reason: text(128, 'Why it stands there.').optional(),
  openedAt: timestamp('When it was made.').optional(),
  closedAt: timestamp('When it was closed.').optional(),
  deadline: timestamp('When the notice runs out (L5).').optional(),
  decidedAt: timestamp('When the decision that is acted on was first seen.').optional(),
  decision: text(64, 'Fingerprint of the decision that was acted on last: the same one is not acted on twice (guard 4).').optional(),
  decisionId: text(40, 'What a decision confirms: made of the facts below. It changes with each of them, and decisions on the former facts no longer count.').optional(),
  decisionFacts: z
    .array(fact)
    .max(16)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['field'] })
    .describe('What a decision is about: who, in which account, with what role and licence, what is done, and what has happened so far.'),
  decisionChanges: z
    .array(change)
    .max(16)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['field'] })
    .describe('What changed when decisionId last changed, old and new.'),
  round: count('Number of the round in which the person is, or will be, asked. Each round has notices of its own, and decisions of an earlier round do not count.').optional(),
  failures: count('Attempts after which a person had to look at it. Decisions from before the last of them do not count.').optional(),
  recoveredAt: timestamp('When its status was last rebuilt, since it had been lost. Decisions from before that do not count.').optional(),
  askedAddress: text(320, 'Address that the notices of this round went to. Another address starts another round.').optional(),
  answer: z
    .object({ verdict: z.enum(['Keep', 'Release']), at: timestamp('When.'), via: text(64, 'How, such as Link.'), round: count('Round of the notice that they answered to: it answers that notice only, though a wish to keep is heard later too.').optional(), reason: text(1024, 'What the person wrote.').optional() })
    .optional()
    .describe('What the person answered to the notice (L5).'),
  evidence: evidence.optional().describe('Why it was made (L14, D15).'),
  potentialSavings: moneySum.optional().describe('What it would save in a year (L14).'),
  savingsText: text(64, 'The same as text.').optional(),
  planHash: text(71, 'Plan of the rule that it was last part of (D1).').optional(),
  ownership: z.array(ownership).max(8).optional().meta({ 'x-kubernetes-list-type': 'atomic' }).describe('Who else manages the account: it is not touched behind their back (D7).'),
  blockers: z
    .array(blocker)
    .max(20)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['kind', 'name'] })
    .describe('The first 20 reasons for which nothing may be done now (guard 3).'),
  blockerCount: count('How many blockers there are in all.').optional(),
  inspectedAt: timestamp('When the vendor was last asked for blockers.').optional(),
  messages: z.array(message).max(40).optional().meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] }).describe('Messages, each at most once (C8).'),
  attempt: attempt.optional().describe('The last attempt to reclaim it.'),
  attempts: count('How often it was tried to reclaim it.').optional(),
  vendorMessage: text(2048, 'What the vendor said when it refused, in its own words; `[secret]` stands where it repeated a credential.').optional(),
  undo: z
    .object({
      secret: text(253, 'Secret with what is needed to undo it: it holds data of the person.'),
      account: text(253, 'Account at the vendor that it was reclaimed in.').optional(),
      digest: text(71, 'SHA-256 of what was saved: a Secret that holds anything else by now is not restored from.').optional(),
      savedAt: timestamp('When it was saved, before the reclaim.'),
      expiresAt: timestamp('When it is deleted.'),
      restoredAt: timestamp('When it was restored.').optional(),
      restoredFor: text(64, 'Fingerprint of the request in spec.restore that was carried out last.').optional(),
      restoredAs: text(64, 'Id of the person since then, where it is another one: whoever was removed is invited anew (T10).').optional(),
    })
    .optional(),
  tookEffectAt: timestamp('When a refresh first showed that an attempt of unknown outcome took effect after all.').optional(),
  returnedAt: timestamp('When the person was seen with a licence again after the reclaim (D17).').optional(),
  history: z.array(note).max(30).optional().meta({ 'x-kubernetes-list-type': 'atomic' }).describe('The last 30 changes of state, oldest first.'),
  conditions,
});
export type RemovalCandidateStatus = z.infer<typeof removalCandidateStatus>;
