import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { AuditRecord } from '../../operator/api/audit-record.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { loadClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { startFaultProxy } from '../faults/fault-proxy.ts';
import { operatorKubeconfig, root, startOperatorProcess } from '../support/product.ts';
import { reclaimScopes } from './reclaim-scopes.ts';
import { conditionOf, confirmRule, decideOn, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

const longAgo = '2020-01-01T00:00:00Z';

/** What is kept for an undo, when somebody deletes the candidate by hand. */
describe('a candidate that was deleted by hand', () => {
  let story: Story;
  let waiting: string[];

  beforeAll(async () => {
    story = await openStory('undo', { scopes: reclaimScopes });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    const rule = (await largestModel(story)).metadata.name;
    await vi.waitFor(async () => expect((await story.get<ReclamationRule>('recrule', rule))?.status?.evaluation).toBeDefined(), { timeout: 30_000, interval: 200 });
    const spec = { newSeatGraceDays: 0, limits: { maxCandidateRatio: 100, maxPercent: 100, maxPerRun: 20, minAdmins: 1 } };
    await story.kubectl(['patch', 'recrule', rule, '--type=merge', '-p', JSON.stringify({ spec })]);
    await confirmRule(story, rule);
    await vi.waitFor(async () => expect((await ready()).length).toBeGreaterThan(3), { timeout: 30_000, interval: 200 });
    waiting = await ready();
  });

  afterAll(async () => {
    await story.close();
  });

  /** On no schedule or policy, and signed up. */
  function isFree(id: string): boolean {
    const { users, schedules, shiftSchedules, policies } = story.simulator.state.company;
    const person = users.find((user) => user.id === id);
    return person !== undefined && person.role !== 'owner' && !person.invitationSent && !JSON.stringify([schedules, shiftSchedules, policies]).includes(`"${id}"`);
  }

  async function ready(): Promise<string[]> {
    const all = await story.list<RemovalCandidate>('remcand');
    return all.filter(({ spec, status }) => status?.state === 'Ready' && isFree(spec.subject.externalUserId)).map(({ metadata }) => metadata.name);
  }

  /** One that was reclaimed, as it was before somebody deleted it. */
  async function reclaimedAndDeleted(): Promise<RemovalCandidate> {
    const name = waiting.shift() ?? '';
    await decideOn(story, name);
    const done = await story.until<RemovalCandidate>('remcand', name, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
    await story.kubectl(['delete', 'remcand', name, '--wait=true']);
    return done;
  }

  /** As docs/reclaim.md says. */
  async function putBack({ apiVersion, kind, metadata: { uid: _uid, resourceVersion: _version, ownerReferences: _owners, ...metadata }, spec }: RemovalCandidate): Promise<void> {
    await story.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion, kind, metadata, spec }));
    await story.until<RemovalCandidate>('remcand', metadata.name, ({ status }) => status?.state === 'ClosedComplete', 'as the trail says');
  }

  const undoOf = (name: string) => story.get<KubernetesObject>('secret', `${name}-undo`);
  const expire = (name: string) => story.kubectl(['annotate', 'secret', name, '--overwrite', `saaslicense.dev/expires-at=${longAgo}`]);

  /** Until the next refresh the subscription is as it was before the reclaim, so the rule makes another candidate of the same name. */
  async function madeAgain({ metadata, spec }: RemovalCandidate): Promise<void> {
    await story.kubectl(['annotate', 'recrule', spec.subject.ruleRef.name, '--overwrite', `saaslicense.dev/requestedAt=${metadata.name}`]);
    await story.until<RemovalCandidate>('remcand', metadata.name, ({ status }) => status?.state === 'Ready', 'made again');
  }

  function expectGivenBack({ spec: { subject } }: RemovalCandidate): void {
    expect(story.simulator.state.company.users.find(({ id }) => id === subject.externalUserId)?.role).toBe(subject.role);
  }

  async function restore(name: string): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const args = [join(root, 'operator/main.ts'), 'restore', name, '--by', 'kim', '--reason', 'deleted by mistake', '-n', story.namespace, '--kubeconfig', story.plane.kubeconfig];
      execFile(process.execPath, args, { env: { PATH: process.env['PATH'] ?? '' } }, (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }));
    });
  }

  it('D4: leaves the way back: put back from a backup, without its status, it is restored', async () => {
    const backup = await reclaimedAndDeleted();
    const { name } = backup.metadata;
    const refused = await restore(name);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`the Secret ${name}-undo`);
    expect(await undoOf(name)).toBeDefined();
    await putBack(backup);
    expect(await restore(name)).toMatchObject({ code: 0, stdout: expect.stringContaining('was restored at') as string });
    expectGivenBack(backup);
  });

  it('D4: leaves the way back also where the rule has made another of its name: that one goes first', async () => {
    const backup = await reclaimedAndDeleted();
    const { name } = backup.metadata;
    await madeAgain(backup);
    expect((await restore(name)).stderr).toContain('the operator has reclaimed nothing; the candidate is Ready');
    await story.kubectl(['delete', 'remcand', name, '--wait=true']);
    await putBack(backup);
    expect(await restore(name)).toMatchObject({ code: 0, stdout: expect.stringContaining('was restored at') as string });
    expectGivenBack(backup);
  });

  it('D4, guard 7: what was saved goes when it expires, which is in the trail and told at the profile; what is somebody else’s stays', async () => {
    const deleted = await reclaimedAndDeleted();
    const { metadata, spec } = deleted;
    // The next of its name has nothing to do with it.
    await madeAgain(deleted);
    const labels = { 'app.kubernetes.io/managed-by': 'saas-license-operator', 'saaslicense.dev/watch': 'true' };
    await story.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other.1-undo', namespace: story.namespace, labels, annotations: { 'saaslicense.dev/expires-at': longAgo } }, stringData: { mine: 'x' } });
    expect(await undoOf(metadata.name)).toBeDefined();
    await expire(`${metadata.name}-undo`);
    await vi.waitFor(async () => expect(await undoOf(metadata.name)).toBeUndefined(), { timeout: 30_000, interval: 200 });
    await vi.waitFor(
      async () => {
        const records = (await story.list<AuditRecord>('auditrecords')).filter((record) => record.spec.event === 'BundleDeleted').map((record) => record.spec);
        expect(records).toEqual([expect.objectContaining({ candidate: metadata.name, profile: 'pagerduty', externalUserId: spec.subject.externalUserId, actor: 'operator' })]);
      },
      { timeout: 30_000, interval: 200 },
    );
    await vi.waitFor(async () => expect(await story.kubectl(['get', 'events', '--field-selector', 'reason=UndoExpired,involvedObject.kind=IntegrationProfile', '-o', 'name'])).not.toBe(''), { timeout: 30_000, interval: 200 });
    expect(await undoOf('other.1')).toBeDefined();
  });

  it('D4, guard 7: one that expired while the operator was away goes when it is back', async () => {
    const { metadata } = await reclaimedAndDeleted();
    await story.operator.stop();
    await expire(`${metadata.name}-undo`);
    const next = await startOperatorProcess(story.plane, { logFile: join(story.plane.directory, `operator-${story.namespace}-again.log`), watchNamespace: story.namespace });
    try {
      await vi.waitFor(async () => expect(await undoOf(metadata.name)).toBeUndefined(), { timeout: 60_000, interval: 200 });
    } finally {
      await next.stop();
    }
  });

  it('guard 11: one that has expired by the clock of an operator that is 91 days ahead stays; the profile and the metrics say why; it goes once the clocks agree', async () => {
    await story.operator.stop();
    const { directory } = story.plane;
    const direct = await operatorKubeconfig(story.plane);
    const proxy = await startFaultProxy(await loadClusterConfig({ kubeconfig: direct, env: {} }));
    const kubeconfig = join(directory, `kubeconfig-${story.namespace}`);
    const { users, ...config } = parse(await readFile(direct, 'utf8')) as Record<string, unknown> & { clusters: { name: string }[] };
    const clusters = config.clusters.map(({ name }) => ({ name, cluster: { server: proxy.url, 'insecure-skip-tls-verify': true } }));
    await writeFile(kubeconfig, JSON.stringify({ ...config, clusters, users }));
    const operator = await startOperatorProcess(story.plane, { kubeconfig, logFile: join(directory, `operator-${story.namespace}-ahead.log`), watchNamespace: story.namespace });
    const clockMetrics = async (): Promise<string[]> => (await (await fetch(`${operator.telemetryUrl}/metrics`)).text()).split('\n').filter((line) => line.startsWith('saaslicense_clock_'));
    try {
      const { metadata } = await reclaimedAndDeleted();
      // To the operator it is the same whether its own clock is set wrong or the API server's.
      proxy.dateAheadMs = -91 * 86_400_000;
      await story.untilProfile((profile) => conditionOf(profile, 'ClockTrusted') === 'False ClockSkewed', 'ClockSkewed');
      expect(await clockMetrics()).toEqual([expect.stringMatching(/^saaslicense_clock_skew_seconds 786(2399|240\d)/), 'saaslicense_clock_trusted 0']);
      await expire(`${metadata.name}-undo`);
      await delay(3000);
      expect(await undoOf(metadata.name)).toBeDefined();
      proxy.dateAheadMs = 0;
      await vi.waitFor(async () => expect(await undoOf(metadata.name)).toBeUndefined(), { timeout: 60_000, interval: 200 });
      await story.untilProfile((profile) => conditionOf(profile, 'ClockTrusted') === 'absent', 'trusted again');
      expect(await clockMetrics()).toContain('saaslicense_clock_trusted 1');
    } finally {
      await operator.stop();
      await proxy.close();
    }
  });
});
