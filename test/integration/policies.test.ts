import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { stringify } from 'yaml';
import type { ControllerSettings } from '../../operator/controllers/dependencies.ts';
import { buildCronJob, buildTriggeredJob } from '../../operator/controllers/integration-profile/cron-job.ts';
import { ensureTool, runTool } from '../chart/tools.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { aProfile } from '../support/builders.ts';
import { leastSpecs } from '../support/least-specs.ts';
import { aProfileInput } from '../support/profile-fixtures.ts';
import { installProduct, root } from '../support/product.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';
import { mustKubectl } from './kubectl-helpers.ts';

/** A cold build of helm takes minutes. */
const coldMs = 20 * 60_000;
const apiVersion = 'saaslicense.dev/v1alpha1';
const operatorUser = 'system:serviceaccount:saas-license-operator:saas-license-operator';
const gitops = 'system:serviceaccount:flux-system:kustomize-controller';

type Values = Record<string, unknown>;

/** Two releases of the chart in one cluster, as two teams have them: each looks after a namespace of its own. */
describe('the policies of the chart, on a real API server', () => {
  let plane: ControlPlane;
  let helm: string;
  let namespace: string;
  let other: string;
  const mark = randomBytes(3).toString('hex');
  const [mine, theirs] = [`mine-${mark}`, `theirs-${mark}`];
  const fullname = `${mine}-saas-license-operator`;
  const image = 'registry.example.com/saas-license-operator:1.2.3';

  beforeAll(async () => {
    helm = await ensureTool('helm', { log: (line) => void process.stderr.write(`helm: ${line}\n`), signal: new AbortController().signal });
    plane = await attachControlPlane();
    await installProduct(plane);
    await must(['apply', '--server-side', '-f', join(root, 'config/rbac/people.yaml')]);
    [namespace, other] = [await createNamespace('policies'), await createNamespace('policies-other')];
    await must(['label', 'namespace', other, `saaslicense.dev/refresh-only=${theirs}-saas-license-operator-refresh`]);
    await install(mine, namespace, { image: { repository: 'registry.example.com/saas-license-operator', tag: '1.2.3' } });
    await install(theirs, other, { image: { repository: 'other', tag: '1' }, allowCustomEndpoints: true, extraCACertificates: { configMap: 'company-ca' } });
    for (const [who, role] of [['ada', 'saas-license-operator-admin'], ['ivo', 'saas-license-operator-integrator'], ['anna', 'saas-license-operator-user']] as const) {
      await must(['create', 'rolebinding', who, `--clusterrole=${role}`, `--user=${who}`, '-n', namespace]);
    }
    // Who may write the objects, by an older role of the company's, and has none of the verbs.
    await must(['create', 'role', 'writer', '--verb=get,create,update,patch', '--resource=removalcandidates.saaslicense.dev,reclamationrules.saaslicense.dev', '-n', namespace]);
    await must(['create', 'role', 'starter', '--verb=get,create,update,patch', '--resource=pods,jobs.batch,cronjobs.batch', '-n', namespace]);
    for (const who of ['wim', gitops]) await must(['create', 'rolebinding', `writer-${who.replaceAll(':', '-')}`, '--role=writer', `--user=${who}`, '-n', namespace]);
    await must(['create', 'role', 'decider', '--verb=decide', '--resource=removalcandidates.saaslicense.dev', '--resource-name=undecided', '-n', namespace]);
    await must(['create', 'rolebinding', 'decider', '--role=decider', '--user=dora', '-n', namespace]);
    await must(['create', 'rolebinding', 'dora', '--role=writer', '--user=dora', '-n', namespace]);
    await must(['create', 'rolebinding', 'starter', '--role=starter', '--user=wim', '-n', namespace]);
    for (const [where, release] of [[namespace, mine], [other, theirs]] as const) await must(['create', 'serviceaccount', `${release}-saas-license-operator-refresh`, '-n', where]);
    await must(['create', '-f', '-'], rule('rule', {}));
    await must(['create', '-f', '-'], candidate('undecided', {}));
    await must(['create', '-f', '-'], candidate('decided', {}));
    // The API server takes a moment to act by a policy.
    await vi.waitFor(async () => {
      expect(await attempt('wim', 'rule', { mode: 'Observe' })).toContain('lacks the verb confirm');
      expect(await attempt('wim', 'undecided', { decision: decisionBy('wim') })).toContain('lacks the verb decide');
      expect(await start('wim', podOf({ command: ['sh'] }))).toContain('must run the command of a refresh');
    }, { timeout: 30_000, interval: 200 });
    await must(['patch', 'remcand', 'decided', '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec: { decision: decisionBy('ada') } }), '--as=ada']);
  }, coldMs);

  afterAll(async () => {
    await plane.kubectl(['delete', 'namespace', namespace, other, '--wait=false']);
    await plane.kubectl(['delete', 'validatingadmissionpolicies,validatingadmissionpolicybindings', '-l', `app.kubernetes.io/instance in (${mine},${theirs})`]);
  });

  const must = async (args: string[], input?: unknown): Promise<string> => mustKubectl(plane, args, input);

  async function install(release: string, watchNamespace: string, values: Values): Promise<void> {
    const args = ['template', release, join(root, 'charts/saas-license-operator'), '--show-only', 'templates/policies.yaml', '--values', '-'];
    const { code, stdout, stderr } = await runTool(helm, args, { input: stringify({ watchNamespace, ...values }) });
    if (code !== 0) throw new Error(stderr);
    const applied = await plane.kubectl(['apply', '--server-side', '-f', '-'], { input: stdout });
    expect(applied.stderr).toBe('');
  }

  const decisionBy = (by: string): Values => ({ verdict: 'Keep', by, reason: 'on call next quarter', at: '2026-11-24T12:00:00Z' });
  const restoreBy = (by: string): Values => ({ by, reason: 'needed again' });
  const ruleId = 'a'.repeat(40);
  const planHash = `sha256:${'b'.repeat(64)}`;
  const rule = (name: string, spec: Values): Values => ({ apiVersion, kind: 'ReclamationRule', metadata: { name, namespace }, spec: { ...leastSpecs.ReclamationRule, ...spec } });
  const candidate = (name: string, spec: Values): Values => ({ apiVersion, kind: 'RemovalCandidate', metadata: { name, namespace }, spec: { ...leastSpecs.RemovalCandidate, ...spec } });

  /** What the API server says to somebody's change; empty when it takes it. Nothing is stored. */
  async function attempt(who: string, name: string, spec: Values): Promise<string> {
    const kind = name === 'rule' ? 'recrule' : 'remcand';
    const { code, stderr } = await plane.kubectl(['patch', kind, name, '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec }), '--dry-run=server', `--as=${who}`]);
    return code === 0 ? '' : stderr;
  }

  async function start(who: string, object: Values): Promise<string> {
    const args = ['create', '-f', '-', '--dry-run=server', ...(who === '' ? [] : [`--as=${who}`])];
    const { code, stderr } = await plane.kubectl(args, { input: JSON.stringify(object) });
    return code === 0 ? '' : stderr;
  }

  describe('L14, C10: who decides', () => {
    it.each([
      ['ada', 'decides in her own name', 'undecided', { decision: decisionBy('ada') }, ''],
      ['ada', 'decides in another’s name', 'undecided', { decision: decisionBy('anna') }, 'spec.decision.by must be ada, who you are'],
      ['wim', 'decides, and may merely write candidates', 'undecided', { decision: decisionBy('wim') }, 'spec.decision: wim lacks the verb decide on removalcandidates'],
      ['wim', 'takes a decision back', 'decided', { decision: null }, 'wim lacks the verb decide'],
      ['wim', 'changes the reason of a decision', 'decided', { decision: { reason: 'other' } }, 'wim lacks the verb decide'],
      ['wim', 'leaves a decision as it is', 'decided', { decision: decisionBy('ada') }, ''],
      ['ada', 'takes a decision back', 'decided', { decision: null }, ''],
      ['ivo', 'decides', 'undecided', { decision: decisionBy('ivo') }, 'cannot patch resource "removalcandidates"'],
      ['anna', 'decides', 'undecided', { decision: decisionBy('anna') }, 'cannot patch resource "removalcandidates"'],
      [gitops, 'decides, by a commit of ada’s', 'undecided', { decision: decisionBy('ada') }, 'lacks the verb decide'],
      [operatorUser, 'decides', 'undecided', { decision: decisionBy(operatorUser) }, 'cannot patch resource "removalcandidates"'],
      ['ada', 'has it undone, in her own name', 'decided', { restore: restoreBy('ada') }, ''],
      ['ada', 'has it undone, in another’s name', 'decided', { restore: restoreBy('anna') }, 'spec.restore.by must be ada, who you are'],
      ['wim', 'has it undone', 'decided', { restore: restoreBy('wim') }, 'spec.restore: wim lacks the verb restore on removalcandidates'],
      ['ivo', 'has it undone', 'decided', { restore: restoreBy('ivo') }, 'cannot patch resource "removalcandidates"'],
      ['dora', 'decides, and may do that alone', 'undecided', { decision: decisionBy('dora') }, ''],
      ['dora', 'has it undone, and may merely decide', 'undecided', { restore: restoreBy('dora') }, 'dora lacks the verb restore'],
      ['dora', 'decides on a candidate that is not hers', 'decided', { decision: decisionBy('dora') }, 'dora lacks the verb decide'],
    ])('%s %s', async (...[who, , name, spec, refusal]) => {
      const said = await attempt(who, name, spec);
      expect(said).toContain(refusal);
      expect(said === '').toBe(refusal === '');
    });

    it('lets the operator make candidates, and nobody make one that is decided already without the verb', async () => {
      expect(await start(operatorUser, candidate('new', {}))).toBe('');
      expect(await start('wim', candidate('new', {}))).toBe('');
      expect(await start('wim', candidate('new', { decision: decisionBy('wim') }))).toContain('wim lacks the verb decide');
      expect(await start('wim', candidate('new', { restore: restoreBy('wim') }))).toContain('wim lacks the verb restore');
    });

    it('lets somebody who may act in anybody’s name bring back a backup with the decisions of others, and make none in their name', async () => {
      expect(await start('', candidate('new', { decision: decisionBy('ada'), restore: restoreBy('ada') }))).toBe('');
      expect((await plane.kubectl(['patch', 'remcand', 'undecided', '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec: { decision: decisionBy('ada') } }), '--dry-run=server'])).stderr).toContain('spec.decision.by must be');
    });
  });

  describe('S79: who confirms a rule', () => {
    it.each([
      ['ada', { mode: 'Observe' }, ''],
      ['wim', { mode: 'Observe' }, 'spec.mode: wim lacks the verb confirm on reclamationrules'],
      ['ada', { confirmedRule: ruleId, confirmedPlan: planHash }, ''],
      ['wim', { confirmedRule: ruleId }, 'spec.confirmedRule: wim lacks the verb confirm on reclamationrules'],
      ['wim', { confirmedPlan: planHash }, 'spec.confirmedPlan: wim lacks the verb confirm on reclamationrules'],
      [gitops, { confirmedRule: ruleId }, 'lacks the verb confirm'],
      ['wim', { mode: 'Propose' }, ''],
      ['wim', { protect: { newUserGraceDays: 200 } }, ''],
      [gitops, { mode: 'Observe' }, 'lacks the verb confirm'],
      ['ivo', { mode: 'Observe' }, 'cannot patch resource "reclamationrules"'],
      [operatorUser, { mode: 'Observe' }, 'cannot patch resource "reclamationrules"'],
    ])('%s changes %j', async (who, spec, refusal) => {
      const said = await attempt(who, 'rule', spec);
      expect(said).toContain(refusal);
      expect(said === '').toBe(refusal === '');
    });

    it('lets the operator and anybody make a rule that waits to be confirmed', async () => {
      expect(await start(operatorUser, rule('new', {}))).toBe('');
      expect(await start('wim', rule('new', { mode: 'Observe' }))).toBe('');
      expect(await start('wim', rule('new', { confirmedRule: ruleId }))).toContain('wim lacks the verb confirm');
      const enforced = { confirmedRule: ruleId, mode: 'Enforce', notify: { daysBeforeAutoReclaim: 7, channels: [{ name: 'mail', type: 'Email', secretRef: { name: 's' } }] } };
      expect(await start('wim', rule('new', enforced))).toContain('wim lacks the verb confirm');
      expect(await start('ada', rule('new', enforced))).toBe('');
    });

    it('asks nobody for it who edits something else of a rule that is confirmed, which voids what was confirmed', async () => {
      await must(['patch', 'recrule', 'rule', '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec: { confirmedRule: ruleId } }), '--as=ada']);
      expect(await attempt('wim', 'rule', { lastActivityThresholdDays: 200 })).toBe('');
      expect(await attempt('wim', 'rule', { confirmedRule: null })).toContain('wim lacks the verb confirm');
    });
  });

  const settings: ControllerSettings = { refreshImage: image, refreshServiceAccount: `${fullname}-refresh`, refreshClusterRole: 'r', allowCustomEndpoints: false };
  type Pod = { containers: Values[]; volumes: Values[] } & Values;

  function cronJob(change: Partial<ControllerSettings> = {}, where = namespace): ReturnType<typeof buildCronJob> & Values {
    const profile = aProfile();
    const input = aProfileInput({ profile: { ...profile, metadata: { ...profile.metadata, namespace: where, uid: '11111111-1111-4111-8111-111111111111' } }, settings: { ...settings, ...change } });
    const made = buildCronJob(input, 'subscriptions', { suspend: true });
    // The profile that owns it is not there, and the garbage collector would take it away.
    return { ...made, metadata: { ...made.metadata, ownerReferences: [] } };
  }

  const podSpecOf = (job: ReturnType<typeof cronJob>): Pod => (job.spec.jobTemplate.spec as { template: { spec: Pod } }).template.spec;

  /** A pod like the operator's, but for the change of its container and of itself. */
  function podOf(container: Values, pod: Values = {}): Values {
    const spec = podSpecOf(cronJob());
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace }, spec: { ...spec, containers: spec.containers.map((each) => ({ ...each, ...container })), ...pod } };
  }

  const [container] = podSpecOf(cronJob({}, 'x')).containers as { args: string[]; env: Values[]; volumeMounts: Values[] }[];

  describe('what runs under the ServiceAccount of refresh pods', () => {
    it.each([
      ['another image', { image: 'busybox' }, {}, `must have the image of the operator, ${image}`],
      ['another tag', { image: image.replace('1.2.3', '1.2.4') }, {}, 'must have the image'],
      ['a command', { command: ['sh', '-c', 'cat /var/run/secrets/saaslicense.dev/token/token'] }, {}, 'must run the command of a refresh'],
      ['other arguments', { args: ['operator'] }, {}, 'must run the command of a refresh'],
      ['endpoints of one’s own', { args: [...(container?.args ?? []), '--allow-custom-endpoints'] }, {}, 'must run the command of a refresh'],
      ['a profile of another namespace', { args: container?.args.map((arg) => arg.replace('--namespace=x', '--namespace=y')) }, {}, 'must run the command of a refresh'],
      ['a hook', { lifecycle: { postStart: { exec: { command: ['node', '-e', '0'] } } } }, {}, 'without hooks and probes'],
      ['a probe', { livenessProbe: { exec: { command: ['node', '-e', '0'] } } }, {}, 'without hooks and probes'],
      ['code for Node', { env: [{ name: 'NODE_OPTIONS', value: '--import=data:text/javascript,0' }] }, {}, 'takes no environment but'],
      ['an authority of one’s own', { env: [{ name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/secrets/saaslicense.dev/token/scheme' }] }, {}, 'takes no environment but'],
      ['an environment from a ConfigMap', { envFrom: [{ configMapRef: { name: 'x' } }] }, {}, 'takes no environment but'],
      ['other code in the place of ours', { volumeMounts: [{ name: 'token', mountPath: '/app' }] }, {}, 'where the operator mounts them'],
      ['a volume', {}, { volumes: [{ name: 'token', configMap: { name: 'x' } }] }, 'and nothing else'],
      ['a second container', {}, { initContainers: [{ name: 'first', image }] }, 'has one container'],
    ])('%s is refused', async (_what, containerChange, podChange, refusal) => {
      // The fixture's own namespace is not known before the tests run.
      const withNamespace = JSON.parse(JSON.stringify(podOf(containerChange, podChange)).replace('--namespace=x', `--namespace=${namespace}`)) as Values;
      expect(await start('wim', withNamespace)).toContain(refusal);
    });

    it('is what the operator writes, for a CronJob, a Job of it and the pods that the cluster itself makes of them', async () => {
      const made = cronJob();
      const stored = JSON.parse(await must(['create', '-f', '-', '-o', 'json', `--as=${operatorUser}`], made)) as { metadata: { name: string; uid: string } };
      const input = aProfileInput({ settings });
      const job = buildTriggeredJob({ ...input, profile: { ...input.profile, metadata: { ...input.profile.metadata, namespace } } }, 'subscriptions', { trigger: 'now', cronJob: { ...made, ...stored } });
      await must(['create', '-f', '-', `--as=${operatorUser}`], job);
      const podOfJob = async (): Promise<string> => (await must(['get', 'pods', '-n', namespace, '-l', `batch.kubernetes.io/job-name=${job.metadata.name}`, '-o', 'name'])).trim();
      await expect.poll(podOfJob, { timeout: 30_000 }).not.toBe('');
      const pod = await podOfJob();
      const change = async (...args: string[]): Promise<string> => (await plane.kubectl(['-n', namespace, ...args])).stderr;
      expect(await change('patch', pod, '--type=merge', '-p', '{"metadata":{"labels":{"a":"b"}}}')).toBe('');
      expect(await change('set', 'image', pod, 'refresh=busybox')).toContain('must have the image');
      expect(await change('debug', pod.replace('pod/', ''), '--image=busybox', '--target=refresh', '--attach=false')).toContain('none to debug with');
      expect(await change('set', 'image', `cronjob/${made.metadata.name}`, 'refresh=busybox')).toContain('must have the image');
      expect(await change('create', 'job', 'by-hand', `--from=cronjob/${made.metadata.name}`, '--as=wim', '--dry-run=server')).toBe('');
      // What an upgrade finds may be changed and deleted as before, though its image is the former one.
      expect(await change('delete', 'job', job.metadata.name, '--wait=false')).toBe('');
    });

    it('is refused in a CronJob and in a Job already, where a person sees it', async () => {
      const bad = cronJob({ refreshImage: 'busybox' });
      expect(await start('wim', bad)).toContain('must have the image');
      const { jobTemplate } = bad.spec as { jobTemplate: Values };
      expect(await start('wim', { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'j', namespace }, spec: jobTemplate['spec'] })).toContain('must have the image');
    });

    it('says nothing of any other pod, unless the namespace is for refreshes only', async () => {
      const plain = (where: string): Values => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: where }, spec: { containers: [{ name: 'c', image: 'busybox' }], volumes: [{ name: 'stolen', secret: { secretName: 'pagerduty-token' } }] } });
      expect(await start('wim', plain(namespace))).toBe('');
      expect(await start('', plain(other))).toContain('has the label saaslicense.dev/refresh-only');
      const theirPod = (change: Partial<ControllerSettings>): Values => cronJob({ refreshImage: 'other:1', refreshServiceAccount: `${theirs}-saas-license-operator-refresh`, ...change }, other);
      expect(await start('', theirPod({}))).toBe('');
      expect(await start('', theirPod({ allowCustomEndpoints: true, refreshCaConfigMap: 'company-ca' }))).toBe('');
      expect(await start('', theirPod({ refreshCaConfigMap: 'my-ca' }))).toContain('certificate authorities');
      const running = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: other }, spec: podSpecOf(cronJob({ refreshImage: 'other:1', refreshServiceAccount: `${theirs}-saas-license-operator-refresh` }, other)) };
      await must(['create', '-f', '-'], running);
      expect((await plane.kubectl(['exec', 'p', '-n', other, '--', 'node'])).stderr).toContain('nobody gets into its pods');
    });
  });

  it('two releases have policies of their own, each with a say in its own namespace', async () => {
    const names = (await must(['get', 'validatingadmissionpolicybindings', '-l', `app.kubernetes.io/instance in (${mine},${theirs})`, '-o', 'jsonpath={range .items[*]}{.metadata.name} {.spec.policyName} {.spec.matchResources.namespaceSelector.matchLabels}{"\\n"}{end}'])).trim().split('\n');
    expect(names).toHaveLength(6);
    for (const line of names) {
      const [name, policy] = line.split(' ');
      expect(policy).toBe(name);
      expect(line).toContain(name?.startsWith(mine) === true ? namespace : other);
    }
    // The pods of one release are none of the other's business.
    const foreign = cronJob({ refreshImage: 'busybox', refreshServiceAccount: `${theirs}-saas-license-operator-refresh` });
    expect(await start('wim', { ...foreign, metadata: { ...foreign.metadata, name: 'foreign' } })).toBe('');
  });

  it('have no expression that the API server warns of', async () => {
    const text = await must(['get', 'validatingadmissionpolicies', '-l', `app.kubernetes.io/instance=${mine}`, '-o', 'json']);
    const { items } = JSON.parse(text) as { items: { metadata: { name: string }; status?: { typeChecking?: { expressionWarnings?: object[] } } }[] };
    expect(items).toHaveLength(3);
    for (const { metadata, status } of items) expect([metadata.name, status?.typeChecking?.expressionWarnings ?? []]).toEqual([metadata.name, []]);
  });
});
