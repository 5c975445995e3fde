import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { createNamespace } from './control-plane-handle.ts';
import { expectNoWrites } from './quiet.ts';
import { conditionOf, isSettled, manifests, openStory, type Story } from './story.ts';

const day = 86_400_000;

/** Each story spoils one thing; it ends in a condition that says what to do, and converges by itself when the cause goes. */
describe('profiles in bad weather', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('profile-weather', { users: 20 });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
  });

  afterAll(async () => {
    await story.close();
  });

  const patch = (spec: object) => story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', JSON.stringify({ spec })]);
  const jobsSuspended = async () => (await story.list<{ spec: { suspend: boolean } }>('cronjobs')).map((job) => job.spec.suspend);
  const messageOf = (profile: IntegrationProfile, type: string) => profile.status?.conditions?.find((condition) => condition.type === type)?.message ?? '';

  it.each([
    ['S38: a cleared download', { downloadSubscriptions: false }, 'downloadSubscriptions cannot be cleared'],
    ['S31: a changed type, here to a provider that is not known', { type: 'Other' }, 'spec.type'],
    ['cron nonsense that a pattern can see', { schedules: { subscriptions: 'every day' } }, 'spec.schedules.subscriptions'],
    ['an unknown signal', { activitySignals: ['Telepathy'] }, 'activitySignals'],
  ])('the API server refuses %s, and nothing changes', async (_story, spec, text) => {
    const before = await story.untilProfile(() => true, 'there');
    await expect(patch(spec)).rejects.toThrow(text);
    // The operator may be writing status meanwhile, of the refresh that has just ended.
    const after = await story.untilProfile(() => true, 'there');
    expect([after.metadata.generation, after.spec]).toEqual([before.metadata.generation, before.spec]);
  });

  it.each([
    ['S43: a start of the analysis over 60 days back', { analyzeUserActivityFrom: new Date(Date.now() - 61 * day).toISOString() }, { analyzeUserActivityFrom: null }, 'ActivityRefreshed', 'AnalyzeFromTooFar', 'maxLookBackDays'],
    ['a schedule that no calendar knows', { schedules: { activity: '0 0 31 2 *' } }, { schedules: null }, 'RefreshScheduled', 'InvalidSchedule', 'spec.schedules.activity'],
    ['a time zone that does not exist', { schedules: { timeZone: 'Europe/Atlantis' } }, { schedules: null }, 'RefreshScheduled', 'InvalidTimeZone', 'spec.schedules.timeZone'],
  ])('%s stalls the profile, says what to change, and is forgotten once it is changed', async (...row) => {
    const [, spoilt, mended, type, reason, hint] = row;
    await patch(spoilt);
    const stalled = await story.untilProfile((profile) => conditionOf(profile, 'Stalled') === `True ${reason}`, reason);
    expect(conditionOf(stalled, type)).toBe(`False ${reason}`);
    expect(messageOf(stalled, type)).toContain(hint);
    await expectNoWrites(story);
    await patch(mended);
    await story.untilProfile(isSettled, 'settled');
    await expectNoWrites(story);
  });

  it('an alias that is not there yet is waited for by name; once it comes the profile goes on by itself', async () => {
    await patch({ connectionAliasRef: { name: 'later' } });
    const waiting = await story.untilProfile((profile) => conditionOf(profile, 'ConnectionReady') === 'False ConnectionAliasMissing', 'waiting');
    expect(messageOf(waiting, 'ConnectionReady')).toContain('ConnectionAlias later is not in this namespace');
    expect(conditionOf(waiting, 'Reconciling')).toBe('True ConnectionAliasMissing');
    expect(await jobsSuspended()).toEqual([true, true]);
    await expectNoWrites(story);
    const { alias } = manifests(story);
    await story.apply({ ...alias(), metadata: { ...alias().metadata, name: 'later' } });
    await story.untilProfile((profile) => isSettled(profile) && profile.status?.connectionAlias === 'later', 'settled on the other alias');
    await patch({ connectionAliasRef: { name: 'pagerduty' } });
    await story.untilProfile((profile) => isSettled(profile) && profile.status?.connectionAlias === 'pagerduty', 'back again');
    await story.kubectl(['delete', 'connalias', 'later']);
  });

  it('an alias that is deleted suspends the jobs and loses nothing; made again, it is validated and goes on', async () => {
    const before = await story.subscriptions();
    await story.kubectl(['delete', 'connalias', 'pagerduty', '--wait=true']);
    const waiting = await story.untilProfile((profile) => conditionOf(profile, 'RefreshScheduled') === 'False ConnectionAliasMissing', 'suspended');
    expect(waiting.status?.state).toBe('Published');
    expect(await jobsSuspended()).toEqual([true, true]);
    expect(await story.subscriptions()).toHaveLength(before.length);
    await story.apply(manifests(story).alias());
    await story.untilProfile((profile) => isSettled(profile) && conditionOf(profile, 'ConnectionReady') === 'True ConnectionReady', 'settled');
    expect(new Set((await story.subscriptions()).map((each) => each.metadata.uid))).toEqual(new Set(before.map((each) => each.metadata.uid)));
  });

  it('a suspended alias suspends the jobs of its profiles, and PagerDuty is not called', async () => {
    await story.kubectl(['patch', 'connalias', 'pagerduty', '--type=merge', '-p', '{"spec":{"suspend":true}}']);
    await story.untilProfile((profile) => conditionOf(profile, 'ConnectionReady') === 'False Suspended', 'held');
    await expect.poll(jobsSuspended, { timeout: 20_000 }).toEqual([true, true]);
    const calls = story.simulator.journal.list().length;
    await expectNoWrites(story);
    expect(story.simulator.journal.list().length).toBe(calls);
    await story.kubectl(['patch', 'connalias', 'pagerduty', '--type=merge', '-p', '{"spec":{"suspend":false}}']);
    await story.untilProfile(isSettled, 'settled');
    await expect.poll(jobsSuspended, { timeout: 20_000 }).toEqual([false, false]);
  });

  it('a Secret of another namespace is never read, and the profile says where to look', async () => {
    const other = await createNamespace('profile-weather-other');
    const { secret, alias } = manifests(story);
    await story.plane.kubectl(['apply', '--server-side', '-f', '-'], { input: JSON.stringify({ ...secret(), metadata: { name: 'elsewhere', namespace: other } }) });
    await story.apply(alias({ appToken: { clientSecretRef: { name: 'elsewhere' } } }));
    const waiting = await story.untilProfile((profile) => messageOf(profile, 'ConnectionReady').includes('SecretMissing'), 'SecretMissing');
    expect(conditionOf(waiting, 'ConnectionReady')).toBe('False ConnectionNotReady');
    await story.apply(alias());
    await story.untilProfile((profile) => isSettled(profile) && conditionOf(profile, 'ConnectionReady') === 'True ConnectionReady', 'settled');
    await story.plane.kubectl(['delete', 'namespace', other, '--wait=false']);
  });

  it('converged, it writes nothing, and never wrote to PagerDuty', async () => {
    await expectNoWrites(story);
    expect(story.simulator.journal.writes()).toEqual([]);
  });
});
