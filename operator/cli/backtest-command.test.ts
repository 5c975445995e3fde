import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { aNamespace, aSnapshot, namespaceNow, type NamespaceFixture } from '../../test/support/position-namespace.ts';
import { aRuleNamespace } from '../../test/support/rule-namespace.ts';
import { aCandidate, aReclamationRule } from '../../test/support/rule-builders.ts';
import { aSubscription, anExclusion } from '../../test/support/position-builders.ts';
import type { SoftwareSubscription } from '../api/software-subscription.ts';
import { readBacktestOptions, runBacktestCommand } from './backtest-command.ts';
import { parseSnapshot, writeSnapshot } from './position/snapshot-file.ts';
import type { BacktestDocument } from './rule/backtest-snapshots.ts';

const dayMs = 86_400_000;
let folder: string;
let printed: string;

/**
 * Four people, at three times a month apart, by the days since their last activity at the first of them: of those who were away for 40
 * days one came back after 10 days, of those away for 80 nobody.
 */
const months = [
  { at: namespaceNow, away: { back: 40, forty: 40, eighty: 80, active: 1 } },
  { at: namespaceNow + 30 * dayMs, away: { back: 20, forty: 70, eighty: 110, active: 1 } },
  { at: namespaceNow + 60 * dayMs, away: { back: 50, forty: 100, eighty: 140, active: 1 } },
] as const;

function monthOf({ at, away }: (typeof months)[number], change: Partial<NamespaceFixture> = {}): string {
  const base = aRuleNamespace(1);
  const shift = at - namespaceNow;
  const moved = JSON.parse(JSON.stringify(base.profiles), (key, value: unknown) => (typeof value === 'string' && ['from', 'to', 'lastSuccessTime', 'lastRefreshTime'].includes(key) ? new Date(Date.parse(value) + shift).toISOString() : value)) as NamespaceFixture['profiles'];
  const subscriptions = Object.entries(away).map(([name, days]) => personOf(name, at - days * dayMs, at - 100 * dayMs));
  const rules = [aReclamationRule({ name: 'business', spec: { lastActivityThresholdDays: 60 } })];
  return writeSnapshot(aSnapshot({ ...base, profiles: moved, subscriptions, rules, candidates: [], exclusions: [], ...change }, { at }));
}

