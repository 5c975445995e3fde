import { afterEach, describe, expect, it } from 'vitest';
import { softwareSubscriptionResource, type SoftwareSubscriptionStatus } from '../../operator/api/software-subscription.ts';
import { subscriptionName } from '../../operator/licensing/subscription-name.ts';
import { judgeSeat } from '../../operator/licensing/reclaim/judge.ts';
import { toReclaimSeat } from '../../operator/licensing/reclaim/seat.ts';
import { judgeContext } from '../support/reclaim-company.ts';
import type { Person } from '../pagerduty-simulator/index.ts';
import { coming, company, fullUsers, idle, permanent, rotatedOff, stakeholders } from './on-call-company.ts';
import { meanwhile, profileName, sceneStart, setScene, standingClock, subscriptionWrites, versionsOf, type Scene, type SceneOptions } from './refresh-scene.ts';

const hour = 3_600_000;
const day = 24 * hour;
const at = (time: number): string => new Date(time).toISOString();

let scene: Scene;

afterEach(async () => {
  await scene.stop();
});

/** A scene in which the subscriptions were downloaded, with the counters at zero. */
async function setDownloaded(options: Partial<SceneOptions> = {}): Promise<void> {
  scene = await setScene({ company, ...options });
  expect((await scene.run('subscriptions')).exitCode).toBe(0);
  forget();
}

function forget(): void {
  scene.requests.length = 0;
  scene.simulator.journal.clear();
}

async function runActivity(change: Parameters<Scene['run']>[1] = {}): Promise<number> {
  return (await scene.run('activity', change)).exitCode;
}

async function statusOf(person: Person): Promise<SoftwareSubscriptionStatus | undefined> {
  return (await scene.subscriptions()).get(person.id)?.status;
}

/** Windows that the vendor was asked for. */
function windowsAsked(): string[] {
  const questions = scene.simulator.journal.list({ route: '/oncalls' }).map(({ query }) => Object.fromEntries(query) as Record<string, string>);
  return [...new Set(questions.map(({ since, until }) => `${since} to ${until}`))];
}

const wholeSeconds = (from: number, to: number): string => `${at(from).replace('.000Z', 'Z')} to ${at(to).replace('.000Z', 'Z')}`;
const keyOf = (person: Person) => ({ namespace: scene.namespace, name: subscriptionName(profileName, person.id) });

describe('guard 9: activity of a seat that was handed over', () => {
  it('makes nobody a candidate who has it since the last refresh, though the former person was one', async () => {
    await setDownloaded();
    expect(await runActivity()).toBe(0);
    const verdict = async () => {
      const watches = new Map([['FullUser', { from: sceneStart - 60 * day, to: scene.clock.now(), signals: ['OnCall'] }]] as const);
      const judged = judgeSeat(toReclaimSeat((await scene.subscriptions()).get(rotatedOff.id)!), judgeContext({ now: scene.clock.now(), watches, spec: { lastActivityThresholdDays: 30 } }));
      return judged.kind;
    };
    expect(await verdict()).toBe('Candidate');
    scene.clock.advance(2 * hour);
    scene.simulator.state.updateUser(rotatedOff.id, { name: 'New Person', email: 'new.person@acme-example.test' });
    forget();
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    expect(subscriptionWrites(scene)).toEqual(['PATCH']);
    expect(await verdict()).toBe('Recent');
    expect(await runActivity()).toBe(0);
    expect(await verdict()).toBe('Recent');
  });

  it('begins anew: the former person’s is not shown as the newcomer’s, and what the newcomer does is', async () => {
    await setDownloaded();
    expect(await runActivity()).toBe(0);
    expect((await statusOf(rotatedOff))?.activity).toBe('Recorded');
    scene.clock.advance(2 * hour);
    scene.simulator.state.updateUser(rotatedOff.id, { name: 'New Person', email: 'new.person@acme-example.test' });
    scene.simulator.state.updateUser(coming.id, { name: 'New Person Too', email: 'new.person.too@acme-example.test' });
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    const { personSince } = (await scene.subscriptions()).get(rotatedOff.id)!.spec;
    forget();
    expect(await runActivity()).toBe(0);
    expect(await statusOf(rotatedOff)).toEqual({ activity: 'Never', evidenceFrom: personSince });
    // Both newcomers, and the one who is on call all the time.
    expect(subscriptionWrites(scene)).toEqual(['PATCH', 'PATCH', 'PATCH']);
    scene.clock.advance(6 * hour);
    forget();
    expect(await runActivity()).toBe(0);
    expect(await statusOf(coming)).toMatchObject({ activity: 'Recorded', lastActivity: { signal: 'OnCall' }, evidenceFrom: personSince });
    expect(await statusOf(rotatedOff)).toEqual({ activity: 'Never', evidenceFrom: personSince });
    expect(subscriptionWrites(scene)).toEqual(['PATCH', 'PATCH']);
  });
});

