import { describe, expect, it } from 'vitest';
import { annotations } from '../../api/group.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { buildCandidate, readFindings, type CandidateFindings } from './draft.ts';

const subject = {
  profileRef: { name: 'pagerduty' },
  ruleRef: { name: 'business' },
  subscriptionRef: { name: 'sub-1' },
  externalUserId: 'PFREE01',
  displayName: 'Anna',
  subscriptionIdentifier: 'PLFULL1',
  role: 'user',
  action: 'Remove',
} as const;
const findings: CandidateFindings = {
  evidence: { thresholdDays: 60, windowFrom: '2026-08-01T00:00:00Z', windowTo: '2026-11-01T00:00:00Z' },
  potentialSavings: { amount: '492.00', currency: 'USD' } as never,
  savingsText: 'USD 492.00',
  planHash: `sha256:${'0'.repeat(64)}`,
  ownership: [{ managedBy: 'Terraform', reference: 'pagerduty_user.anna' }],
};

const origin = { id: 'origin-1-of-a-test', at: '2026-11-01T00:00:00Z', ruleUid: 'rule-1' };

function candidateWith(text: string): RemovalCandidate {
  const candidate = buildCandidate({ namespace: 'team-a', subject, justification: 'LowUsage', assignmentGroup: 'Software managers', origin, ordinal: 1, findings });
  candidate.metadata.annotations = { [annotations.evidence]: text };
  return candidate;
}

describe('findings that a new candidate brings along', () => {
  it('come back as they were put in', () => {
    const made = buildCandidate({ namespace: 'team-a', subject, justification: 'LowUsage', assignmentGroup: 'Software managers', origin, ordinal: 1, findings });
    expect(readFindings(made)).toEqual(findings);
  });

  it('guard 1: nothing but findings is taken from the annotation, which others may write: no state, no answer, no messages', () => {
    const forged = { ...findings, state: 'AwaitingRevocation', answer: { verdict: 'Release' }, messages: [], deadline: 'x', undo: { secret: 'mine' }, decision: 'x', attempt: {} };
    expect(readFindings(candidateWith(JSON.stringify(forged)))).toEqual(findings);
    expect(readFindings(candidateWith('{"__proto__":{"evidence":{}},"state":"Ready"}'))?.evidence).toBeUndefined();
  });

  it.each(['', 'x', 'null', '[]', '"evidence"', '1'])('are none where the annotation is %j', (text) => {
    expect(readFindings(candidateWith(text))).toBeUndefined();
  });
});
