import { describe, expect, it } from 'vitest';
import { createMemoryCluster } from '../../../test/support/memory-cluster.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import type { UndoBundle } from '../../providers/reclaim.ts';
import type { Secret } from '../secrets.ts';
import { looksLikeUndo, personOfUndo, saveUndo } from './undo-secret.ts';

const namespace = 'team-a';
const { signal } = new AbortController();
const contentOf = (person: string) => ({ bundle: { version: 1, provider: 'PagerDuty', externalUserId: person, takenAt: '', content: {} } as unknown as UndoBundle, account: 'PagerDuty acme (US)', expiresAt: '2027-01-01T00:00:00Z' });

function open() {
  const cluster = createMemoryCluster();
  const client = cluster.client();
  /** As often as it is called: the former one was deleted by hand. */
  const makeCandidate = (uid: string): RemovalCandidate =>
    cluster.put(removalCandidateResource, { apiVersion: 'x', kind: 'RemovalCandidate', metadata: { name: 'sub-1.1', namespace, uid }, spec: { subject: { profileRef: { name: 'pagerduty' } } } } as RemovalCandidate);
  const saved = (): Record<string, string | undefined> => Object.fromEntries(cluster.list<Secret>(coreResources.Secret).map((secret) => [secret.metadata.name, personOfUndo(secret)]));
  return { cluster, makeCandidate, saved, save: (candidate: RemovalCandidate, person: string) => saveUndo(candidate, contentOf(person), { client, signal }) };
}

describe('what is saved before a reclaim', () => {
  it('D4: that of an earlier attempt of the candidate is replaced', async () => {
    const { makeCandidate, saved, save } = open();
    const candidate = makeCandidate('11111111-a');
    expect(await save(candidate, 'OLD')).toBe('sub-1.1-undo');
    expect(await save(candidate, 'NEW')).toBe('sub-1.1-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'NEW' });
  });

  it('D4: that of a former candidate of the same name is left alone: it is the only way back of what that one did', async () => {
    const { makeCandidate, saved, save } = open();
    await save(makeCandidate('11111111-a'), 'OLD');
    const second = makeCandidate('22222222-b');
    expect(await save(second, 'FIRST')).toBe('sub-1.1-22222222-undo');
    expect(await save(second, 'AGAIN')).toBe('sub-1.1-22222222-undo');
    expect(saved()).toEqual({ 'sub-1.1-undo': 'OLD', 'sub-1.1-22222222-undo': 'AGAIN' });
  });

  it.each(['sub-1.1-undo', 'sub-1.1-22222222-undo'])('a Secret of somebody else that has the name %s is never overwritten, and nothing is reclaimed', async (name) => {
    const { cluster, makeCandidate, save } = open();
    const foreign = cluster.put<Secret>(coreResources.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque', data: { mine: 'eA==' } });
    if (name !== 'sub-1.1-undo') await save(makeCandidate('11111111-a'), 'OLD');
    await expect(save(makeCandidate('22222222-b'), 'NEW')).rejects.toMatchObject({ failure: { kind: 'Terminal', reason: 'NotOwned' } });
    expect(cluster.get<Secret>(coreResources.Secret, { namespace, name })).toEqual(foreign);
  });

  it('is known by its metadata', async () => {
    const { cluster, makeCandidate, save } = open();
    await save(makeCandidate('11111111-a'), 'OLD');
    const { metadata } = cluster.get<Secret>(coreResources.Secret, { namespace, name: 'sub-1.1-undo' }) ?? { metadata: { name: '' } };
    expect(looksLikeUndo({ metadata })).toBe(true);
    expect(looksLikeUndo({ metadata: { ...metadata, name: 'x' } })).toBe(true);
    expect(looksLikeUndo({ metadata: { ...metadata, annotations: {} } })).toBe(true);
    expect(looksLikeUndo({ metadata: { ...metadata, labels: {} } })).toBe(false);
    expect(looksLikeUndo({ metadata: { name: 'pagerduty-token', labels: metadata.labels ?? {} } })).toBe(false);
  });
});
