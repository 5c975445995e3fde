import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RefreshProcess, RefreshResult } from '../../operator/api/integration-profile.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { generateCompany, type Fault } from '../pagerduty-simulator/index.ts';
import { expectSuccess, sceneStart, setScene, subscriptionWrites, versionsOf, type Scene } from './refresh-scene.ts';

const hour = 3_600_000;
const signals = ['OnCall', 'SignIn', 'AuditActor', 'IncidentResponse'];
const company = generateCompany({ seed: 11, users: 120, now: sceneStart });

interface Pull {
  readonly process: RefreshProcess;
  readonly route: string;
  /** Pages that it has in this company. */
  readonly pages: number;
  /** The run goes on where the vendor refuses it. */
  readonly optional: boolean;
}

const pulls: readonly Pull[] = [
  { process: 'subscriptions', route: '/licenses', pages: 1, optional: true },
  { process: 'subscriptions', route: '/license_allocations', pages: 2, optional: true },
  { process: 'subscriptions', route: '/users', pages: 2, optional: false },
  { process: 'activity', route: '/oncalls', pages: 3, optional: true },
  { process: 'activity', route: '/users', pages: 1, optional: true },
  { process: 'activity', route: '/analytics/raw/users', pages: 1, optional: true },
  { process: 'activity', route: '/audit/records', pages: 2, optional: true },
  { process: 'activity', route: '/log_entries', pages: 1, optional: true },
];

const failing: Readonly<Record<string, Fault>> = {
  'a server error': { kind: 'status', status: 500 },
  'a gateway that is down': { kind: 'status', status: 503 },
  'a gateway that waited too long': { kind: 'status', status: 504 },
  'a time-out': { kind: 'status', status: 408 },
  'a rate limit that stays': { kind: 'status', status: 429 },
  'a revoked token': { kind: 'status', status: 401 },
  'a web page': { kind: 'html' },
  'an empty answer': { kind: 'empty' },
  'broken JSON': { kind: 'malformed-json' },
  'an answer that is cut off': { kind: 'truncate', keepBytes: 60, contentLength: 'kept' },
  'a connection that breaks in the answer': { kind: 'truncate', keepBytes: 60, contentLength: 'whole' },
  'a connection that is reset': { kind: 'reset', when: 'before-headers' },
};
const refusing: Readonly<Record<string, number>> = {
  'a plan without it': 402,
  'a role without the right': 403,
  'an API that is not there': 404,
};
/** Between pages: what the vendor's first page says from the start is the vendor's word. */
const moving: Readonly<Record<string, Fault>> = {
  'people who come twice': { kind: 'shift', by: -1 },
  'people who vanish': { kind: 'shift', by: 1 },
};
const deceiving: Readonly<Record<string, Fault>> = {
  ...moving,
  'a page that comes again': { kind: 'duplicate-page' },
  'a page that says the opposite of whether there are more': { kind: 'wrong-more' },
};

let reasons: string;
let scene: Scene;

beforeAll(async () => {
  reasons = await readFile(new URL('../../docs/reasons.md', import.meta.url), 'utf8');
});

/** One scene for all weather over one pull: nothing that fails may leave a trace, so they do not disturb each other. */
async function setBefore(process: RefreshProcess): Promise<void> {
  scene = await setScene({ company, profile: { activitySignals: signals } });
  await expectSuccess(scene, 'subscriptions');
  // So that a run that wrongly went on would have something to write.
  if (process === 'subscriptions') change();
}

let renamed = 0;
function change(): void {
  renamed += 1;
  scene.simulator.state.updateUser(company.users[renamed % 100]!.id, { name: `Renamed ${renamed}` });
  scene.simulator.state.removeUser(scene.simulator.state.company.users.at(-1)!.id);
  scene.clock.advance(hour);
}

function spoil(route: string, page: number, fault: Fault, count: number | null = null): void {
  scene.requests.length = 0;
  // A pull that is made again begins with its first page, which must not move: that would be another account.
  const which = fault.kind === 'shift' && count === null ? { where: { offset: String(page * 100) } } : { skip: page };
  scene.simulator.faults.add({ route, count, fault, ...which });
}

/** What the vendor has is what is stored. */
async function expectConverged(): Promise<void> {
  const names = ({ id, name }: { id: string; name: string }) => [id, name] as const;
  const stored = await scene.subscriptions();
  expect(new Map([...stored].map(([id, { spec }]) => [id, spec.displayName]))).toEqual(new Map(scene.simulator.state.company.users.map(names)));
}

async function expectRest(process: RefreshProcess): Promise<void> {
  scene.requests.length = 0;
  await expectSuccess(scene, process);
  expect(subscriptionWrites(scene)).toEqual([]);
}

