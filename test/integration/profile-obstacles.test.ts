import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOperatorProcess, type OperatorProcess } from '../support/product.ts';
import { conditionOf, hasHandled, isSettled, manifests, openStory, type Story } from './story.ts';

describe('what an administrator can put in the way', () => {
  let story: Story;
  let operator: OperatorProcess | undefined;

  beforeAll(async () => {
    story = await openStory('profile-obstacles', { users: 15 });
    const { secret, alias } = manifests(story);
    await story.apply(secret(), alias());
  });

  afterAll(async () => {
    await operator?.stop();
    await story.close();
  });

  async function startOperator(args: string[]): Promise<OperatorProcess> {
    await operator?.stop();
    return startOperatorProcess(story.plane, { logFile: join(story.plane.directory, `operator-${story.namespace}-again.log`), watchNamespace: story.namespace, args });
  }
  const suspended = async () => (await story.list<{ spec: { suspend: boolean } }>('cronjobs')).map((job) => job.spec.suspend);

  it('NotOwned: a RoleBinding of the name that is somebody else’s is never written to; no job is claimed, and no request counts as handled', async () => {
    const name = 'saas-license-operator-refresh';
    const theirs = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace: story.namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    };
    const { profile } = manifests(story);
    await story.apply(theirs, profile());
    const held = await story.untilProfile((object) => conditionOf(object, 'RefreshScheduled') === 'False NotOwned', 'held');
    expect(conditionOf(held, 'Stalled')).toBe('True NotOwned');
    expect(held.status?.scheduledJobs).toEqual([]);
    expect(await story.list('cronjobs')).toEqual([]);
    await story.kubectl(['annotate', 'intprof', 'pagerduty', 'saaslicense.dev/requestedAt=early']);
    expect(await story.get<{ roleRef: object; subjects?: object[] }>('rolebinding', name)).not.toHaveProperty('subjects');
    await story.kubectl(['delete', 'rolebinding', name]);
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', 'saaslicense.dev/requestedAt=now']);
    await story.untilProfile((object) => hasHandled(object, 'now'), 'refreshed');
    await story.operator.stop();
  });

  it('S29: ProviderAvailable is False with SpokeNotInstalled and the flag to set; nothing is called and nothing is lost', async () => {
    const calls = story.simulator.journal.list().length;
    operator = await startOperator(['--enable-provider=']);
    const profile = await story.untilProfile((object) => conditionOf(object, 'ProviderAvailable') === 'False SpokeNotInstalled', 'switched off');
    expect(profile.status?.conditions?.find((condition) => condition.type === 'Ready')?.message).toContain('--enable-provider PagerDuty');
    expect(conditionOf(profile, 'Stalled')).toBe('True SpokeNotInstalled');
    expect(profile.status?.state).toBe('Published');
    await expect.poll(suspended, { timeout: 20_000 }).toEqual([true, true]);
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', 'saaslicense.dev/requestedAt=off']);
    expect(story.simulator.journal.list().length).toBe(calls);
    expect(await story.subscriptions()).toHaveLength(15);
  });

  it('switched on again, it goes on by itself, with the request that was made meanwhile', async () => {
    operator = await startOperator([]);
    const profile = await story.untilProfile((object) => hasHandled(object, 'off'), 'refreshed');
    expect(conditionOf(profile, 'ProviderAvailable')).toBe('True Available');
    await expect.poll(suspended, { timeout: 20_000 }).toEqual([false, false]);
  });

  it('a suspended profile waits for nothing: it is Ready, its alias is not used, and nobody is told to take scopes from the app', async () => {
    const patch = (suspend: boolean) => story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', JSON.stringify({ spec: { suspend } })]);
    await patch(true);
    const alias = await story.untilAlias((object) => conditionOf(object, 'LeastPrivilege') === 'Unknown NotUsed', 'not used');
    expect(conditionOf(alias, 'Ready')).toBe('True NotUsed');
    const profile = await story.untilProfile((object) => conditionOf(object, 'ConnectionReady') === 'Unknown Suspended', 'suspended');
    expect(conditionOf(profile, 'Ready')).toBe('True Suspended');
    expect([conditionOf(profile, 'Reconciling'), conditionOf(profile, 'Stalled')]).toEqual(['absent', 'absent']);
    expect(profile.status?.conditions?.find((condition) => condition.type === 'Published')?.message).not.toContain('scheduled');
    await patch(false);
    await story.untilProfile((object) => isSettled(object) && conditionOf(object, 'Ready') === 'True Refreshed', 'resumed');
    const notes = (JSON.parse(await story.kubectl(['get', 'events.events.k8s.io', '-o', 'json'])) as { items: { type: string; reason: string; regarding: { kind: string } }[] }).items;
    expect(notes.length).toBeGreaterThan(5);
    // The alias came to its token by itself, each time.
    expect(notes.filter(({ type, reason }) => type === 'Warning' && reason === 'ConnectionNotReady')).toEqual([]);
  });

  it('S48: an app that may not write lets the downloads go on, and is told which scope, for whom, and both ways out', async () => {
    story.simulator.apps.register({ clientId: 'reader-client', clientSecret: 'reader-secret', scopes: ['users.read', 'oncalls.read'] });
    const secret = { ...manifests(story).secret('reader-secret'), stringData: { clientId: 'reader-client', clientSecret: 'reader-secret' } };
    await story.apply(secret);
    const alias = await story.untilAlias((object) => conditionOf(object, 'ScopesSufficient') === 'False ScopesNotGranted', 'told');
    expect(conditionOf(alias, 'Ready')).toBe('True Connected');
    expect(alias.status?.grantedScopes).toEqual(['oncalls.read', 'users.read']);
    const told = alias.status?.conditions?.find((condition) => condition.type === 'ScopesSufficient')?.message ?? '';
    expect(told).toContain('users.write (ReclaimSubscription of pagerduty)');
    expect(told).toContain('spec.reclaimSubscriptions: false');
    await story.untilProfile((object) => conditionOf(object, 'ReclaimEnabled') === 'False ScopesNotGranted' && isSettled(object), 'told by the profile');
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', 'saaslicense.dev/requestedAt=reader']);
    await story.untilProfile((object) => hasHandled(object, 'reader'), 'refreshed with what there is');
    await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":false}}']);
    await story.untilAlias((object) => conditionOf(object, 'ScopesSufficient') === 'True ScopesGranted' && conditionOf(object, 'Ready') === 'True Connected', 'mended');
  });
});
