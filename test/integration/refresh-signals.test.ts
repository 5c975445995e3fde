import { afterEach, describe, expect, it } from 'vitest';
import type { SignalResult } from '../../operator/api/integration-profile.ts';
import type { SoftwareSubscriptionStatus } from '../../operator/api/software-subscription.ts';
import { generateCompany, type CompanyState, type Person } from '../pagerduty-simulator/index.ts';
import { sceneStart, setScene, subscriptionWrites, type Scene } from './refresh-scene.ts';

const hour = 3_600_000;
const day = 24 * hour;
const at = (time: number): string => new Date(time).toISOString();
const from = at(sceneStart - 60 * day);

const drawn = generateCompany({ seed: 11, users: 40, now: sceneStart });
const [owner, permanent, signedIn, idle] = drawn.users.filter((person) => !person.role.startsWith('read_only')) as [Person, Person, Person, Person];
const [reader, lurker] = drawn.users.filter((person) => person.role.startsWith('read_only')) as [Person, Person];

/** Nobody ever signed in, but one full user and one stakeholder, ten days ago; one person is always on call. */
const signInAt = sceneStart - 10 * day;
const users = drawn.users.map((person) => {
  const webSignIns = person.id === signedIn.id || person.id === reader.id ? [signInAt] : [];
  return { ...person, webSignIns, mobileSignIns: [], invitationSent: false };
});
const targets = [{ kind: 'user', id: permanent.id }] as const;
const policies = [{ id: 'PPOL1', name: 'Policy', description: null, teamIds: [], loops: 0, rules: [{ id: 'PRULE1', delayMinutes: 30, targets }] }];
const company: CompanyState = { ...drawn, users, policies, schedules: [], shiftSchedules: [], incidents: [], auditRecords: [] };

let scene: Scene;

afterEach(async () => {
  await scene.stop();
});

async function setSignals(...activitySignals: string[]): Promise<void> {
  scene = await setScene({ company, profile: { activitySignals } });
  expect((await scene.run('subscriptions')).exitCode).toBe(0);
}

const enable = (...activitySignals: string[]) => scene.patchProfile({ spec: { activitySignals } });
const statusOf = async (person: Person): Promise<SoftwareSubscriptionStatus | undefined> => (await scene.subscriptions()).get(person.id)?.status;
const signalsOf = async (): Promise<Record<string, SignalResult>> =>
  Object.fromEntries(((await scene.result('activity'))?.signals ?? []).map((signal) => [signal.name, signal]));

async function refresh(): Promise<void> {
  scene.requests.length = 0;
  scene.simulator.journal.clear();
  expect((await scene.run('activity')).exitCode).toBe(0);
}

/** The plan no longer has analytics: PagerDuty answers 402. */
function takeSignInAway(): void {
  scene.simulator.faults.add({ route: '/analytics/**', count: null, fault: { kind: 'status', status: 402 } });
}

function askedOncalls(): string | undefined {
  return scene.simulator.journal.list({ route: '/oncalls' })[0]?.query.find(([name]) => name === 'since')?.[1];
}

describe('C16: several signals', () => {
  it('L3: any one of them counts, and each leaves its evidence: which, when, from where', async () => {
    await setSignals('OnCall', 'SignIn');
    await refresh();
    expect(await statusOf(signedIn)).toEqual({
      activity: 'Recorded',
      lastActivity: { time: at(signInAt), signal: 'SignIn' },
      evidenceFrom: from,
      evidence: [{ signal: 'SignIn', time: at(signInAt), source: '/analytics/raw/users' }],
    });
    expect((await statusOf(permanent))?.evidence).toEqual([{ signal: 'OnCall', time: at(sceneStart), source: '/oncalls' }]);
    expect(await statusOf(idle)).toEqual({ activity: 'Never', evidenceFrom: from });
  });

  it('T3, T18: SignIn sees stakeholders, whom OnCall leaves Unknown', async () => {
    await setSignals('OnCall', 'SignIn');
    await refresh();
    expect((await statusOf(reader))?.lastActivity?.signal).toBe('SignIn');
    expect((await statusOf(lurker))?.activity).toBe('Never');
  });

  it('T18: the window is what all signals cover: sign-ins end a day before now', async () => {
    await setSignals('OnCall', 'SignIn');
    await refresh();
    expect(await signalsOf()).toEqual({
      OnCall: { name: 'OnCall', available: true, from, to: at(sceneStart) },
      SignIn: { name: 'SignIn', available: true, from, to: at(sceneStart - day) },
    });
    expect((await scene.result('activity'))?.activityWindow).toEqual({ from, to: at(sceneStart - day) });
  });

  it('a repeat writes nothing', async () => {
    await setSignals('OnCall', 'SignIn', 'AuditActor', 'IncidentResponse');
    await refresh();
    await refresh();
    expect(subscriptionWrites(scene)).toEqual([]);
  });

  it('S42: a newly enabled one is pulled from the start of the analysis, while the others go on', async () => {
    await setSignals('OnCall');
    await refresh();
    expect((await statusOf(reader))?.activity).toBe('Unknown');
    scene.clock.advance(day);
    await enable('OnCall', 'SignIn');
    await refresh();
    expect(askedOncalls()).toBe(at(sceneStart - 2 * hour).replace('.000Z', 'Z'));
    expect((await signalsOf())['SignIn']).toMatchObject({ available: true, from: at(sceneStart - 59 * day) });
    expect((await signalsOf())['OnCall']).toMatchObject({ from, to: at(sceneStart + day) });
    // All signals together have watched the person for a day less.
    expect(await statusOf(idle)).toEqual({ activity: 'Never', evidenceFrom: at(sceneStart - 59 * day) });
    expect((await statusOf(reader))?.lastActivity?.time).toBe(at(signInAt));
  });

  it('keep what a disabled one saw, and forget its window', async () => {
    await setSignals('OnCall', 'SignIn');
    await refresh();
    await enable('OnCall');
    await refresh();
    expect(await statusOf(signedIn)).toMatchObject({ activity: 'Recorded', lastActivity: { signal: 'SignIn' } });
    expect(Object.keys(await signalsOf())).toEqual(['OnCall']);
  });
});

