import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { conditions, localReference, timestamp, type CustomResource } from './meta.ts';
import { moneySum } from './money.ts';
import { downgradeTarget, reclamationActions } from './reclamation-rule.ts';

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

/** Why the subscription is to go (L14; C17 and C19 for the last two). */
export const justifications = ['LowUsage', 'Unallocated', 'Unlicensed', 'RestrictedSoftware', 'NeverAccepted', 'Leaver'] as const;

/** What a person may decide (L14). */
export const verdicts = ['Reclaim', 'Keep', 'ResumeReclaim', 'CloseComplete', 'CloseSkipped'] as const;

/** Whom it is about, as found when the candidate was made. Never changes: what was decided on is what is done. */
const subject = z
  .object({
    profileRef: localReference.describe('IntegrationProfile of the subscription.'),
    ruleRef: localReference.describe('ReclamationRule that found it.'),
    subscriptionRef: localReference.describe('SoftwareSubscription to reclaim.'),
    externalUserId: z.string().min(1).max(128).describe('The vendor’s id of the person; never reused.'),
    displayName: z.string().max(253).describe('Name of the person.'),
    userPrincipalName: z.string().max(320).optional().describe('E-mail address of the person; absent when it could not be resolved (L7).'),
    subscriptionIdentifier: z.string().min(1).max(128).describe('Licence that would be freed.'),
    role: z.string().max(64).describe('Role at the vendor.'),
    action: z.enum(reclamationActions).describe('What would be done.'),
    downgradeTo: downgradeTarget.optional().describe('Role and licence after a Downgrade.'),
  })
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self == oldSelf', message: 'subject cannot be changed: a decision is about this person and this action' },
      { rule: "(self.action == 'Downgrade') == has(self.downgradeTo)", message: 'downgradeTo must be set when action is Downgrade, and only then' },
    ],
  });

const decision = z.object({
  verdict: z
    .enum(verdicts)
    .describe('Reclaim: go on. Keep: close as skipped and do not propose again for a while. ResumeReclaim: try again after AttentionRequired. CloseComplete, CloseSkipped: it was settled elsewhere.'),
  by: z.string().min(1).max(253).describe('Who decided.'),
  at: timestamp('When it was decided.').optional(),
  reason: z.string().min(1).max(1024).describe('Why; an empty reason is refused (C10).'),
});

const spec = z.object({
  subject: subject.describe('Whom it is about and what would be done; fixed when the candidate is made.'),
  justification: z.enum(justifications).default('LowUsage').describe('Why the subscription is to go (L14).'),
  assignmentGroup: z.string().min(1).max(100).default('Software managers').describe('Group that looks after it (L14).'),
  assignedTo: z.string().min(1).max(253).optional().describe('Person of that group (L14).'),
  decision: decision.optional().describe('Set by a person; the operator never writes it.'),
});
export type RemovalCandidateSpec = z.infer<typeof spec>;

const evidence = z.object({
  lastActivity: z
    .object({ time: timestamp('Latest activity.'), signal: z.string().max(64).describe('Signal that gave it.') })
    .optional()
    .describe('Absent when no signal ever saw any.'),
  inactiveDays: z.int().min(0).optional().describe('Days from the last activity to the evaluation; absent when there is none (L23).'),
  thresholdDays: z.int().min(1).describe('Threshold that was applied to this person.'),
  signals: z.array(z.string().max(64)).max(8).optional().meta({ 'x-kubernetes-list-type': 'set' }).describe('Signals that watched.'),
  windowFrom: timestamp('Start of the complete evidence.'),
  windowTo: timestamp('End of the complete evidence.'),
});

const blocker = z.object({
  kind: z.string().max(64).describe('Such as OnCall, Schedule, EscalationPolicy, OpenIncident, LastAdmin, Owner, Exclusion (guards 2 and 3).'),
  name: z.string().max(253).describe('Name or id of the object at the vendor.'),
});

const count = (description: string) => z.int().min(0).describe(description);

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  state: z.enum(candidateStates).optional().describe('Where it stands (L6).'),
  openedAt: timestamp('When it was made.').optional(),
  closedAt: timestamp('When it was closed.').optional(),
  deadline: timestamp('When the notice runs out (L5).').optional(),
  evidence: evidence.optional().describe('Why it was made (L14, D15).'),
  potentialSavings: moneySum.optional().describe('What it would save in a year (L14).'),
  blockers: z
    .array(blocker)
    .max(20)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['kind', 'name'] })
    .describe('The first 20 reasons for which nothing may be done now (guard 3).'),
  blockerCount: count('How many blockers there are in all.').optional(),
  attempts: count('How often it was tried to reclaim it.').optional(),
  conditions,
});
export type RemovalCandidateStatus = z.infer<typeof status>;
export type RemovalCandidate = CustomResource<RemovalCandidateSpec, RemovalCandidateStatus>;

export const removalCandidateResource = resourceType('RemovalCandidate', 'removalcandidates');

/** One subscription to reclaim, its evidence, state and outcome (design section 1). */
export function defineRemovalCandidate(): KindDefinition {
  return {
    kind: 'RemovalCandidate',
    plural: 'removalcandidates',
    singular: 'removalcandidate',
    shortNames: ['remcand'],
    description: 'One subscription to reclaim: the evidence, the decision of a person, the state and the outcome. Made by the operator; a person sets spec.decision.',
    spec,
    status,
    printerColumns: [
      { name: 'User', type: 'string', jsonPath: '.spec.subject.displayName' },
      { name: 'Action', type: 'string', jsonPath: '.spec.subject.action' },
      { name: 'State', type: 'string', jsonPath: '.status.state' },
      { name: 'Inactive-Days', type: 'integer', jsonPath: '.status.evidence.inactiveDays' },
      { name: 'Blockers', type: 'integer', jsonPath: '.status.blockerCount' },
      { name: 'Decision', type: 'string', jsonPath: '.spec.decision.verdict' },
      { name: 'Rule', type: 'string', jsonPath: '.spec.subject.ruleRef.name', priority: 1 },
      { name: 'Justification', type: 'string', jsonPath: '.spec.justification', priority: 1 },
      { name: 'Email', type: 'string', jsonPath: '.spec.subject.userPrincipalName', priority: 1 },
      { ...readyColumn, priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}
