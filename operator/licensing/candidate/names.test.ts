import { describe, expect, it } from 'vitest';
import { objectNamePattern } from '../../api/meta.ts';
import { buildCandidate, readFindings, ruleLabelValue } from './draft.ts';
import { candidateName, nextOrdinal, undoSecretName, undoSecretNames } from './names.ts';

describe('the name of a candidate', () => {
  it('L14: is the subscription and a number', () => {
    expect(candidateName('pagerduty-pabc-1', 3)).toBe('pagerduty-pabc-1.3');
    expect(undoSecretName('pagerduty-pabc-1.3')).toBe('pagerduty-pabc-1.3-undo');
    expect(undoSecretNames('pagerduty-pabc-1.3', '12345678-9abc')).toEqual(['pagerduty-pabc-1.3-undo', 'pagerduty-pabc-1.3-12345678-undo', 'pagerduty-pabc-1.3-12345678-2-undo']);
  });

  it('L14: goes on from the largest number of the same subscription', () => {
    expect(nextOrdinal('a', [])).toBe(1);
    expect(nextOrdinal('a', ['a.1', 'a.9', 'a.10', 'ab.99', 'a.b.50', 'a.x', 'a.01', 'b.77'])).toBe(11);
  });

  it('T14: stays a name of Kubernetes, and two long ones stay two', () => {
    const long = [`${'x'.repeat(252)}a`, `${'x'.repeat(252)}b`];
    const names = long.flatMap((name) => [candidateName(name, 1), ...undoSecretNames(candidateName(name, 1), '12345678-9abc')]);
    expect(new Set(names).size).toBe(8);
    for (const name of names) {
      expect(name.length).toBeLessThanOrEqual(253);
      expect(name).toMatch(objectNamePattern);
    }
    expect(nextOrdinal(long[0] ?? '', names)).toBe(2);
  });
});

describe('a candidate that is to be made', () => {
  const draft = {
    namespace: 'team-a',
    subject: {
      profileRef: { name: 'pagerduty' },
      ruleRef: { name: 'r'.repeat(100) },
      subscriptionRef: { name: 'pagerduty-pabc-1' },
      externalUserId: 'PABC',
      displayName: 'Ada',
      subscriptionIdentifier: 'PLIC001',
      role: 'user',
      action: 'Remove' as const,
    },
    justification: 'LowUsage' as const,
    assignmentGroup: 'Software managers',
    origin: { id: 'origin-1-of-a-test', at: '2026-11-01T00:00:00Z', ruleUid: 'rule-1' },
    ordinal: 1,
    findings: { savingsText: 'USD 492.00', planHash: `sha256:${'0'.repeat(64)}` },
  };

  it('L28: has no owner, so that it outlives profile and rule', () => {
    expect(buildCandidate(draft).metadata.ownerReferences).toBeUndefined();
    expect(buildCandidate(draft).status).toBeUndefined();
  });

  it('L14: brings its evidence along until there is a status to put it into', () => {
    expect(readFindings(buildCandidate(draft))).toEqual(draft.findings);
    const broken = buildCandidate(draft);
    broken.metadata.annotations = { 'saaslicense.dev/evidence': '{' };
    expect(readFindings(broken)).toBeUndefined();
  });

  it('T14: has labels that are short enough', () => {
    expect(ruleLabelValue(draft.subject.ruleRef.name).length).toBeLessThanOrEqual(63);
    expect(buildCandidate(draft).metadata.labels).toMatchObject({ 'saaslicense.dev/profile': 'pagerduty', 'saaslicense.dev/rule': ruleLabelValue(draft.subject.ruleRef.name) });
  });
});
