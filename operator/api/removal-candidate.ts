import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition } from './kind.ts';
import { localReference, timestamp, type CustomResource } from './meta.ts';
import { downgradeTarget, reclamationActions } from './reclamation-rule.ts';
import { removalCandidateStatus as status, type RemovalCandidateStatus } from './removal-candidate-status.ts';

export { candidateStates, type CandidateState } from './removal-candidate-status.ts';

/** Why the subscription is to go (L14; C17 and C19 for the last two). */
export const justifications = ['LowUsage', 'Unallocated', 'Unlicensed', 'RestrictedSoftware', 'NeverAccepted', 'Leaver'] as const;
export type Justification = (typeof justifications)[number];

/** What a person may decide (L14). */
export const verdicts = ['Reclaim', 'Keep', 'ResumeReclaim', 'CloseComplete', 'CloseSkipped'] as const;
export type Verdict = (typeof verdicts)[number];

/** Whom it is about, as found when the candidate was made. Never changes: what was decided on is what is done. */
const subject = z
  .object({
    profileRef: localReference.describe('IntegrationProfile of the subscription.'),
    ruleRef: localReference.describe('ReclamationRule that found it.'),
    subscriptionRef: localReference.describe('SoftwareSubscription to reclaim.'),
    externalUserId: z.string().min(1).max(128).describe('The vendor’s id of the account of the person. The vendor may give it to another person: then this candidate closes as SubjectChanged.'),
    displayName: z.string().max(253).describe('Name of the person.'),
    userPrincipalName: z.string().max(320).optional().describe('E-mail address of the person at the vendor: id and address together are the person.'),
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

/** Made of what a person sees; see operator/licensing/approval.ts. */
const approvalIdText = z.string().length(40).regex(/^[0-9a-f]{40}$/, '40 hexadecimal digits');

const decision = z
  .object({
  verdict: z
    .enum(verdicts)
    .describe('Reclaim: go on. Keep: close as skipped and do not propose again for a while. ResumeReclaim: try again after AttentionRequired. CloseComplete, CloseSkipped: it was settled elsewhere.'),
  by: z.string().min(1).max(253).describe('Who decided.'),
  at: timestamp('When it was decided.').optional(),
  reason: z.string().min(1).max(1024).describe('Why; an empty reason is refused (C10).'),
  confirms: approvalIdText
    .optional()
    .describe('The status.decisionId that the person decided on. Reclaim and ResumeReclaim count only while it is the present one; whatever keeps the licence is heard without it.'),
  })
  .meta({
    'x-kubernetes-validations': [
      {
        rule: "!(self.verdict in ['Reclaim', 'ResumeReclaim']) || has(self.confirms)",
        message: 'confirms must be set when verdict is Reclaim or ResumeReclaim: copy status.decisionId of the candidate after you have looked at it, or use saaslicense decide',
      },
    ],
  });

const restore = z.object({
  by: z.string().min(1).max(253).describe('Who asks for it.'),
  at: timestamp('When it was asked for. Another time makes it another request.').optional(),
  reason: z.string().min(1).max(1024).describe('Why; an empty reason is refused.'),
});

const origin = z
  .object({
    id: z.string().min(16).max(63).regex(/^[A-Za-z0-9]([-_A-Za-z0-9]*[A-Za-z0-9])?$/, 'a label value').describe('The same in every copy of the object, in the audit trail and in a backup.'),
    at: timestamp('When the operator created the object.'),
    ruleUid: z.string().min(1).max(64).describe('uid of the ReclamationRule that found the subscription.'),
  })
  .meta({ 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'origin cannot be changed: the audit trail knows the candidate by it' }] });

const workNote = z.object({
  by: z.string().min(1).max(253).describe('Who wrote it.'),
  at: timestamp('When.').optional(),
  text: z.string().min(1).max(2048).describe('The note.'),
});

const spec = z.object({
  subject: subject.describe('Whom it is about and what would be done; fixed when the candidate is made.'),
  justification: z
    .enum(justifications)
    .default('LowUsage')
    .meta({ 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'justification cannot be changed: it says whether the person is asked first' }] })
    .describe('Why the subscription is to go (L14).'),
  assignmentGroup: z.string().min(1).max(100).default('Software managers').describe('Group that looks after it (L14).'),
  assignedTo: z.string().min(1).max(253).optional().describe('Person of that group (L14).'),
  origin: origin.optional().describe('Set by the operator when it creates the candidate. An object that was created in any other way is never reclaimed before a person has looked at it.'),
  decision: decision.optional().describe('Set by a person; the operator never writes it.'),
  restore: restore.optional().describe('Set by a person to have the reclaim undone (D4, C29). Each request is carried out once.'),
  workNotes: z.array(workNote).max(50).optional().meta({ 'x-kubernetes-list-type': 'atomic' }).describe('Notes of people; the operator’s own are in status.history (L14).'),
});
export type RemovalCandidateSpec = z.infer<typeof spec>;

export type { RemovalCandidateStatus } from './removal-candidate-status.ts';
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
      { name: 'Savings', type: 'string', jsonPath: '.status.savingsText', priority: 1 },
      { name: 'Deadline', type: 'string', jsonPath: '.status.deadline', priority: 1 },
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