describe('first refresh of activity', () => {
  it('L19: waits for the subscriptions, and does not call the vendor', async () => {
    scene = await setScene({ company });
    expect(await scene.run('activity')).toMatchObject({ exitCode: 3, failure: { kind: 'Waiting', reason: 'SubscriptionsNotDownloaded' } });
    expect(scene.simulator.journal.list()).toEqual([]);
    expect(await scene.result('activity')).toMatchObject({ result: 'Failed', failureKind: 'Waiting', reason: 'SubscriptionsNotDownloaded' });
  });

  it('S45: counts a shift of 40 days ago, long before the profile was made', async () => {
    await setDownloaded();
    expect(await runActivity()).toBe(0);
    expect(await statusOf(rotatedOff)).toEqual({
      activity: 'Recorded',
      lastActivity: { time: at(sceneStart - 40 * day + 8 * hour), signal: 'OnCall' },
      evidenceFrom: at(sceneStart - 60 * day),
      evidence: [{ signal: 'OnCall', time: at(sceneStart - 40 * day + 8 * hour), source: '/oncalls' }],
    });
  });

  it('T4: counts a permanent target as active now, and one who comes on call later as never active yet', async () => {
    await setDownloaded();
    expect(await runActivity()).toBe(0);
    expect(await statusOf(permanent)).toMatchObject({ activity: 'Recorded', lastActivity: { time: at(sceneStart) } });
    expect(await statusOf(coming)).toEqual({ activity: 'Never', evidenceFrom: at(sceneStart - 60 * day) });
    expect(await statusOf(idle)).toEqual({ activity: 'Never', evidenceFrom: at(sceneStart - 60 * day) });
  });

  it('T3: leaves stakeholders Unknown, whom the on-call signal cannot see', async () => {
    await setDownloaded();
    expect(await runActivity()).toBe(0);
    expect(stakeholders.length).toBeGreaterThan(3);
    for (const person of stakeholders) expect(await statusOf(person)).toEqual({ activity: 'Unknown' });
  });

  it('S43: records the window and the counts', async () => {
    await setDownloaded();
    expect(await runActivity()).toBe(0);
    expect(windowsAsked()).toEqual([wholeSeconds(sceneStart - 60 * day, sceneStart)]);
    expect(await scene.result('activity')).toMatchObject({
      result: 'Succeeded',
      apiWrites: 60,
      created: 0,
      updated: 60,
      counts: { total: 60, recorded: 2, never: fullUsers.length - 2, unknown: stakeholders.length },
      activityWindow: { from: at(sceneStart - 60 * day), to: at(sceneStart) },
    });
    expect((await scene.result('subscriptions'))?.result).toBe('Succeeded');
  });

  it('is not run while Download Activity is cleared', async () => {
    await setDownloaded({ profile: { downloadActivity: false } });
    expect(await scene.run('activity')).toMatchObject({ exitCode: 3, failure: { reason: 'ActivityNotEnabled' } });
    expect(scene.simulator.journal.list()).toEqual([]);
  });
});

