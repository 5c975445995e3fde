import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { reconcileProfile } from '../../operator/controllers/integration-profile/reconcile.ts';
import type { Fault } from '../pagerduty-simulator/index.ts';
import { aliasManifests, openAliasScene, type AliasScene, type Replica } from './alias-scene.ts';
import { conditionOf } from './story.ts';

const hour = 3_600_000;

/** What the vendor answers a call of Validate Connection with, and what the profile then says. */
const weather: readonly (readonly [story: string, fault: Fault, reason: string])[] = [
  ['a server error', { kind: 'status', status: 500 }, 'VendorUnavailable'],
  ['a time-out', { kind: 'status', status: 408 }, 'VendorUnavailable'],
  ['a rate limit that stays', { kind: 'status', status: 429 }, 'RateLimited'],
  ['401', { kind: 'status', status: 401 }, 'TokenRejected'],
  ['402', { kind: 'status', status: 402 }, 'ValidationFailed'],
  ['403', { kind: 'status', status: 403 }, 'ValidationFailed'],
  ['a web page', { kind: 'html' }, 'MalformedAnswer'],
  ['an answer that is cut off', { kind: 'truncate', keepBytes: 40, contentLength: 'kept' }, 'MalformedAnswer'],
  ['a connection that is reset', { kind: 'reset', when: 'before-headers' }, 'VendorUnreachable'],
];
const calls = ['/users', '/oncalls'] as const;

describe('Validate Connection in bad weather', () => {
  let scene: AliasScene;
  let replica: Replica;
  let reasons: string;
  let request = 0;

  beforeAll(async () => {
    reasons = await readFile(new URL('../../docs/reasons.md', import.meta.url), 'utf8');
    scene = await openAliasScene('validation-weather');
    replica = scene.start();
    const { secret, alias } = aliasManifests(scene);
    await scene.apply(secret(), alias({ oauth: undefined, appToken: { clientSecretRef: { name: 'app' } } }));
    await ask();
    await look();
  });

  afterAll(async () => {
    await scene.close();
  });

  beforeEach(() => {
    scene.pagerduty.faults.clear();
    scene.clock.advance(hour);
  });

  /** A draft that a person asks to be validated again (S64). */
  async function ask(): Promise<void> {
    request += 1;
    const profile = aliasManifests(scene).profile({ publish: false });
    await scene.apply({ ...profile, metadata: { ...profile.metadata, annotations: { 'saaslicense.dev/requestedAt': String(request) } } });
  }

  const read = async () => (await scene.client.get<IntegrationProfile>(integrationProfileResource, { namespace: scene.namespace, name: 'pagerduty' })) ?? Promise.reject(new Error('no profile'));

  /** A pass over the alias, one over the profile, and over the alias again, which may have to renew the token. */
  async function look(): Promise<IntegrationProfile> {
    await replica.pass();
    await replica.pass();
    await reconcileProfile(`${scene.namespace}/pagerduty`, replica.dependencies, new AbortController().signal);
    await replica.pass();
    return read();
  }

  describe.each(calls)('over %s', (route) => {
    it.each(weather)('S65: %s: not validated, with what to do; asked no sooner than it may be; well again by itself', async (_story, fault, reason) => {
      scene.pagerduty.faults.add({ route, count: null, fault });
      await ask();
      const failed = await look();
      expect(conditionOf(failed, 'ConnectionValidated')).toBe(`False ${reason}`);
      expect(conditionOf(failed, 'Ready')).toBe(`False ${reason}`);
      expect(conditionOf(failed, reason === 'ValidationFailed' ? 'Stalled' : 'Reconciling')).toBe(`True ${reason}`);
      expect(failed.status?.validation?.passed).toBe(false);
      expect(failed.status?.state).toBe('Draft');
      expect(reasons).toContain(reason);

      const made = scene.pagerduty.journal.list({ route }).length;
      const again = await look();
      expect(scene.pagerduty.journal.list({ route })).toHaveLength(made);
      expect(again.metadata.resourceVersion).toBe(failed.metadata.resourceVersion);

      scene.pagerduty.faults.clear();
      scene.clock.advance(hour);
      const mended = await look();
      expect(conditionOf(mended, 'ConnectionValidated')).toBe('True Validated');
      expect(conditionOf(mended, 'Ready')).toBe('True DraftValidated');
      expect(conditionOf(mended, 'Stalled')).toBe('absent');
      expect(mended.status?.lastFailure).toBeUndefined();
      expect((await look()).metadata.resourceVersion).toBe(mended.metadata.resourceVersion);
      expect(scene.pagerduty.journal.writes()).toEqual([]);
    });
  });
});
