import { expect, vi } from 'vitest';
import type { ControlPlane } from '../control-plane/index.ts';
import { mustKubectl, readJson } from './kubectl-helpers.ts';

/** Asks the API server as the pod's ServiceAccount, and prints what the pod saw. */
const ASK = `
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:https';
const flag = (name) => process.argv.find((argument) => argument.startsWith(name + '='))?.slice(name.length + 1);
const account = flag('--service-account-directory');
const namespace = readFileSync(account + '/namespace', 'utf8');
const options = {
  host: process.env.KUBERNETES_SERVICE_HOST,
  port: process.env.KUBERNETES_SERVICE_PORT,
  path: '/api/v1/namespaces/' + namespace + '/configmaps/' + flag('--config-map'),
  ca: readFileSync(account + '/ca.crt'),
  headers: { authorization: 'Bearer ' + readFileSync(account + '/token', 'utf8') },
};
request(options, (answer) => {
  answer.resume();
  console.log(JSON.stringify({
    status: answer.statusCode,
    secret: readFileSync(flag('--token-directory') + '/access-token', 'utf8'),
    file: readFileSync(process.env.SETTINGS + '/renamed/settings.txt', 'utf8'),
    env: process.env,
    trigger: process.env.TRIGGER,
  }));
}).end();
`;

const SLEEP = `console.log('pid ' + process.pid); process.on('SIGTERM', () => { console.log('asked to end'); process.exit(0); }); setInterval(() => {}, 1000);`;
const STUBBORN = `console.log('pid ' + process.pid); process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000);`;
const FAIL_ONCE = `const fs = require('node:fs'); const mark = process.env.MARK; if (!fs.existsSync(mark)) { fs.writeFileSync(mark, ''); console.log('first'); process.exit(7); } console.log('second');`;

function node(script: string, type: 'commonjs' | 'module' = 'commonjs'): { command: string[] } {
  return { command: [process.execPath, `--input-type=${type}`, '-e', script, '--'] };
}

/** What the tests' pods run. */
export const IMAGES = {
  'local/ask:1': { ...node(ASK, 'module'), env: { FROM_IMAGE: 'yes' } },
  'local/sleep:1': node(SLEEP),
  'local/stubborn:1': node(STUBBORN),
  'local/fail-once:1': node(FAIL_ONCE),
  'local/exit:1': { command: ['/bin/sh', '-c', 'echo last words; exit 3'] },
};

export interface JobOptions {
  readonly image: string;
  readonly pod?: Record<string, unknown>;
  readonly container?: Record<string, unknown>;
  readonly job?: Record<string, unknown>;
}

export interface PodStatus {
  readonly phase: string;
  readonly reason?: string;
  readonly startTime?: string;
  readonly podIP?: string;
  readonly conditions: { type: string; status: string }[];
  readonly containerStatuses: {
    restartCount: number;
    state: {
      waiting?: { reason: string; message: string };
      terminated?: { exitCode: number; reason: string; message?: string; startedAt: string; finishedAt: string };
    };
    lastState: { terminated?: { exitCode: number } };
  }[];
}

export function jobSpec(options: JobOptions): Record<string, unknown> {
  return {
    backoffLimit: 0,
    ...options.job,
    template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: options.image, ...options.container }], ...options.pod } },
  };
}

/** Jobs of one namespace, and what becomes of them. */
export class Jobs {
  readonly plane: ControlPlane;
  readonly namespace: string;

  constructor(plane: ControlPlane, namespace: string) {
    this.plane = plane;
    this.namespace = namespace;
  }

  async kubectl(args: string[], input?: unknown): Promise<string> {
    return mustKubectl(this.plane, [...args, '-n', this.namespace], input);
  }

  async readJson<T>(args: string[]): Promise<T> {
    return readJson<T>(this.plane, [...args, '-n', this.namespace]);
  }

  async apply(name: string, options: JobOptions): Promise<void> {
    await this.kubectl(['apply', '-f', '-'], { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: jobSpec(options) });
  }

  async createSecret(name: string, literal: string): Promise<void> {
    await this.kubectl(['create', 'secret', 'generic', name, `--from-literal=${literal}`]);
  }

  async waitFor(what: string, condition: string): Promise<void> {
    await this.kubectl(['wait', what, `--for=${condition}`, '--timeout=60s']);
  }

  /** The job's only pod. */
  async podOf(job: string): Promise<{ name: string; status: PodStatus }> {
    const { items } = await this.readJson<{ items: { metadata: { name: string }; status: PodStatus }[] }>(['get', 'pods', '-l', `job-name=${job}`]);
    const [pod] = items;
    if (pod === undefined) throw new Error(`job ${job} has no pod`);
    return { name: pod.metadata.name, status: pod.status };
  }

  /** What `kubectl logs` prints. */
  async logsOf(what: string, ...options: string[]): Promise<string> {
    return this.kubectl(['logs', what, ...options]);
  }

  /** The process id that the pod printed. */
  async pidOf(job: string): Promise<number> {
    return soon(async () => {
      const pid = /^pid (?<pid>\d+)$/mu.exec(await this.logsOf(`job/${job}`))?.groups?.['pid'];
      if (pid === undefined) throw new Error(`${job} has printed no process id`);
      return Number(pid);
    });
  }

  async waitForRunning(job: string): Promise<void> {
    await soon(async () => expect((await this.podOf(job)).status.phase).toBe('Running'));
  }

  /** The message with which the job's container waits for that reason. */
  async waitForWaitingReason(job: string, reason: string): Promise<string> {
    return soon(async () => {
      const waiting = (await this.podOf(job)).status.containerStatuses[0]?.state.waiting;
      expect(waiting?.reason).toBe(reason);
      // A container is creating before anybody knows what it waits for.
      expect(waiting?.message ?? '').not.toBe('');
      return waiting?.message ?? '';
    });
  }
}

/** Tries until it does not throw, for at most half a minute. */
export async function soon<T>(check: () => Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 30_000, interval: 100 });
}