describe('start of the analysis', () => {
  it('S42, S43: 60 days are fine, a second more is refused without a call', async () => {
    await setDownloaded({ profile: { analyzeUserActivityFrom: at(sceneStart - 60 * day - 1000) } });
    expect(await scene.run('activity')).toMatchObject({ exitCode: 3, failure: { kind: 'Terminal', reason: 'AnalyzeFromTooFar' } });
    expect(scene.simulator.journal.list()).toEqual([]);
    await scene.patchProfile({ spec: { analyzeUserActivityFrom: at(sceneStart - 60 * day) } });
    expect(await runActivity()).toBe(0);
  });

  it('stays valid the next day, even when the first pull failed', async () => {
    await setDownloaded({ profile: { analyzeUserActivityFrom: at(sceneStart - 60 * day) } });
    scene.simulator.faults.add({ route: '/oncalls', count: null, fault: { kind: 'status', status: 403 } });
    expect(await runActivity()).not.toBe(0);
    expect((await scene.result('activity'))?.activityWindow).toEqual({ from: at(sceneStart - 60 * day) });
    expect((await statusOf(idle))?.activity).toBeUndefined();
    scene.simulator.faults.clear();
    scene.clock.advance(day);
    expect(await runActivity()).toBe(0);
    expect((await statusOf(idle))?.evidenceFrom).toBe(at(sceneStart - 60 * day));
  });

  it('is pulled again from an earlier point', async () => {
    await setDownloaded({ profile: { analyzeUserActivityFrom: at(sceneStart - 10 * day) } });
    expect(await runActivity()).toBe(0);
    expect((await statusOf(rotatedOff))?.activity).toBe('Never');
    await scene.patchProfile({ spec: { analyzeUserActivityFrom: at(sceneStart - 50 * day) } });
    forget();
    expect(await runActivity()).toBe(0);
    expect(windowsAsked()).toEqual([wholeSeconds(sceneStart - 50 * day, sceneStart)]);
    expect(await statusOf(rotatedOff)).toMatchObject({ activity: 'Recorded', evidenceFrom: at(sceneStart - 50 * day) });
    expect((await statusOf(idle))?.evidenceFrom).toBe(at(sceneStart - 50 * day));
  });
});

describe('next refresh of activity', () => {
  it('writes nothing when nothing changed', async () => {
    await setDownloaded();
    await runActivity();
    const before = versionsOf(await scene.subscriptions());
    forget();
    expect(await runActivity()).toBe(0);
    expect(subscriptionWrites(scene)).toEqual([]);
    expect(versionsOf(await scene.subscriptions())).toEqual(before);
    expect(await scene.result('activity')).toMatchObject({ apiWrites: 0, updated: 0, counts: { total: 60, recorded: 2 } });
  });

  it('pulls only from the last end less the overlap, and moves activity forward only', async () => {
    await setDownloaded();
    await runActivity();
    scene.clock.advance(day);
    forget();
    expect(await runActivity()).toBe(0);
    const end = sceneStart + day;
    expect(windowsAsked()).toEqual([wholeSeconds(sceneStart - 2 * hour, end)]);
    expect(subscriptionWrites(scene)).toEqual(['PATCH', 'PATCH']);
    expect(await statusOf(permanent)).toMatchObject({ lastActivity: { time: at(end) } });
    expect(await statusOf(coming)).toMatchObject({ activity: 'Recorded', lastActivity: { time: at(sceneStart + 14 * hour) } });
    expect(await statusOf(rotatedOff)).toMatchObject({ lastActivity: { time: at(sceneStart - 40 * day + 8 * hour) } });
    expect((await scene.result('activity'))?.activityWindow).toEqual({ from: at(sceneStart - 60 * day), to: at(end) });
  });

  it('C11, guard 6: leaves the window where it was when a pull fails, and covers the gap next time', async () => {
    await setDownloaded();
    await runActivity();
    const window = (await scene.result('activity'))?.activityWindow;
    const before = versionsOf(await scene.subscriptions());
    scene.clock.advance(day);
    scene.simulator.faults.add({ route: '/oncalls', count: null, fault: { kind: 'truncate', keepBytes: 50, contentLength: 'kept' } });
    expect(await runActivity()).toBe(1);
    expect(await scene.result('activity')).toMatchObject({ result: 'Failed', failureKind: 'Retryable', counts: { total: 60 }, activityWindow: window });
    expect(versionsOf(await scene.subscriptions())).toEqual(before);
    scene.simulator.faults.clear();
    scene.clock.advance(day);
    forget();
    expect(await runActivity()).toBe(0);
    expect(windowsAsked()[0]).toMatch(new RegExp(`^${at(sceneStart - 2 * hour).replace('.000Z', 'Z')} to`));
    expect(await statusOf(coming)).toMatchObject({ activity: 'Recorded' });
  });

  it('guard 6: gives someone who came later evidence only since the pull that knew them', async () => {
    await setDownloaded();
    await runActivity();
    scene.clock.advance(day);
    scene.simulator.state.addUser({ ...idle, id: 'PNEWONE', email: 'new.person@example.test' });
    await scene.run('subscriptions');
    expect(await runActivity()).toBe(0);
    expect((await scene.subscriptions()).get('PNEWONE')?.status).toEqual({ activity: 'Never', evidenceFrom: at(sceneStart - 2 * hour) });
    expect((await statusOf(idle))?.evidenceFrom).toBe(at(sceneStart - 60 * day));
  });
});