function personOf(name: string, last: number, since: number): SoftwareSubscription {
  const time = new Date(last).toISOString();
  return aSubscription({
    name: `pagerduty-${name}`,
    spec: { externalUserId: name.toUpperCase(), userPrincipalName: `${name}@example.com`, assignedAt: '2025-01-01T00:00:00Z' },
    status: { activity: 'Recorded', lastActivity: { time, signal: 'OnCall' }, evidence: [{ signal: 'OnCall', time, source: '/oncalls' }], evidenceFrom: new Date(since).toISOString() },
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-backtest-'));
  for (const [index, month] of months.entries()) await writeFile(join(folder, `${index}.json`), monthOf(month));
  const excluded = { exclusions: [anExclusion({ spec: { user: { userPrincipalName: 'Back@Example.com', kind: 'Person' }, until: '2030-01-01T00:00:00Z' } })] };
  await writeFile(join(folder, 'excluded.json'), monthOf(months[2], excluded));
  await writeFile(join(folder, 'elsewhere.json'), writeSnapshot({ ...aSnapshot(aNamespace(3)), namespace: 'team-b' }));
});
afterAll(async () => rm(folder, { recursive: true }));
beforeEach(() => {
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest) => {
    printed += String(text);
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text) => {
    printed += String(text);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function run(files: readonly string[], ...options: string[]): Promise<{ code: number; text: string }> {
  printed = '';
  const code = await runBacktestCommand([...files.flatMap((file) => ['--from', join(folder, file)]), ...options]);
  return { code, text: printed };
}

const all = ['0.json', '1.json', '2.json'];

describe('saaslicense backtest', () => {
  it('D3: planted truth: tells by threshold who was flagged and who came back', async () => {
    const { code, text } = await run(all, '--rule', 'business', '--threshold', '30,60', '-o', 'json');
    expect(code).toBe(0);
    const { variants, states, rule, profile } = JSON.parse(text) as BacktestDocument;
    expect({ states, rule, profile }).toEqual({ states: 3, rule: 'business', profile: 'pagerduty' });
    expect(variants.map(({ name, people, returned30, precision30, flagged }) => ({ name, people, returned30, precision30, first: flagged[0]?.names }))).toEqual([
      { name: '30 days', people: 3, returned30: 1, precision30: { part: 2, of: 3 }, first: ['pagerduty-back', 'pagerduty-eighty', 'pagerduty-forty'] },
      { name: '60 days, as it is', people: 2, returned30: 0, precision30: { part: 2, of: 2 }, first: ['pagerduty-eighty'] },
    ]);
  });

  it('C33: tells what became of everybody', async () => {
    const { text } = await run(all, '--rule', 'business', '--threshold', '60', '-o', 'json');
    const [variant] = (JSON.parse(text) as BacktestDocument).variants;
    expect(variant?.cohorts).toMatchObject({ retained: 2, reactivated: 0, lapsed: 1, left: 0, new: 0, stillAtRisk: 1 });
  });

  it('is the same whatever the order of the files, and of a rule that is not there everything is at its default', async () => {
    const one = await run(all, '--profile', 'pagerduty', '-o', 'json');
    const other = await run(all.toReversed(), '--profile', 'pagerduty', '-o', 'json');
    expect(other).toEqual(one);
    expect((JSON.parse(one.text) as BacktestDocument).variants.map(({ thresholdDays }) => thresholdDays)).toEqual([30, 60, 90]);
  });

  it('L26: leaves out whom an exclusion keeps, though pseudonyms differ between the files', async () => {
    const { text } = await run(['0.json', '1.json', 'excluded.json'], '--rule', 'business', '--threshold', '30', '-o', 'json');
    expect((JSON.parse(text) as BacktestDocument).variants[0]?.flagged[0]?.names).toEqual(['pagerduty-eighty', 'pagerduty-forty']);
  });

  it('guard 6: tells of a time at which nobody could be judged, and flags nobody then', async () => {
    const stale = monthOf({ ...months[1], at: months[1].at }, { profiles: aRuleNamespace(1).profiles });
    await writeFile(join(folder, 'stale.json'), stale);
    const { text } = await run(['0.json', 'stale.json', '2.json'], '--rule', 'business', '-o', 'json');
    const { notes, variants } = JSON.parse(text) as BacktestDocument;
    expect(notes).toEqual(['2026-12-24T12:00:00Z: nobody was judged (DataStale): there was no evidence to be trusted.']);
    expect(variants.map(({ flagged }) => flagged[1]?.names)).toEqual(variants.map(() => []));
  });

  it('guard 6: leaves out a time at which only a part was written, and says of one that nobody could see it', async () => {
    const change = (index: number, refreshing: boolean | undefined) => {
      const snapshot = parseSnapshot('f', Buffer.from(monthOf(months[index]!)));
      const profiles = snapshot.profiles.map(({ refreshing: _was, ...profile }) => ({ ...profile, ...(refreshing === undefined ? {} : { refreshing }) }));
      return writeFile(join(folder, `${index}-changed.json`), writeSnapshot({ ...snapshot, profiles }));
    };
    await change(1, true);
    await change(2, undefined);
    const { text } = await run(['0.json', '1-changed.json', '2-changed.json'], '--rule', 'business', '-o', 'json');
    const { notes, states } = JSON.parse(text) as BacktestDocument;
    expect(states).toBe(2);
    expect(notes).toEqual([
      expect.stringMatching(/^2026-12-24T12:00:00Z is left out\. Profile pagerduty: A refresh of the subscriptions is running/) as string,
      expect.stringMatching(/^2027-01-23T12:00:00Z: Whether a refresh of the subscriptions of pagerduty was running could not be seen/) as string,
    ]);
    const { code, text: refused } = await run(['0.json', '1-changed.json'], '--rule', 'business');
    expect([code, refused]).toEqual([1, expect.stringContaining('fewer than two of the times')]);
  });

  it('D3: whoever was reclaimed is flagged no more, though what is stored of them is from before', async () => {
    const done = aCandidate({ subject: { subscriptionRef: { name: 'pagerduty-eighty' }, externalUserId: 'EIGHTY', userPrincipalName: 'Eighty@example.com' }, status: { state: 'ClosedComplete', closedAt: new Date(months[2].at).toISOString() } });
    await writeFile(join(folder, 'reclaimed.json'), monthOf(months[2], { candidates: [done] }));
    const { text } = await run(['0.json', 'reclaimed.json'], '--rule', 'business', '--threshold', '60', '-o', 'json');
    const [variant] = (JSON.parse(text) as BacktestDocument).variants;
    expect(variant?.flagged.map(({ names }) => names)).toEqual([['pagerduty-eighty'], ['pagerduty-forty']]);
    expect(variant?.cohorts).toMatchObject({ reclaimed: 1, left: 0, stillAtRisk: 0 });
  });

  it('D3, guard 9: whoever was handed the seat of somebody who was flagged is new, and not that person come back', async () => {
    const { at, away } = months[2];
    const subscriptions = Object.entries(away).map(([name, days]) => personOf(name, at - days * dayMs, at - 100 * dayMs));
    const newcomer = personOf('eighty', at - 5 * dayMs, at - 10 * dayMs);
    const handedOver = { ...newcomer, spec: { ...newcomer.spec, userPrincipalName: 'newcomer@example.com', personSince: new Date(at - 10 * dayMs).toISOString() } };
    await writeFile(join(folder, 'handed-over.json'), monthOf(months[2], { subscriptions: subscriptions.map((one) => (one.metadata.name === newcomer.metadata.name ? handedOver : one)) }));
    const { text } = await run(['0.json', 'handed-over.json'], '--rule', 'business', '--threshold', '60', '-o', 'json');
    const [variant] = (JSON.parse(text) as BacktestDocument).variants;
    expect(variant).toMatchObject({ people: 2, returnedEver: 0, cohorts: { left: 1, new: 1, reactivated: 0, activated30: { part: 1, of: 1 } } });
  });

  it('is a table for people', async () => {
    const { text } = await run(all, '--rule', 'business');
    expect(text).toContain('Rule business of profile pagerduty');
    expect(text).toMatch(/60 days, as it is +60 +2 +0/);
    expect(text).not.toContain('@');
  });

  it.each<[string, string[], string[], RegExp]>([
    ['one file', ['0.json'], ['--rule', 'business'], /at least two snapshots/],
    ['the same time twice', ['0.json', '0.json'], ['--rule', 'business'], /each of another time/],
    ['files of two namespaces', ['elsewhere.json', '1.json'], ['--rule', 'business'], /namespaces team-b and team-a/],
    ['a rule that is not there', all, ['--rule', 'none'], /There is no ReclamationRule none in the latest/],
    ['no rule, of several profiles', all, [], /--rule or --profile/],
    ['a file that is not there', ['none.json'], [], /cannot be read \(ENOENT\)/],
  ])('says what is wrong with %s', async (_what, files, options, message) => {
    const { code, text } = await run(files, ...options);
    expect(code).toBe(1);
    expect(text).toMatch(message);
  });
});

describe('the command line of backtest', () => {
  it.each<[string[], RegExp]>([
    [[], /--from must name/],
    [['--from', 'a', '--threshold', '0'], /from 1 to 1825/],
    [['--from', 'a', '--threshold', '30,x'], /from 1 to 1825/],
    [['--from', 'a', '--rule', 'A b'], /--rule must be a name/],
    [['--from', 'a', '-o', 'csv'], /--output must be one of/],
  ])('%j is refused', (argv, message) => {
    expect(() => readBacktestOptions(argv)).toThrow(message);
  });

  it('takes thresholds once and in order, and files as a shell spreads them', () => {
    expect(readBacktestOptions(['--from', 'a', 'b', '--threshold', '90,30', '--threshold', '30'])).toMatchObject({ files: ['a', 'b'], thresholds: [30, 90] });
  });
});
