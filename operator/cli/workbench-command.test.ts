import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aNamespace, aSnapshot, namespaceNow, type NamespaceFixture } from '../../test/support/position-namespace.ts';
import type { Workbench } from '../licensing/position/workbench.ts';
import { writeSnapshot } from './position/snapshot-file.ts';
import type { Snapshot } from './position/snapshot-schema.ts';

const entry = fileURLToPath(new URL('../main.ts', import.meta.url));
const address = /[^\s@"']+@[^\s@"']+\.[a-z]+/;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-workbench-'));
  await record('now.json', aSnapshot());
  await record('named.json', aSnapshot(aNamespace(), { withPeople: true }));
  await record('before.json', aSnapshot(aNamespace(40), { at: namespaceNow - 30 * 86_400_000 }));
  await record('earlier.json', aSnapshot(aNamespace(20), { at: namespaceNow - 60 * 86_400_000 }));
});
afterAll(async () => rm(folder, { recursive: true }));

async function record(name: string, snapshot: Snapshot): Promise<void> {
  await writeFile(join(folder, name), writeSnapshot(snapshot));
}

/** The command line as a person runs it, in the folder of the snapshots and without any cluster. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [entry, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const workbenchOf = async (...args: string[]): Promise<Workbench> => JSON.parse((await run(['workbench', '-o', 'json', ...args])).stdout) as Workbench;

describe('saaslicense workbench on recorded data', () => {
  it('S83, S84: shows the position as of the time at which it was recorded', async () => {
    const workbench = await workbenchOf('--from', 'now.json');
    expect(workbench).toMatchObject({ namespace: 'team-a', at: '2026-11-24T12:00:00Z', sum: { compliance: 'NonCompliant', owned: 53 } });
    expect(workbench.profiles.map(({ name }) => name)).toEqual(['pagerduty', 'pagerduty-emea']);
    expect(workbench.contracts.find(({ name }) => name === 'pd-business-2026')).toMatchObject({ state: 'Active', renewalDue: true, daysToRenewal: 37, annualCostMinor: 1_968_000 });
    expect(workbench.candidates.map(({ name, state }) => [name, state])).toEqual([['candidate-1', 'AwaitingApproval']]);
    expect(workbench.trend).toHaveLength(1);
  });

  it.each(['table', 'json', 'csv', 'focus', 'html'])('writes %s, and guard 7: without an address or a name', async (format) => {
    for (const file of ['now.json', 'named.json']) {
      const { code, stdout, stderr } = await run(['workbench', '--from', file, '-o', format]);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout.length).toBeGreaterThan(500);
      expect(stdout).not.toMatch(address);
      expect(stdout).not.toContain('Robin Example');
    }
  });

  it('guard 7: nor do the plan and what is said of a mistake', async () => {
    for (const args of [['plan', '--from', 'named.json'], ['plan', '--from', 'named.json', '-o', 'json'], ['plan', '--from', 'now.json', '--price', 'robin@example.com=1'], ['plan', '--from', 'now.json', '--threshold', 'pd=1']]) {
      const { stdout, stderr } = await run(args);
      expect(stdout + stderr).not.toBe('');
      expect(stdout + stderr).not.toMatch(address);
      expect(stdout + stderr).not.toContain('Robin Example');
    }
  });

  it('--with-people shows whom candidates are about, when the file tells', async () => {
    expect((await workbenchOf('--from', 'named.json', '--with-people')).candidates[0]?.person).toBe('Robin Example 1');
    const { code, stderr } = await run(['workbench', '--from', 'now.json', '--with-people']);
    expect([code, stderr]).toEqual([1, 'saaslicense workbench: now.json does not hold the names of people: write it with saaslicense snapshot --with-people, or leave out --with-people.\n']);
  });

  it('--trend: oldest first whatever the order, the present last, and each time once', async () => {
    const { trend } = await workbenchOf('--from', 'now.json', '--trend', 'before.json', '--trend', 'earlier.json', '--trend', 'now.json', '--trend', 'before.json');
    expect(trend.map(({ at, counts }) => [at, counts.assigned])).toEqual([
      ['2026-09-25T12:00:00Z', 20],
      ['2026-10-25T12:00:00Z', 39],
      ['2026-11-24T12:00:00Z', 58],
    ]);
    expect(Object.keys(trend[0]?.counts ?? {})).not.toContain('money');
  });

  it('--trend: refuses a later snapshot and one of another namespace', async () => {
    await record('other.json', { ...aSnapshot(), namespace: 'team-b' });
    expect((await run(['workbench', '--from', 'before.json', '--trend', 'now.json'])).stderr).toContain('after the time that is to be shown');
    expect((await run(['workbench', '--from', 'now.json', '--trend', 'other.json'])).stderr).toContain('other.json is of namespace team-b, and team-a is to be shown');
  });

  it('--fail-on NonCompliant is exit code 3, and the position is shown all the same', async () => {
    const failing = await run(['workbench', '--from', 'now.json', '--fail-on', 'NonCompliant']);
    expect([failing.code, failing.stderr]).toEqual([3, '']);
    expect(failing.stdout).toContain('NonCompliant');
    await record('strays.json', aSnapshot(withRights(500)));
    // Whoever belongs to no model uses a right that no entitlement covers (L31).
    expect((await run(['workbench', '--from', 'strays.json', '--fail-on', 'NonCompliant'])).code).toBe(3);
    await record('enough.json', aSnapshot(everybodyKnown(withRights(500))));
    expect((await run(['workbench', '--from', 'enough.json', '--fail-on', 'NonCompliant'])).code).toBe(0);
  });

  it('--fail-on NonCompliant fails too when rights are used and every entitlement has ended', async () => {
    await record('ended.json', aSnapshot(withoutRights()));
    const failing = await run(['workbench', '--from', 'ended.json', '--fail-on', 'NonCompliant']);
    expect([failing.code, failing.stderr]).toEqual([3, '']);
    expect(failing.stdout).toMatch(/^TOTAL +NoEntitlement/m);
    expect((await run(['workbench', '--from', 'ended.json'])).code).toBe(0);
  });

  it('--profile: one profile alone', async () => {
    const { profiles, contracts, sum } = await workbenchOf('--from', 'now.json', '--profile', 'pagerduty-emea');
    expect(profiles.map(({ name }) => name)).toEqual(['pagerduty-emea']);
    expect(contracts.map(({ name }) => name)).toEqual(['emea-business', 'of-nothing']);
    expect(sum.owned).toBe(10);
    const { code, stderr } = await run(['workbench', '--from', 'now.json', '--profile', 'no']);
    expect([code, stderr]).toEqual([1, 'saaslicense workbench: There is no IntegrationProfile no in namespace team-a; there are pagerduty, pagerduty-emea.\n']);
  });

  it('--output-file: a file that only its owner may read, and nothing on the standard output', async () => {
    const { code, stdout } = await run(['workbench', '--from', 'now.json', '-o', 'html', '--output-file', 'report.html']);
    expect([code, stdout]).toEqual([0, '']);
    expect((await stat(join(folder, 'report.html'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, 'report.html'), 'utf8')).toBe((await run(['workbench', '--from', 'now.json', '-o', 'html'])).stdout);
  });

  it.each([
    [['workbench', '--from', 'now.json', '-o', 'xml'], 2, '--output must be one of table, json, csv, focus, html'],
    [['workbench', '--fail-on', 'Anything'], 2, '--fail-on must be one of NonCompliant'],
    [['workbench', '--from', 'now.json', '-n', 'a'], 2, '--from reads no cluster'],
    [['snapshot', '--from', 'now.json'], 2, "Unknown option '--from'"],
    [['snapshot', '-o', 'json'], 2, '-o names the file to write, and a snapshot is always JSON: write -o snapshot.json, or -o ./json for a file called json'],
    [['snapshot', '--output-file', 'table'], 2, '-o names the file to write'],
    [['snapshot', '-o', './json'], 1, 'No API server is configured'],
    [['workbench', '--from', 'none.json'], 1, 'none.json cannot be read (ENOENT)'],
    [['workbench'], 1, 'No API server is configured'],
    [['snapshot', '-o', 'x.json'], 1, 'No API server is configured'],
    [['plan', '--kubeconfig', 'none'], 1, ''],
  ])('%j is exit code %i', async (args, code, text) => {
    const result = await run(args);
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toContain(text);
  });

  it('tells what it is for: each command in the help, and its options', async () => {
    const { stdout } = await run(['help']);
    for (const command of ['plan', 'snapshot', 'workbench']) {
      expect(stdout).toContain(`\n  ${command} `);
      expect((await run([command, '--help'])).stdout).toContain(`usage: saaslicense ${command} `);
    }
  });
});

describe('byte-identical output for the same input', () => {
  it.each([
    ['plan', '--threshold', '30', '--commit', 'emea-business=25', '--renewal', 'pd-business-2026=2027-03-31'],
    ['plan', '-o', 'json', '--threshold', '30'],
    ['workbench', '-o', 'table'],
    ['workbench', '-o', 'json'],
  ])('%s %s %s %s: twice, with the lists turned around, in another time zone and language', async (...args) => {
    await writeFile(join(folder, 'turned.json'), JSON.stringify(turnedAround(JSON.parse(writeSnapshot(aSnapshot())) as Snapshot)));
    const first = await run([...args, '--from', 'now.json'], { TZ: 'Etc/UTC', LC_ALL: 'C' });
    expect(first.code).toBe(0);
    expect(first.stdout.length).toBeGreaterThan(500);
    const others = await Promise.all([
      run([...args, '--from', 'now.json'], { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }),
      run([...args, '--from', 'turned.json'], { TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8' }),
    ]);
    for (const { stdout } of others) expect(stdout === first.stdout).toBe(true);
  });
});

/** Every entitlement holds so many rights. */
function withRights(rights: number): NamespaceFixture {
  const fixture = aNamespace();
  return { ...fixture, entitlements: fixture.entitlements.map((one) => ({ ...one, spec: { ...one.spec, purchasedRights: rights } })) };
}

/** The licence that no model claims belongs to one. */
function everybodyKnown(fixture: NamespaceFixture): NamespaceFixture {
  const know = (identifiers: readonly string[]): string[] => [...identifiers, 'PLIC999'];
  return {
    ...fixture,
    models: fixture.models.map((one) => (one.metadata.name === 'pd-business' ? { ...one, spec: { ...one.spec, subscriptionIdentifiers: know(one.spec.subscriptionIdentifiers) } } : one)),
  };
}

/** Every entitlement ended in the year before. */
function withoutRights(): NamespaceFixture {
  const fixture = aNamespace();
  return { ...fixture, entitlements: fixture.entitlements.map((one) => ({ ...one, spec: { ...one.spec, startDate: '2025-01-01', endDate: '2025-12-31' } })) };
}

/** The same data with every list that has no order and every key turned around. */
function turnedAround(snapshot: Snapshot): unknown {
  const turned = Object.entries(snapshot).toReversed().map(([key, value]) => [key, Array.isArray(value) ? value.toReversed() : value] as const);
  const whole = Object.fromEntries(turned) as Snapshot;
  return { ...whole, profiles: whole.profiles.map((profile) => ({ ...profile, seats: profile.seats.toReversed() })) };
}
