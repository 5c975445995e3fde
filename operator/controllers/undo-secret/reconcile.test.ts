import { beforeEach, describe, expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { createFakeClock, type FakeClock } from '../../../test/support/fake-clock.ts';
import { apiFault, createMemoryCluster, type ClusterCall, type MemoryCluster } from '../../../test/support/memory-cluster.ts';
import { retryable, terminal } from '../../api/errors.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import type { AuditEntry } from '../../audit/trail.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { objectPath } from '../../kubernetes/resource-path.ts';
import { saveUndo } from '../removal-candidate/undo-secret.ts';
import type { Secret } from '../secrets.ts';
import { reconcileUndo, type UndoDependencies } from './reconcile.ts';

const dayMs = 86_400_000;
const namespace = 'team-a';
const name = 'sub-1.1-undo';
const key = `${namespace}/${name}`;
const { signal } = new AbortController();
const address = 'ada@example.com';

const candidate = {
  apiVersion: 'saaslicense.dev/v1alpha1',
  kind: 'RemovalCandidate',
  metadata: { name: 'sub-1.1', namespace },
  spec: { subject: { profileRef: { name: 'pagerduty' }, ruleRef: { name: 'business' }, externalUserId: 'PABC' } },
} as RemovalCandidate;

let cluster: MemoryCluster;
let clock: FakeClock;
let trail: AuditEntry[];
let events: { about: string; reason: string; note: string }[];
let hooks: { before?: (call: ClusterCall) => void; after?: (call: ClusterCall) => void };

const secret = (): Secret | undefined => cluster.get<Secret>(coreResources.Secret, { namespace, name });
const change = (edit: (object: Secret) => void): void => cluster.change<Secret>(coreResources.Secret, { namespace, name }, edit);

/** `seen`: what the watch has told so far. */
function dependencies(change_: Partial<UndoDependencies> = {}, seen: KubernetesObject | undefined = secret()): UndoDependencies {
  const cached = cluster.get<RemovalCandidate>(removalCandidateResource, { namespace, name: 'sub-1.1' });
  return {
    client: cluster.client('one', { before: (call) => hooks.before?.(call), after: (call) => hooks.after?.(call) }),
    clock,
    clockTrust: cluster.clockTrust(),
    audit: { append: async (_namespace, entry) => void trail.push(entry), recall: () => Promise.resolve([]) },
    events: { record: (about, note) => void events.push({ about: `${about.kind} ${about.metadata.name}`, ...note }), flush: () => Promise.resolve() },
    logger: { warn: () => undefined } as never,
    stores: { candidates: { byIndex: () => (cached === undefined ? [] : [cached]) }, profiles: { byIndex: () => [aProfile()] } },
    secrets: { get: () => seen },
    ...change_,
  };
}

const losesDeletion = ({ what }: ClusterCall): void => {
  if (what.startsWith('delete secrets')) throw retryable('NetworkError', 'The answer is lost.');
};

const look = (change_?: Partial<UndoDependencies>, seen?: KubernetesObject) => reconcileUndo(key, dependencies(change_, seen ?? secret()), signal);

beforeEach(async () => {
  clock = createFakeClock();
  cluster = createMemoryCluster(clock);
  trail = [];
  events = [];
  hooks = {};
  const stored = cluster.put(removalCandidateResource, candidate);
  const bundle = { version: 1, provider: 'PagerDuty', externalUserId: 'PABC', takenAt: '', content: { email: address } };
  const expiresAt = new Date(clock.now() + 90 * dayMs).toISOString();
  await saveUndo(stored, { bundle, account: 'PagerDuty acme (US)', expiresAt } as never, { client: cluster.client(), signal, onReplaced: () => Promise.resolve() });
  change(({ metadata }) => void (metadata.creationTimestamp = new Date(clock.now()).toISOString()));
  cluster.calls.splice(0);
});

describe('a Secret whose candidate was deleted by hand', () => {
  beforeEach(() => cluster.remove(removalCandidateResource, { namespace, name: 'sub-1.1' }));

  it('D4, guard 7: stays until it expires, and then goes; nothing is asked before', async () => {
    expect(await look()).toEqual({ requeueAfterMs: 90 * dayMs });
    await clock.advance(90 * dayMs - 1);
    expect(await look()).toEqual({ requeueAfterMs: 1 });
    expect(cluster.calls).toEqual([]);
    await clock.advance(1);
    await look();
    expect(secret()).toBeUndefined();
  });

  it.each([
    ['91 days ahead of the API server’s', -91 * dayMs],
    ['61 s ahead', -61_000],
    ['61 s behind', 61_000],
    ['not compared with the API server’s', undefined],
  ])('guard 11: stays though it seems to have expired, by a clock that is %s; and goes once the clocks agree', async (_what, aheadMs) => {
    cluster.aheadMs = aheadMs;
    await clock.advance(91 * dayMs);
    expect(await look()).toEqual({ requeueAfterMs: 60_000 });
    expect(secret()).toBeDefined();
    expect([trail, events, cluster.calls]).toEqual([[], [], []]);
    cluster.aheadMs = 0;
    await look();
    expect(secret()).toBeUndefined();
  });

  it('guard 11: stays where the clock is set wrong while it is read for the last time', async () => {
    await clock.advance(90 * dayMs);
    hooks.after = ({ what }) => {
      if (what.startsWith('get removalcandidates')) cluster.aheadMs = -91 * dayMs;
    };
    expect(await look()).toEqual({ requeueAfterMs: 60_000 });
    expect(secret()).toBeDefined();
    expect([trail, events]).toEqual([[], []]);
  });

  it('C24, guard 7: is told of in the trail and at the profile, without a word of what was in it', async () => {
    await clock.advance(90 * dayMs);
    await look();
    expect(trail).toEqual([expect.objectContaining({ event: 'BundleDeleted', actor: 'operator', profile: 'pagerduty', candidate: 'sub-1.1', externalUserId: 'PABC', data: expect.objectContaining({ cause: 'CandidateGone' }) })]);
    expect(events).toEqual([expect.objectContaining({ about: 'IntegrationProfile pagerduty', reason: 'UndoExpired' })]);
    expect(JSON.stringify([trail, events])).not.toContain(address);
  });

  it('C24: is told of as that one’s, though another candidate has its name by now', async () => {
    cluster.put(removalCandidateResource, { ...candidate, spec: { subject: { ...candidate.spec.subject, ruleRef: { name: 'another' } } } } as RemovalCandidate);
    await clock.advance(90 * dayMs);
    await look();
    expect(secret()).toBeUndefined();
    expect(trail).toEqual([expect.objectContaining({ candidate: 'sub-1.1', data: expect.objectContaining({ cause: 'CandidateGone' }) })]);
    expect(trail[0]).not.toHaveProperty('rule');
    expect(events).toEqual([expect.objectContaining({ about: 'IntegrationProfile pagerduty' })]);
  });

  it('guard 7: goes though the trail does not take it, which is told', async () => {
    await clock.advance(90 * dayMs);
    await look({ audit: { append: () => Promise.reject(terminal('AuditChainBroken', 'broken')), recall: () => Promise.resolve([]) } });
    expect(secret()).toBeUndefined();
    expect(events.map(({ reason }) => reason)).toEqual(['NotRecorded', 'UndoExpired']);
  });

  it('C24: is told of, once, though the answer to its deletion is lost', async () => {
    await clock.advance(90 * dayMs);
    hooks.after = losesDeletion;
    await look();
    expect(secret()).toBeUndefined();
    expect(trail).toEqual([expect.objectContaining({ event: 'BundleDeleted', data: expect.objectContaining({ cause: 'CandidateGone' }) })]);
    expect(events.map(({ reason }) => reason)).toEqual(['UndoExpired']);
  });

  it('C24: is told of at the next look, where nobody could be asked after a lost answer', async () => {
    const seen = secret();
    await clock.advance(90 * dayMs);
    hooks.after = losesDeletion;
    hooks.before = ({ what }) => {
      if (secret() === undefined && what.startsWith('get secrets')) throw apiFault();
    };
    await expect(look()).rejects.toMatchObject({ failure: { kind: 'Retryable' } });
    expect(trail).toEqual([]);
    hooks = {};
    await look({}, seen);
    expect(trail).toEqual([expect.objectContaining({ event: 'BundleDeleted', profile: 'pagerduty', candidate: 'sub-1.1', data: expect.objectContaining({ cause: 'FoundGone' }) })]);
  });

  it('C24: what could not be deleted is not told of as deleted', async () => {
    await clock.advance(90 * dayMs);
    hooks.before = ({ what }) => {
      if (what.startsWith('delete secrets')) throw apiFault();
    };
    await expect(look()).rejects.toMatchObject({ failure: { kind: 'Retryable' } });
    expect(secret()).toBeDefined();
    expect([trail, events]).toEqual([[], []]);
  });

  it.each(['a b', '../x', '', 'x'.repeat(300)])('guard 7: goes when it has expired, though its annotation names what can be no candidate: %j', async (named) => {
    change(({ metadata }) => void (metadata.annotations = { ...metadata.annotations, 'saaslicense.dev/candidate': named }));
    await clock.advance(90 * dayMs);
    const client = cluster.client();
    // As the real client does before anything is sent.
    const get: typeof client.get = async (type, key_, options) => {
      objectPath(type, key_);
      return client.get(type, key_, options);
    };
    await look({ client: { ...client, get } });
    expect(secret()).toBeUndefined();
    expect(trail).toHaveLength(1);
    expect(trail[0]).not.toHaveProperty('candidate');
  });

  it('D4: one that was made anew, or given more time, since it was read is not deleted', async () => {
    await clock.advance(90 * dayMs);
    hooks.before = ({ what }) => {
      if (what.startsWith('delete secrets')) change(({ metadata }) => void (metadata.annotations = { 'saaslicense.dev/expires-at': '2027-03-01T00:00:00Z' }));
    };
    await expect(look()).rejects.toMatchObject({ failure: { kind: 'Conflict' } });
    expect(secret()).toBeDefined();
    expect(trail).toEqual([]);
    expect((await look()).requeueAfterMs).toBeGreaterThan(0);
  });

  it('what the watch told is not what is deleted: it is read again', async () => {
    const seen = secret();
    await clock.advance(90 * dayMs);
    change(({ metadata }) => void (metadata.annotations = { 'saaslicense.dev/expires-at': '2027-03-01T00:00:00Z' }));
    await look({}, seen);
    expect(secret()).toBeDefined();
  });

  it.each<[string, (object: Secret) => void]>([
    ['another type', (object) => void (object.type = 'Opaque')],
    ['no label of the operator', ({ metadata }) => void delete metadata.labels?.['app.kubernetes.io/managed-by']],
  ])('one of %s is somebody else’s: it is never touched', async (_what, edit) => {
    change(edit);
    await clock.advance(1000 * dayMs);
    await look();
    expect(secret()).toBeDefined();
    expect(cluster.calls.filter(({ what }) => what.startsWith('delete'))).toEqual([]);
  });
});

describe('a Secret whose candidate is there', () => {
  const named = (): void =>
    cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name: 'sub-1.1' }, (object) => {
      object.status = { undo: { secret: name, expiresAt: secret()?.metadata.annotations?.['saaslicense.dev/expires-at'] } } as never;
    });

  it('D4: is left to the candidate’s controller, and goes when that has not come to it for a day', async () => {
    named();
    await clock.advance(91 * dayMs - 1);
    expect(await look()).toEqual({ requeueAfterMs: 1 });
    expect(secret()).toBeDefined();
    await clock.advance(1);
    await look();
    expect(secret()).toBeUndefined();
    expect(events).toEqual([expect.objectContaining({ about: 'RemovalCandidate sub-1.1', reason: 'UndoExpired', note: expect.stringContaining('cannot be undone any more') })]);
    expect(trail).toEqual([expect.objectContaining({ event: 'BundleDeleted', rule: 'business', data: expect.objectContaining({ cause: 'LeftOver' }) })]);
  });

  it('is not taken for gone because the cache has not heard of it', async () => {
    named();
    await clock.advance(90 * dayMs);
    expect(await look({ stores: { candidates: { byIndex: () => [] }, profiles: { byIndex: () => [] } } })).toEqual({ requeueAfterMs: dayMs });
    expect(secret()).toBeDefined();
  });

  it('D4: of an attempt that another followed, goes when it expires, and is not called the way back', async () => {
    cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name: 'sub-1.1' }, (object) => {
      object.status = { undo: { secret: 'sub-1.1-another-undo', expiresAt: '2027-12-01T00:00:00Z' } } as never;
    });
    await clock.advance(90 * dayMs);
    await look();
    expect(secret()).toBeUndefined();
    expect(events).toEqual([expect.objectContaining({ about: 'RemovalCandidate sub-1.1', reason: 'UndoExpired', note: expect.not.stringContaining('cannot be undone') })]);
  });

  it('D4: goes when it expires where no attempt came of it', async () => {
    await clock.advance(90 * dayMs);
    await look();
    expect(secret()).toBeUndefined();
  });
});