describe('guard 6: people whom the analytics do not list yet', () => {
  it('T18: a stakeholder who was created today is Unknown, and Never only once the analytics have the person', async () => {
    await setSignals('SignIn');
    scene.simulator.state.updateUser(lurker.id, { createdAt: sceneStart - hour });
    await refresh();
    expect(await statusOf(lurker)).toEqual({ activity: 'Unknown' });
    expect(await statusOf(idle)).toEqual({ activity: 'Never', evidenceFrom: from });
    scene.clock.advance(day);
    await refresh();
    // Watched since the first pull that listed the person, two hours before the end of the one before.
    expect(await statusOf(lurker)).toEqual({ activity: 'Never', evidenceFrom: at(sceneStart - day - 2 * hour) });
  });

  it('one who was deleted and is listed still harms nobody', async () => {
    await setSignals('SignIn');
    scene.simulator.state.removeUser(reader.id);
    expect((await scene.run('subscriptions')).exitCode).toBe(0);
    await refresh();
    expect((await scene.subscriptions()).has(reader.id)).toBe(false);
    expect(await statusOf(lurker)).toEqual({ activity: 'Never', evidenceFrom: from });
  });
});

describe('guard 6: a signal that is not available', () => {
  it('is recorded with the reason, does not fail the run, and makes nobody Never whom it would see', async () => {
    await setSignals('OnCall', 'SignIn');
    takeSignInAway();
    await refresh();
    expect((await signalsOf())['SignIn']).toMatchObject({ available: false, reason: 'SignalPlanMissing' });
    expect((await signalsOf())['SignIn']?.message).toContain('spec.activitySignals');
    expect(await statusOf(idle)).toEqual({ activity: 'Unknown' });
    expect(await statusOf(permanent)).toMatchObject({ activity: 'Recorded' });
    expect((await scene.result('activity'))?.activityWindow).toEqual({ from, to: at(sceneStart) });
  });

  it('comes back: its gap is pulled, and nothing that was known is lost', async () => {
    await setSignals('OnCall', 'SignIn');
    await refresh();
    takeSignInAway();
    scene.clock.advance(3 * day);
    await refresh();
    expect(await statusOf(idle)).toEqual({ activity: 'Unknown', evidenceFrom: from });
    expect((await signalsOf())['SignIn']).toMatchObject({ available: false, from, to: at(sceneStart - day) });
    scene.simulator.faults.clear();
    scene.clock.advance(day);
    await refresh();
    expect(await statusOf(idle)).toEqual({ activity: 'Never', evidenceFrom: from });
    expect((await signalsOf())['SignIn']).toEqual({ name: 'SignIn', available: true, from, to: at(sceneStart + 3 * day) });
  });

  it('and no other: the run fails, says what to do and changes nothing', async () => {
    await setSignals('SignIn');
    await refresh();
    const before = await scene.result('activity');
    takeSignInAway();
    scene.clock.advance(day);
    scene.requests.length = 0;
    expect(await scene.run('activity')).toMatchObject({ exitCode: 3, failure: { kind: 'Terminal', reason: 'NoSignalAvailable' } });
    expect(subscriptionWrites(scene)).toEqual([]);
    const after = await scene.result('activity');
    expect(after).toMatchObject({ result: 'Failed', signals: before?.signals, activityWindow: before?.activityWindow });
    expect(after?.message).toMatch(/SignIn.*spec\.activitySignals/);
  });

  it('T20: an audit of another plan leaves on-calls to speak for themselves', async () => {
    await setSignals('OnCall', 'AuditActor');
    scene.simulator.faults.add({ route: '/audit/records', count: null, fault: { kind: 'status', status: 402 } });
    await refresh();
    expect((await statusOf(owner))?.activity).toBe('Unknown');
    await enable('OnCall');
    await refresh();
    expect((await statusOf(owner))?.activity).toBe('Never');
  });
});
