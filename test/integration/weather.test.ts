import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionOf, hasHandled, isSettled, manifests, openStory, type Story } from './story.ts';

/** Each story breaks something outside the operator, and ends with everything well again by itself. */
describe('a published profile in bad weather', () => {
  let story: Story;
  let request = 0;

  beforeAll(async () => {
    story = await openStory('weather', { users: 40 });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
  });

  afterAll(async () => {
    await story.close();
  });

  async function refreshNow(): Promise<string> {
    request += 1;
    await story.kubectl(['annotate', 'intprof', 'pagerduty', '--overwrite', `saaslicense.dev/requestedAt=${request}`]);
    return String(request);
  }

  async function refreshWell(): Promise<void> {
    const asked = await refreshNow();
    await story.untilProfile((object) => hasHandled(object, asked), `request ${asked} handled`);
  }

  it('a token revoked at PagerDuty is noticed by the refresh and replaced; the next refresh is well', async () => {
    const before = await story.untilAlias(() => true, 'there');
    story.simulator.credentials.revoke({ credentialId: story.simulator.journal.list({ route: '/users' }).at(-1)?.credentialId ?? '' });
    await refreshNow();
    await story.untilAlias((alias) => alias.status?.token?.issuedAt !== before.status?.token?.issuedAt, 'a new token');
    await refreshWell();
  });

  it('guard 6: a truncated download changes nothing and says so; data that is fresh stays Ready', async () => {
    const before = await story.subscriptions();
    const fault = story.simulator.faults.add({ route: '/users', count: null, fault: { kind: 'truncate', keepBytes: 200, contentLength: 'kept' } });
    await refreshNow();
    const profile = await story.untilProfile((object) => conditionOf(object, 'SubscriptionsRefreshed').startsWith('False'), 'failed');
    expect(profile.status?.refresh?.subscriptions?.result).toBe('Failed');
    expect(conditionOf(profile, 'Ready')).toBe('True Refreshed');
    story.simulator.faults.remove(fault);
    await refreshWell();
    const after = await story.subscriptions();
    expect(after.map((each) => each.metadata.uid)).toEqual(before.map((each) => each.metadata.uid));
  });

  it('NotOwned: a Secret that somebody else made under the token’s name is never overwritten', async () => {
    const { alias } = manifests(story);
    await story.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'other-token', namespace: story.namespace }, stringData: { token: 'theirs' } });
    const other = { ...alias(), metadata: { ...alias().metadata, name: 'other' } };
    const profile = { ...manifests(story).profile({ connectionAliasRef: { name: 'other' }, publish: false }), metadata: { name: 'other', namespace: story.namespace } };
    await story.apply(other, profile);
    await story.until<{ status?: never }>('connalias', 'other', (object) => conditionOf(object, 'CredentialsReady') === 'False NotOwned', 'NotOwned');
    const secret = await story.get<{ data: { token: string } }>('secret', 'other-token');
    expect(Buffer.from(secret?.data.token ?? '', 'base64').toString()).toBe('theirs');
    await story.kubectl(['delete', 'secret', 'other-token']);
    await story.kubectl(['annotate', 'connalias', 'other', 'saaslicense.dev/requestedAt=1']);
    await story.until<{ status?: never }>('connalias', 'other', (object) => conditionOf(object, 'Ready') === 'True Connected', 'connected');
    await story.kubectl(['delete', 'intprof,connalias', 'other']);
  });

  it('a wrong client secret stalls the alias; the right one mends it without another word', async () => {
    await story.apply(manifests(story).secret('wrong'));
    const stalled = await story.untilAlias((alias) => alias.status?.lastFailure !== undefined, 'failed');
    expect(stalled.status?.lastFailure?.reason).toBe('CredentialsRejected');
    expect(conditionOf(stalled, 'Stalled')).toBe('True CredentialsRejected');
    await story.apply(manifests(story).secret());
    const alias = await story.untilAlias((object) => conditionOf(object, 'Ready') === 'True Connected', 'mended');
    expect(alias.status?.lastFailure).toBeUndefined();
    expect(conditionOf(alias, 'Stalled')).toBe('absent');
  });

  it('the API server restarts in the middle; the operator goes on by itself', async () => {
    await story.plane.restartApiServer();
    await refreshWell();
  });

  it('converged, three forced passes write nothing (design section 4)', async () => {
    const before = await story.untilProfile(isSettled, 'settled');
    const alias = await story.untilAlias(() => true, 'there');
    for (const touch of ['a', 'b', 'c']) {
      await story.kubectl(['annotate', 'intprof,connalias', 'pagerduty', '--overwrite', `example.com/touched=${touch}`]);
    }
    const passes = async () => (await (await fetch(`${story.operator.telemetryUrl}/metrics`)).text()).match(/workqueue_depth\{[^}]*\} (\d+)/g)?.every((line) => line.endsWith(' 0'));
    await expect.poll(passes, { timeout: 20_000 }).toBe(true);
    const after = await story.untilProfile(() => true, 'there');
    expect(after.status).toEqual(before.status);
    expect((await story.untilAlias(() => true, 'there')).status).toEqual(alias.status);
    expect(story.simulator.journal.writes()).toEqual([]);
  });

  it('the operator ends within its grace and with exit code 0', async () => {
    expect(await story.operator.stop()).toBe(0);
  });
});
