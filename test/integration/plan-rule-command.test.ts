import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { RulePlan } from '../../operator/cli/rule/plan-rule.ts';
import { root } from '../support/product.ts';
import { isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

/** plan --rule beside an operator that evaluates the same rule, run by somebody who may only look. */
describe('the plan of a rule from a laptop', () => {
  let story: Story;
  let rule: string;
  let folder: string;
  let kubeconfig: string;

  beforeAll(async () => {
    story = await openStory('plan-rule');
    folder = await mkdtemp(join(tmpdir(), 'saaslicense-plan-rule-'));
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    rule = (await largestModel(story)).metadata.name;
    await vi.waitFor(async () => expect(await story.list<ReclamationRule>('recrule')).not.toEqual([]), { timeout: 30_000 });
    await story.kubectl(['patch', 'recrule', rule, '--type=merge', '-p', JSON.stringify({ spec: { newSeatGraceDays: 0, limits: { maxCandidateRatio: 100 }, protect: { roles: ['owner'] } } })]);
    await evaluated(({ status }) => (status?.openCandidates ?? 0) > 0 && status?.openCandidates === status?.evaluation?.candidates);
    await must(['apply', '--server-side', '-f', join(root, 'config/rbac/people.yaml')]);
    await story.kubectl(['create', 'serviceaccount', 'vera']);
    await story.kubectl(['create', 'rolebinding', 'vera', '--clusterrole=saas-license-operator-user', `--serviceaccount=${story.namespace}:vera`]);
    kubeconfig = await story.plane.serviceAccountKubeconfig(story.namespace, 'vera');
  });

  afterAll(async () => {
    await story.close();
    await rm(folder, { recursive: true });
  });

  async function must(args: string[]): Promise<void> {
    const { code, stderr } = await story.plane.kubectl(args);
    if (code !== 0) throw new Error(stderr);
  }

  async function evaluated(holds: (object: ReclamationRule) => boolean = () => true): Promise<ReclamationRule> {
    return story.until<ReclamationRule>('recrule', rule, (object) => object.status?.observedGeneration === object.metadata.generation && object.status?.plan !== undefined && holds(object), 'evaluated');
  }

  async function output(...args: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '' }, maxBuffer: 64 * 1024 * 1024 };
      execFile(process.execPath, [join(root, 'operator/main.ts'), ...args], options, (error, stdout, stderr) => (error ? reject(new Error(stderr, { cause: error })) : resolve(stdout)));
    });
  }

  const cluster = (): string[] => ['-n', story.namespace, '--kubeconfig', kubeconfig];
  const planOf = async (...args: string[]): Promise<RulePlan> => JSON.parse(await output('plan', ...args, '-o', 'json')) as RulePlan;

  it('D1: has the hash of status.plan.hash, its counts, and the people who are candidates', async () => {
    const { status } = await evaluated();
    const plan = await planOf(...cluster(), '--rule', rule);
    expect(plan.hash).toBe(status?.plan?.hash);
    expect(plan.notes).toEqual([]);
    expect(plan.held).toBeUndefined();
    expect(plan.counts).toMatchObject({ covered: status?.evaluation?.covered, active: status?.evaluation?.active, candidates: status?.evaluation?.candidates });
    const candidates = await story.list<RemovalCandidate>('remcand');
    expect(plan.people.map(({ subscription, candidate, state }) => [subscription, candidate, state])).toEqual(
      candidates.map(({ metadata, spec, status: own }) => [spec.subject.subscriptionRef.name, metadata.name, own?.state]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    );
  });

  it('D10: is the same bytes on recorded data, for the rule and for a change of it', async () => {
    await output('snapshot', ...cluster(), '-o', 'now.json');
    const { at } = JSON.parse(await readFile(join(folder, 'now.json'), 'utf8')) as { at: string };
    const printed = await story.kubectl(['get', 'recrule', rule, '-o', 'json']);
    const { metadata, ...changed } = JSON.parse(printed) as ReclamationRule;
    await writeFile(join(folder, 'changed.json'), JSON.stringify({ ...changed, metadata: { name: metadata.name }, spec: { ...changed.spec, lastActivityThresholdDays: 10 } }));
    for (const args of [['--rule', rule], ['--rule-file', 'changed.json', '--diff']]) {
      for (const format of ['json', 'text']) {
        const online = await output('plan', ...cluster(), ...args, '--at', at, '-o', format);
        expect(await output('plan', '--from', 'now.json', ...args, '--at', at, '-o', format)).toBe(online);
      }
    }
  });

  it('C31, D1: a change that is applied has the hash that was planned, and adds whom the plan says', async () => {
    const before = (await evaluated()).status;
    const planned = await planOf(...cluster(), '--rule-file', 'changed.json', '--diff');
    expect(planned.diff?.against).toBe(before?.plan?.hash);
    expect(planned.diff?.added.length).toBeGreaterThan(0);
    expect(planned.diff?.dropped).toEqual([]);
    await story.kubectl(['patch', 'recrule', rule, '--type=merge', '-p', JSON.stringify({ spec: { lastActivityThresholdDays: 10, confirmedPlan: planned.hash } })]);
    const after = await evaluated(({ status }) => status?.plan?.hash !== before?.plan?.hash);
    expect(after.status?.plan).toMatchObject({ hash: planned.hash, confirmed: true, candidates: planned.people.length });
  });

  it('guard 7: tells no name and no e-mail address, and whoever looks writes nothing', async () => {
    for (const text of [await readFile(join(folder, 'now.json'), 'utf8'), await output('plan', ...cluster(), '--rule', rule)]) {
      expect(text).not.toMatch(/[^\s@"']+@[^\s@"']+\.[a-z]+/);
      for (const { spec } of await story.list<RemovalCandidate>('remcand')) expect(text).not.toContain(spec.subject.displayName);
    }
    const user = `system:serviceaccount:${story.namespace}:vera`;
    const lines = (await readFile(story.plane.auditLog, 'utf8')).split('\n').filter((line) => line.includes(`"username":"${user}"`));
    const verbs = new Set(lines.map((line) => (JSON.parse(line) as { verb: string }).verb));
    expect([...verbs]).toEqual(['list']);
  });
});
