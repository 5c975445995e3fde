import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionOf, isSettled, manifests, openStory, type Story } from './story.ts';

const defaultName = 'sn-pagerduty-spoke.pagerduty';

/** The shortest way: a profile that names no alias. */
describe('a profile that names no connection', () => {
  let story: Story;

  beforeAll(async () => {
    story = await openStory('default', { users: 20 });
    const profile = manifests(story).profile({ schedules: undefined });
    const { connectionAliasRef: _ref, ...spec } = profile.spec as Record<string, unknown>;
    await story.apply({ ...profile, spec });
  });

  afterAll(async () => {
    await story.close();
  });

  it('S52: refers to the default alias, and shows the exact id that the guide gives it', async () => {
    const profile = await story.untilProfile((object) => object.status?.state === 'Draft', 'a draft');
    expect(profile.spec.connectionAliasRef).toEqual({ name: defaultName });
    expect(profile.status).toMatchObject({ connectionAlias: defaultName, connectionAliasId: 'sn_pagerduty_spoke.PagerDuty' });
    expect(conditionOf(profile, 'ConnectionReady')).toBe('False ConnectionAliasMissing');
  });

  it('S1, S53, S54: once that alias is created the profile is validated, published and refreshed by itself', async () => {
    const alias = manifests(story).alias();
    await story.apply(manifests(story).secret(), { ...alias, metadata: { ...alias.metadata, name: defaultName } });
    const profile = await story.untilProfile(isSettled, 'published and refreshed');
    expect(profile.status?.subscriptions?.total).toBe(20);
    expect(await story.get('connalias', profile.status?.connectionAlias ?? '')).toBeDefined();
  });

  it('S44: people are watched from the day the profile was made', async () => {
    const profile = await story.untilProfile((object) => object.status?.activityWindow?.completeUntil !== undefined, 'a complete window');
    expect(profile.status?.activityWindow?.collectingSince).toBe(profile.metadata.creationTimestamp);
  });

  it('S76, L20: without schedules both refreshes are daily, activity two hours after subscriptions', async () => {
    const jobs = await story.list<{ spec: { schedule: string }; metadata: { labels: Record<string, string> } }>('cronjobs', 'saaslicense.dev/profile=pagerduty');
    const daily = /^(\d{1,2}) (\d{1,2}) \* \* \*$/;
    const hours = Object.fromEntries(jobs.map(({ metadata, spec }) => [metadata.labels['saaslicense.dev/process'], daily.exec(spec.schedule)?.slice(1).map(Number)]));
    const [minute = NaN, hour = NaN] = hours['subscriptions'] ?? [];
    expect(hours['activity']).toEqual([minute, (hour + 2) % 24]);
  });

  it('S46: the last activity threshold is a rule’s own, 60 days unless somebody changes it', async () => {
    const rule = (spec: object): object => ({
      apiVersion: 'saaslicense.dev/v1alpha1',
      kind: 'ReclamationRule',
      metadata: { name: 'inactive', namespace: story.namespace },
      spec: { profileRef: { name: 'pagerduty' }, action: 'Remove', ...spec },
    });
    const threshold = async (): Promise<number | undefined> =>
      (await story.get<{ spec: { lastActivityThresholdDays: number } }>('recrule', 'inactive'))?.spec.lastActivityThresholdDays;
    await story.apply(rule({}));
    expect(await threshold()).toBe(60);
    await story.apply(rule({ lastActivityThresholdDays: 90 }));
    expect(await threshold()).toBe(90);
  });
});
