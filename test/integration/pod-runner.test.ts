import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/index.ts';
import { startPodRunner, type PodRunner } from '../control-plane/pod-runner.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';
import { processIsThere, readJson } from './kubectl-helpers.ts';
import { IMAGES, Jobs, jobSpec, soon } from './pod-runner-fixture.ts';

let plane: ControlPlane;
let runner: PodRunner;
let jobs: Jobs;

beforeAll(async () => {
  plane = await attachControlPlane();
  jobs = new Jobs(plane, await createNamespace('pods'));
  const controlPlane = inject('controlPlane');
  runner = await startPodRunner({ controlPlane, images: IMAGES, namespaces: [jobs.namespace], backOffMs: 50, refreshMs: 200 });
});

afterAll(async () => {
  await runner.stop();
  await plane.kubectl(['delete', 'namespace', jobs.namespace, '--wait=false']);
});

describe('a refresh as production runs it', () => {
  it('runs CronJob → Job → Pod to Complete with its mounted Secret and a token that the API server takes', async () => {
    await jobs.createSecret('alias-token', 'access-token=t0ken');
    await jobs.kubectl(['create', 'configmap', 'settings', '--from-literal=settings=blue', '--from-literal=other=x']);
    await jobs.kubectl(['create', 'serviceaccount', 'refresh']);
    await jobs.kubectl(['create', 'role', 'refresh', '--verb=get', '--resource=configmaps']);
    await jobs.kubectl(['create', 'rolebinding', 'refresh', '--role=refresh', `--serviceaccount=${jobs.namespace}:refresh`]);
    vi.stubEnv('PARENT_SECRET', 'must not be seen');
    const spec = jobSpec({
      image: 'local/ask:1',
      container: {
        args: ['--config-map=$(CONFIG_MAP)', '--token-directory=/var/run/secrets/saaslicense.dev/token', '--service-account-directory=/var/run/secrets/kubernetes.io/serviceaccount'],
        env: [
          { name: 'CONFIG_MAP', value: 'settings' },
          { name: 'SETTINGS', value: '/etc/settings' },
          { name: 'TRIGGER', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['saaslicense.dev/trigger']" } } },
          { name: 'ACCESS', valueFrom: { secretKeyRef: { name: 'alias-token', key: 'access-token' } } },
          { name: 'ABSENT', valueFrom: { secretKeyRef: { name: 'alias-token', key: 'none', optional: true } } },
        ],
        envFrom: [{ prefix: 'cfg.', configMapRef: { name: 'settings' } }],
        volumeMounts: [
          { name: 'token', mountPath: '/var/run/secrets/saaslicense.dev/token', readOnly: true },
          { name: 'settings', mountPath: '/etc/settings' },
        ],
      },
      pod: {
        serviceAccountName: 'refresh',
        volumes: [
          { name: 'token', secret: { secretName: 'alias-token', defaultMode: 0o440 } },
          { name: 'settings', configMap: { name: 'settings', items: [{ key: 'settings', path: 'renamed/settings.txt' }] } },
        ],
      },
    });
    const template = spec['template'] as { spec: object };
    const jobTemplate = { spec: { ...spec, template: { ...template, metadata: { annotations: { 'saaslicense.dev/trigger': 'Schedule' } } } } };
    const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly' }, spec: { schedule: '* * * * *', timeZone: 'Europe/Lisbon', concurrencyPolicy: 'Forbid', jobTemplate } };
    await jobs.kubectl(['apply', '-f', '-'], cronJob);
    // A last run two minutes ago: the controller makes up for the one it missed at once.
    const status = JSON.stringify({ status: { lastScheduleTime: new Date(Date.now() - 120_000).toISOString().replace(/\.\d+/u, '') } });
    await jobs.kubectl(['patch', 'cronjob', 'nightly', '--subresource=status', '--type=merge', '-p', status]);

    await jobs.waitFor('cronjob/nightly', 'jsonpath={.status.lastSuccessfulTime}');
    await jobs.kubectl(['patch', 'cronjob', 'nightly', '--type=merge', '-p', '{"spec":{"suspend":true}}']);
    vi.unstubAllEnvs();
    const { items } = await jobs.readJson<{ items: { metadata: { name: string } }[] }>(['get', 'jobs']);
    const job = items.find(({ metadata }) => metadata.name.startsWith('nightly-'))?.metadata.name ?? '';
    const pod = await jobs.podOf(job);
    const seen = JSON.parse(await jobs.logsOf(pod.name)) as { env: Record<string, string> };

    expect(seen).toMatchObject({ status: 200, secret: 't0ken', file: 'blue', trigger: 'Schedule' });
    expect(seen.env).toMatchObject({ FROM_IMAGE: 'yes', ACCESS: 't0ken', 'cfg.settings': 'blue', HOSTNAME: pod.name });
    expect(Object.keys(seen.env)).not.toContain('PARENT_SECRET');
    expect(Object.keys(seen.env)).not.toContain('ABSENT');
    expect(pod.status).toMatchObject({ phase: 'Succeeded', podIP: '127.0.0.1' });
    expect(pod.status.containerStatuses[0]?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    expect(pod.status.conditions.map(({ type }) => type)).toEqual(expect.arrayContaining(['PodScheduled', 'Initialized', 'ContainersReady', 'Ready']));
  });

  it('keeps a pod waiting for a Secret it mounts and runs it when the Secret comes', async () => {
    await jobs.apply('late-volume', {
      image: 'local/exit:1',
      container: { command: ['/bin/sh', '-c', 'cat "$0"'], args: ['/etc/late/key'], volumeMounts: [{ name: 'late', mountPath: '/etc/late' }] },
      pod: { volumes: [{ name: 'late', secret: { secretName: 'late-volume' } }] },
    });
    await expect(jobs.waitForWaitingReason('late-volume', 'ContainerCreating')).resolves.toContain('secret "late-volume" not found');
    const events = await jobs.readJson<{ items: { reason: string }[] }>(['get', 'events', '--field-selector', 'reason=FailedMount']);
    expect(events.items).not.toHaveLength(0);
    await jobs.createSecret('late-volume', 'key=arrived');
    await jobs.waitFor('job/late-volume', 'condition=Complete');
    await expect(jobs.logsOf('job/late-volume')).resolves.toBe('arrived');
  });

  it('keeps a pod waiting for a Secret in its environment as CreateContainerConfigError', async () => {
    await jobs.apply('late-env', {
      image: 'local/exit:1',
      container: { command: ['/bin/sh', '-c', 'echo "$KEY"'], env: [{ name: 'KEY', valueFrom: { secretKeyRef: { name: 'late-env', key: 'key' } } }] },
    });
    await jobs.waitForWaitingReason('late-env', 'CreateContainerConfigError');
    await jobs.createSecret('late-env', 'key=arrived');
    await jobs.waitFor('job/late-env', 'condition=Complete');
    await expect(jobs.logsOf('job/late-env')).resolves.toBe('arrived\n');
  });

  it('brings a rotated Secret to a pod that runs', async () => {
    await jobs.createSecret('rotated', 'key=old');
    await jobs.apply('rotation', {
      image: 'local/exit:1',
      container: { command: ['/bin/sh', '-c', 'until grep -q new "$0"; do sleep 0.1; done; echo seen'], args: ['/etc/rotated/key'], volumeMounts: [{ name: 'rotated', mountPath: '/etc/rotated' }] },
      pod: { volumes: [{ name: 'rotated', secret: { secretName: 'rotated' } }] },
    });
    await jobs.waitForRunning('rotation');
    await jobs.kubectl(['patch', 'secret', 'rotated', '--type=merge', '-p', '{"stringData":{"key":"new"}}']);
    await jobs.waitFor('job/rotation', 'condition=Complete');
  });
});

describe('ends that nobody wishes for', () => {
  it('fails a Job at its deadline and leaves no process', async () => {
    await jobs.apply('too-long', { image: 'local/sleep:1', job: { activeDeadlineSeconds: 5 } });
    const pid = await jobs.pidOf('too-long');
    await jobs.waitFor('job/too-long', 'condition=Failed');
    const job = await jobs.readJson<{ status: { conditions: { type: string; reason: string }[] } }>(['get', 'job', 'too-long']);
    expect(job.status.conditions.find(({ type }) => type === 'Failed')?.reason).toBe('DeadlineExceeded');
    await soon(async () => expect(processIsThere(pid)).toBe(false));
  });

  it("fails a pod at the pod's own deadline, with SIGKILL when SIGTERM is ignored", async () => {
    await jobs.apply('stubborn', { image: 'local/stubborn:1', pod: { activeDeadlineSeconds: 5, terminationGracePeriodSeconds: 1 } });
    const pid = await jobs.pidOf('stubborn');
    await jobs.waitFor('job/stubborn', 'condition=Failed');
    const { status } = await jobs.podOf('stubborn');
    expect(status).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
    expect(status.containerStatuses[0]?.state.terminated?.exitCode).toBe(137);
    expect(processIsThere(pid)).toBe(false);
  });

  it('ends a deleted pod politely, then lets its object go', async () => {
    await jobs.apply('deleted', { image: 'local/sleep:1' });
    const pid = await jobs.pidOf('deleted');
    const { name } = await jobs.podOf('deleted');
    await jobs.kubectl(['delete', 'job', 'deleted', '--cascade=foreground', '--timeout=30s']);
    expect(processIsThere(pid)).toBe(false);
    await expect(jobs.kubectl(['get', 'pod', name])).rejects.toThrow('NotFound');
  });

  it('reports the exit code and the last words of a failed container', async () => {
    await jobs.apply('failing', { image: 'local/exit:1', container: { terminationMessagePolicy: 'FallbackToLogsOnError' } });
    await jobs.waitFor('job/failing', 'condition=Failed');
    const { status } = await jobs.podOf('failing');
    expect(status.containerStatuses[0]?.state.terminated).toMatchObject({ exitCode: 3, reason: 'Error', message: 'last words\n' });
  });

  it('obeys a podFailurePolicy on the exit code', async () => {
    const rules = [{ action: 'FailJob', onExitCodes: { containerName: 'main', operator: 'In', values: [3] } }];
    await jobs.apply('policy', { image: 'local/exit:1', job: { backoffLimit: 5, podFailurePolicy: { rules } } });
    await jobs.waitFor('job/policy', 'condition=Failed');
    const job = await jobs.readJson<{ status: { failed: number; conditions: { reason: string }[] } }>(['get', 'job', 'policy']);
    expect(job.status.failed).toBe(1);
    expect(job.status.conditions.map(({ reason }) => reason)).toContain('PodFailurePolicy');
  });

  it('restarts a failing container in its pod under OnFailure, which keeps its emptyDir', async () => {
    await jobs.apply('on-failure', {
      image: 'local/fail-once:1',
      job: { backoffLimit: 3 },
      container: { env: [{ name: 'MARK', value: '/scratch/mark' }], volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] },
      pod: { restartPolicy: 'OnFailure', volumes: [{ name: 'scratch', emptyDir: {} }] },
    });
    await jobs.waitFor('job/on-failure', 'condition=Complete');
    const { name, status } = await jobs.podOf('on-failure');
    expect(status.containerStatuses[0]).toMatchObject({ restartCount: 1, lastState: { terminated: { exitCode: 7 } } });
    await expect(jobs.logsOf(name)).resolves.toBe('second\n');
    await expect(jobs.logsOf(name, '--previous')).resolves.toBe('first\n');
  });

  it('says that an image is not there, and ends when the Job is deleted', async () => {
    await jobs.apply('no-image', { image: 'local/unknown:1' });
    await expect(jobs.waitForWaitingReason('no-image', 'ErrImageNeverPull')).resolves.toContain('local/unknown:1');
    await jobs.kubectl(['delete', 'job', 'no-image', '--cascade=foreground', '--timeout=30s']);
  });

  it('fails a pod that it cannot carry out, and says why', async () => {
    await jobs.apply('two', { image: 'local/exit:1', pod: { initContainers: [{ name: 'first', image: 'local/exit:1' }] } });
    await jobs.waitFor('job/two', 'condition=Failed');
    expect((await jobs.podOf('two')).status).toMatchObject({ phase: 'Failed', reason: 'UnsupportedByPodRunner' });
  });

  it('leaves pods alone that no Job owns', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone' }, spec: { containers: [{ name: 'main', image: 'local/exit:1' }] } };
    await jobs.kubectl(['apply', '-f', '-'], pod);
    await jobs.apply('after-alone', { image: 'local/exit:1', container: { command: ['/bin/true'] } });
    await jobs.waitFor('job/after-alone', 'condition=Complete');
    await expect(jobs.readJson(['get', 'pod', 'alone'])).resolves.toMatchObject({ status: { phase: 'Pending' } });
  });
});

