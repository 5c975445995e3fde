import { describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { createMemoryCluster } from '../../../test/support/memory-cluster.ts';
import { aSubscription } from '../../../test/support/position-builders.ts';
import { aCandidate, aReclamationRule } from '../../../test/support/rule-builders.ts';
import type { ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { toReclaimSeat } from '../../licensing/reclaim/seat.ts';
import { buildContext } from './context.ts';
import { inputsOf } from './decide-due.ts';
import { openCandidate } from './open-candidates.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const seat = (spec: object = {}) => toReclaimSeat(aSubscription({ spec }));

function sceneOf(candidates: RemovalCandidate[], spec: Partial<ReclamationRuleSpec> = {}) {
  return { rule: aReclamationRule({ spec }), profile: aProfile(), provider: undefined, models: [], exclusions: [], candidates, siblings: [], isRefreshing: false, isHalfWritten: false, leavers: new Set<string>() };
}

/** Whether a candidate was made of the seat beside those, and all that there are then. */
async function open(candidates: RemovalCandidate[], of: ReturnType<typeof seat>, spec: Partial<ReclamationRuleSpec> = {}): Promise<{ made: boolean; all: RemovalCandidate[] }> {
  const cluster = createMemoryCluster();
  for (const one of candidates) cluster.put(removalCandidateResource, one);
  const judgement = { kind: 'Candidate', justification: 'LowUsage', evidence: { thresholdDays: 60, windowFrom: '2026-06-01T00:00:00Z', windowTo: '2026-11-24T00:00:00Z', inactiveDays: 77 } } as const;
  const dependencies = { client: cluster.client(), events: { record: () => undefined }, clock: { now: () => now }, createSecret: () => 'secret' } as unknown as Parameters<typeof openCandidate>[3]['dependencies'];
  const opening = { scene: sceneOf(candidates, spec), owners: { index: new Map(), problems: [], notes: [] }, planHash: 'sha256:plan', dependencies, signal: new AbortController().signal };
  const made = await openCandidate(of, judgement, candidates, opening);
  return { made, all: cluster.list(removalCandidateResource) };
}

describe('guard 9: a candidate is about a person, not about a seat', () => {
  it('L7: a new one has the address at the vendor, whatever address notices go to', async () => {
    const { made, all } = await open([], seat({ resolvedEmail: 'sam@corp.example' }));
    expect(made).toBe(true);
    expect(all.map(({ spec }) => spec.subject)).toMatchObject([{ externalUserId: 'P1', userPrincipalName: 'Sam.Rivera@example.com' }]);
  });

  it('an open one of the same person gets the findings', async () => {
    const { made, all } = await open([aCandidate({ status: { state: 'Ready' } })], seat({ userPrincipalName: 'sam.rivera@EXAMPLE.com' }));
    expect(made).toBe(false);
    expect(all.map(({ status }) => status?.evidence?.inactiveDays)).toEqual([77]);
  });

  it('D1: one of the confirmed plan stays part of it while the plan goes on, for the same person and no other', async () => {
    const confirmedPlan = `sha256:${'c'.repeat(64)}`;
    const [inPlan, newer] = [aCandidate({ status: { state: 'Ready', planHash: confirmedPlan } }), aCandidate({ status: { state: 'Ready', planHash: 'sha256:before' } })];
    const hashes = async (candidate: RemovalCandidate, of = seat(), spec = { confirmedPlan }): Promise<unknown[]> => (await open([candidate], of, spec)).all.map(({ status }) => status?.planHash);
    expect(await hashes(inPlan)).toEqual([confirmedPlan]);
    expect(await hashes(newer)).toEqual(['sha256:plan']);
    expect(await hashes(inPlan, seat(), {} as never)).toEqual(['sha256:plan']);
    const closed = { ...inPlan, status: { ...inPlan.status, state: 'ClosedSkipped' as const, reason: 'SubjectChanged' } };
    const { all } = await open([closed], seat({ userPrincipalName: 'kim@example.com' }), { confirmedPlan });
    expect(JSON.stringify(all.filter(({ status }) => status === undefined))).toContain('sha256:plan');
    expect(JSON.stringify(all.filter(({ status }) => status === undefined))).not.toContain(confirmedPlan);
  });

  it('one of the former person of the seat gets nothing of the newcomer, and none is made beside it', async () => {
    const former = aCandidate({ status: { state: 'AwaitingUser', evidence: { thresholdDays: 60, windowFrom: '2026-01-01T00:00:00Z', windowTo: '2026-09-01T00:00:00Z', inactiveDays: 200 } } });
    const { made, all } = await open([former], seat({ userPrincipalName: 'kim@example.com' }));
    expect(made).toBe(false);
    expect(all.map(({ status }) => status)).toEqual([former.status]);
  });

  it('once that one is closed as SubjectChanged the rule is due, and the newcomer gets one of their own', async () => {
    const closedAs = (reason: string) => aCandidate({ status: { state: 'ClosedSkipped', reason, closedAt: '2026-11-24T11:00:00Z' } });
    const inputs = (reason: string) => {
      const scene = sceneOf([closedAs(reason)]);
      return inputsOf(scene, buildContext(scene, { hold: undefined, watches: new Map() }, { now, admins: 3 }));
    };
    expect(inputs('SubjectChanged')).not.toBe(inputs('Excluded'));
    const { made, all } = await open([closedAs('SubjectChanged')], seat({ userPrincipalName: 'kim@example.com' }));
    expect(made).toBe(true);
    expect(all.map(({ spec }) => spec.subject.userPrincipalName)).toEqual(['Sam.Rivera@example.com', 'kim@example.com']);
  });
});
