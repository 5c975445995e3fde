import { z } from 'zod';
import { ageColumn, resourceType, type KindDefinition } from './kind.ts';
import { timestamp, type CustomResource } from './meta.ts';

/**
 * What is recorded: every decision, and every write to the vendor before and after it (C24, D8). ChainStarted,
 * KeyChanged and ChainPruned are the trail's own: they carry the public key that other records are signed with.
 */
export const auditEvents = [
  'ChainStarted',
  'KeyChanged',
  'ChainPruned',
  'CandidateOpened',
  'CandidateClosed',
  'StateChanged',
  'Decided',
  'Answered',
  'MessageSent',
  'BundleSaved',
  'BundleDeleted',
  'WriteIntended',
  'WriteDone',
  'WriteRefused',
  'WriteUnclear',
  'Restored',
  'StatusRecovered',
  'LateEffect',
  'RunHeld',
  'RuleConfirmed',
  'RuleConfirmationVoid',
] as const;
export type AuditEvent = (typeof auditEvents)[number];

const hash = (description: string) => z.string().max(71).regex(/^sha256:[0-9a-f]{64}$/, 'sha256: and 64 hexadecimal digits').describe(description);

/** Schema of spec; the verifier checks records of files with it. */
export const auditRecordSpec = z
  .object({
    sequence: z.int().min(0).max(9_999_999_999).describe('Number in the chain of the namespace, from 0; the name is made from it, so no two records can take one place.'),
    time: timestamp('When it was recorded.'),
    event: z.enum(auditEvents).describe('What happened.'),
    profile: z.string().max(253).optional().describe('IntegrationProfile that it is about.'),
    rule: z.string().max(253).optional().describe('ReclamationRule that it is about.'),
    candidate: z.string().max(253).optional().describe('RemovalCandidate that it is about.'),
    origin: z.string().max(63).optional().describe('spec.origin.id of the RemovalCandidate: the same for every copy of it, such as one that was put back from a backup.'),
    externalUserId: z.string().max(128).optional().describe('The vendor’s id of the person: no name and no e-mail address is ever recorded (guard 7, D12).'),
    actor: z.string().min(1).max(253).describe('Who did it: operator, or the person who decided; an e-mail address is shown as a keyed hash.'),
    data: z
      .array(z.object({ key: z.string().min(1).max(64).describe('What it is.'), value: z.string().max(2048).describe('As text.') }))
      .max(32)
      .optional()
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['key'] })
      .describe('What else is known, such as the action, the evidence and the reason.'),
    previous: hash('Hash of the record before; of the first one 64 zeros.'),
    hash: hash('Of all the above.'),
    keyId: z.string().min(1).max(64).describe('Which key signed it: the beginning of the hash of the public key.'),
    signature: z.string().min(1).max(128).describe('Ed25519 over the hash, as base64.'),
  })
  .meta({ 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'an audit record cannot be changed' }] });
export type AuditRecordSpec = z.infer<typeof auditRecordSpec>;
export type AuditRecord = CustomResource<AuditRecordSpec, never>;

export const auditRecordResource = resourceType('AuditRecord', 'auditrecords');

/** One link of a hash chain of what was decided and done; made by the operator, changed by nobody (docs/decisions/0011). */
export function defineAuditRecord(): KindDefinition {
  return {
    kind: 'AuditRecord',
    plural: 'auditrecords',
    singular: 'auditrecord',
    shortNames: ['auditrec'],
    description: 'What was decided or done about a subscription, as one signed link of a hash chain. Made by the operator; it cannot be changed. saaslicense audit verifies and exports it.',
    spec: auditRecordSpec,
    status: z.object({}),
    printerColumns: [
      { name: 'Time', type: 'string', jsonPath: '.spec.time' },
      { name: 'Event', type: 'string', jsonPath: '.spec.event' },
      { name: 'Candidate', type: 'string', jsonPath: '.spec.candidate' },
      { name: 'Actor', type: 'string', jsonPath: '.spec.actor' },
      { name: 'Rule', type: 'string', jsonPath: '.spec.rule', priority: 1 },
      ageColumn,
    ],
  };
}