describe('trouble on the way', () => {
  it('carries a pod through a restart of the API server', async () => {
    const mount = { name: 'start', mountPath: '/etc/start' };
    const command = ['/bin/sh', '-c', 'until [ -e "$0/go" ]; do sleep 0.1; done; echo through'];
    await jobs.apply('survivor', {
      image: 'local/exit:1',
      container: { command, args: ['/etc/start'], volumeMounts: [mount] },
      pod: { volumes: [{ name: 'start', configMap: { name: 'start', optional: true } }] },
    });
    await jobs.waitForRunning('survivor');
    await plane.restartApiServer({ downMs: 500 });
    await jobs.kubectl(['create', 'configmap', 'start', '--from-literal=go=1']);
    await jobs.waitFor('job/survivor', 'condition=Complete');
  });

  it('ends its pods as a node that shuts down, so that the Job starts another', async () => {
    const moved = new Jobs(plane, await createNamespace('pods-stop'));
    const options = { controlPlane: inject('controlPlane'), images: IMAGES, namespaces: [moved.namespace] };
    const first = await startPodRunner(options);
    const rules = [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }];
    await moved.apply('moved', { image: 'local/sleep:1', job: { podFailurePolicy: { rules } } });
    const phases = async (): Promise<string[]> =>
      (await moved.readJson<{ items: { status: { phase: string } }[] }>(['get', 'pods'])).items.map(({ status }) => status.phase);
    await soon(async () => expect(await phases()).toEqual(['Running']));
    await first.stop();
    const second = await startPodRunner(options);
    await soon(async () => expect(await phases()).toContain('Running'));
    await second.stop();
    const nodes = await readJson<{ items: { metadata: { name: string } }[] }>(plane, ['get', 'nodes']);
    expect(nodes.items.map(({ metadata }) => metadata.name)).toEqual([runner.nodeName]);
  });
});