describe('others who write at the same time', () => {
  it('L18: cannot make a refresh move an activity back', async () => {
    await setDownloaded();
    const later = { time: at(sceneStart - day), signal: 'OnCall' };
    const status = { activity: 'Recorded', lastActivity: later, evidenceFrom: at(sceneStart - 60 * day) };
    const act = () => scene.client.mergePatch(softwareSubscriptionResource, keyOf(rotatedOff), { status }, { subresource: 'status' });
    expect(await runActivity({ provider: meanwhile(act) })).toBe(0);
    expect((await statusOf(rotatedOff))?.lastActivity).toEqual(later);
  });

  it('only make it read that one again', async () => {
    await setDownloaded();
    const act = async () => {
      await scene.client.mergePatch(softwareSubscriptionResource, keyOf(rotatedOff), { metadata: { labels: { note: 'x' } } });
      await scene.client.mergePatch(softwareSubscriptionResource, keyOf(idle), { spec: { role: 'read_only_user', roleGroup: 'Stakeholder' } });
      await scene.client.delete(softwareSubscriptionResource, keyOf(coming));
    };
    expect(await runActivity({ provider: meanwhile(act) })).toBe(0);
    expect(await statusOf(rotatedOff)).toMatchObject({ activity: 'Recorded' });
    expect(await statusOf(idle)).toEqual({ activity: 'Unknown' });
    expect((await scene.subscriptions()).has(coming.id)).toBe(false);
  });

  it('may be another refresh of the same profile', async () => {
    await setDownloaded();
    expect(await Promise.all([runActivity(), runActivity(), scene.run('subscriptions').then(({ exitCode }) => exitCode)])).toEqual([0, 0, 0]);
    forget();
    expect(await runActivity()).toBe(0);
    expect(subscriptionWrites(scene)).toEqual([]);
  });

  it('may kill it: the next run converges', async () => {
    await setDownloaded();
    const stop = new AbortController();
    scene.watcher.onRequest = () => {
      if (subscriptionWrites(scene).length >= 20) stop.abort();
    };
    expect(await runActivity({ signal: stop.signal, clock: standingClock, concurrency: 4 })).toBe(1);
    scene.watcher.onRequest = () => undefined;
    expect(await scene.result('activity')).toMatchObject({ result: 'Failed', reason: 'Interrupted' });
    expect((await scene.result('activity'))?.activityWindow).toBeUndefined();
    expect(await runActivity()).toBe(0);
    expect(await scene.result('activity')).toMatchObject({ counts: { total: 60, recorded: 2, unknown: stakeholders.length } });
    expect(await statusOf(idle)).toEqual({ activity: 'Never', evidenceFrom: at(sceneStart - 60 * day) });
  });
});