for (const pull of pulls) {
  const { process, route } = pull;
  const places = Array.from({ length: pull.pages }, (_, page) => page);

  describe(`guard 6, L21: bad weather over ${route} of ${process}`, () => {
    beforeAll(() => setBefore(process));
    beforeEach(() => scene.simulator.faults.clear());

    it.each(Object.entries(failing))('%s at any page changes nothing, says what to do, and keeps what is known', async (_, fault) => {
      const before = versionsOf(await scene.subscriptions());
      for (const page of places) await expectFailed(pull, page, fault);
      expect(versionsOf(await scene.subscriptions())).toEqual(before);
    });

    it.each(Object.entries(refusing))('T6, T20: %s at any page is said, and only what cannot be done without it fails', async (_, status) => {
      for (const page of places) await expectRefused(pull, page, status);
    });

    it.each(Object.entries(deceiving))('%s at any page either fail the run or cost another pull, and never a person', async (name, fault) => {
      for (const page of name in moving ? places.slice(1) : places) {
        await expectNotDeceived(pull, page, { fault, count: 1 });
        await expectNotDeceived(pull, page, { fault, count: null });
      }
    });

    it('converges by itself once the weather is fine, and a repeat writes nothing', async () => {
      await expectSuccess(scene, process);
      if (process === 'subscriptions') await expectConverged();
      else expect((await scene.result('activity'))?.signals?.map((signal) => signal.available)).toEqual([true, true, true, true]);
      await expectRest(process);
    });

    afterAll(() => scene.stop());
  });
}

async function expectFailed({ process, route }: Pull, page: number, fault: Fault): Promise<void> {
  const known = await scene.result(process);
  scene.simulator.faults.clear();
  spoil(route, page, fault);
  const { exitCode, failure } = await scene.run(process);
  expect(exitCode).not.toBe(0);
  expect(reasons).toContain(failure?.reason);
  expect(subscriptionWrites(scene)).toEqual([]);
  const result = await scene.result(process);
  expect(result).toMatchObject({ result: 'Failed', reason: failure?.reason, message: failure?.message, apiWrites: 0 });
  for (const key of ['counts', 'licenses', 'signals', 'connection', 'lastSuccessTime'] as const) expect(result?.[key]).toEqual(known?.[key]);
}

async function expectRefused({ process, route, optional }: Pull, page: number, status: number): Promise<void> {
  scene.simulator.faults.clear();
  change();
  spoil(route, page, { kind: 'status', status });
  const { exitCode, failure, result } = await scene.run(process);
  // Where even on-calls are not found, the address is wrong.
  const goesOn = optional && !(route === '/oncalls' && status === 404);
  expect([exitCode, failure?.reason]).toEqual(goesOn ? [0, undefined] : [3, expect.anything()]);
  if (failure === undefined) await expectSaid(process, result);
  else expect(reasons).toContain(failure.reason);
}

async function expectSaid(process: RefreshProcess, result: RefreshResult | undefined): Promise<void> {
  const away = result?.signals?.find((signal) => !signal.available);
  const unavailable = process === 'activity' ? away : result?.licenseData;
  expect(unavailable?.available).toBe(false);
  expect(reasons).toContain(unavailable?.reason);
  // Who is seen by a signal that could not look is never taken for inactive.
  if (process === 'activity') expect(await neverSeenBy(away?.name)).toEqual([]);
}

async function expectNotDeceived({ process, route }: Pull, page: number, { fault, count }: { fault: Fault; count: number | null }): Promise<void> {
  scene.simulator.faults.clear();
  change();
  const before = await scene.subscriptions();
  spoil(route, page, fault, count);
  const { exitCode, failure } = await scene.run(process);
  if (exitCode !== 0) {
    expect(failure?.kind).toBe('Retryable');
    expect(subscriptionWrites(scene)).toEqual([]);
  } else if (process === 'subscriptions') {
    await expectConverged();
  }
  expectForward(before, await scene.subscriptions());
}

async function neverSeenBy(signal: string | undefined): Promise<SoftwareSubscription[]> {
  const all = [...(await scene.subscriptions()).values()];
  return all.filter(({ spec, status }) => status?.activity === 'Never' && (spec.roleGroup === 'FullUser' || signal === 'SignIn'));
}

/** L18: no fact that was known is lost. */
function expectForward(before: ReadonlyMap<string, SoftwareSubscription>, after: ReadonlyMap<string, SoftwareSubscription>): void {
  for (const [id, { status }] of after) {
    for (const { signal, time } of before.get(id)?.status?.evidence ?? []) {
      const now = status?.evidence?.find((one) => one.signal === signal)?.time ?? '';
      expect(Date.parse(now)).toBeGreaterThanOrEqual(Date.parse(time));
    }
  }
}
