import { generateKeyPairSync } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { startTied, type TiedProcess } from './child.ts';
import { ControlPlaneError } from './contract.ts';
import { ApiClient, readAccess } from './http.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { findFreePort } from './ports.ts';
import { diskFull, explainFileError, portsBusy } from './problems.ts';
import { apiServerArguments, AUDIT_POLICY, controllerManagerArguments, etcdArguments, type Programs } from './programs.ts';
import { createAuthority, createCertificate, type KeyedCertificate } from './x509.ts';

const PORT_TRIES = 5;
const READY_MS = 90_000;

export interface LocalPlaneOptions {
  readonly programs: Programs;
  readonly directory: string;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** etcd, kube-apiserver and kube-controller-manager as processes of this machine. */
export class LocalPlane {
  readonly kubeconfig: string;
  readonly auditLog: string;
  #server = '';
  #port = 0;
  #client: ApiClient | undefined;
  #etcd: TiedProcess | undefined;
  #apiServer: TiedProcess | undefined;
  #controllerManager: TiedProcess | undefined;
  readonly #options: LocalPlaneOptions;

  constructor(options: LocalPlaneOptions) {
    this.#options = options;
    this.kubeconfig = join(options.directory, 'kubeconfig');
    this.auditLog = join(options.directory, 'audit.log');
  }

  get server(): string {
    return this.#server;
  }

  /** Starts everything and waits until Pods can be made in the default namespace. Throws ControlPlaneError. */
  async start(): Promise<void> {
    const { directory, programs } = this.#options;
    const pki = await this.#writeFiles();
    this.#etcd = await this.#startProgram('etcd', [...programs.etcd, ...etcdArguments()]);
    await this.#startApiServerOnFreePort(pki);
    if (programs.controllerManager === undefined) return;
    await writeKubeconfig(join(directory, 'controller-manager.kubeconfig'), { server: this.#server, authority: pki.authority, user: pki.controllerManager });
    this.#controllerManager = await this.#startProgram('kube-controller-manager', [
      ...programs.controllerManager,
      ...controllerManagerArguments(),
    ]);
    await this.#waitFor('kube-controller-manager', this.#controllerManager, '/api/v1/namespaces/default/serviceaccounts/default');
  }

  /** Same port, same data; resolves when it is ready again. */
  async restartApiServer(downMs: number): Promise<void> {
    // Open watches keep a polite API server up for a minute.
    await this.#apiServer?.stop(1000);
    await delay(downMs, undefined, { signal: this.#options.signal });
    this.#apiServer = await this.#startApiServer();
    await this.#waitFor('kube-apiserver', this.#apiServer, '/readyz');
  }

  async stop(): Promise<void> {
    // The data is thrown away, so nothing has to be flushed: only etcd's and the API server's order matters for quiet logs.
    await this.#controllerManager?.stop(0);
    await this.#apiServer?.stop(0);
    await this.#etcd?.stop(0);
    await this.#client?.close();
  }

  killNow(): void {
    for (const child of [this.#controllerManager, this.#apiServer, this.#etcd]) child?.killNow();
  }

  async #writeFiles(): Promise<Pki> {
    const { directory } = this.#options;
    try {
      for (const folder of ['pki', 'logs']) await mkdir(join(directory, folder), { mode: 0o700 });
      await writeFile(join(directory, 'audit-policy.yaml'), stringify(AUDIT_POLICY));
      return await writePki(directory);
    } catch (error) {
      throw explainFileError(error, directory);
    }
  }

  async #startApiServerOnFreePort(pki: Pki): Promise<void> {
    for (let attempt = 0; attempt < PORT_TRIES; attempt += 1) {
      this.#port = await findFreePort();
      this.#server = `https://127.0.0.1:${this.#port}`;
      await writeKubeconfig(this.kubeconfig, { server: this.#server, authority: pki.authority, user: pki.admin });
      await this.#client?.close();
      this.#client = new ApiClient(await readAccess(this.kubeconfig));
      this.#apiServer = await this.#startApiServer();
      if (await this.#waitForPort(this.#apiServer)) return;
    }
    throw portsBusy(PORT_TRIES);
  }

  /** False when another process was faster to take the port. */
  async #waitForPort(process: TiedProcess): Promise<boolean> {
    try {
      await this.#waitFor('kube-apiserver', process, '/readyz');
      return true;
    } catch (error) {
      if (process.hasExited() && (await this.#tail('kube-apiserver')).includes('address already in use')) return false;
      throw error;
    }
  }

  async #startApiServer(): Promise<TiedProcess> {
    const { programs } = this.#options;
    const serviceAccounts = programs.controllerManager !== undefined;
    return this.#startProgram('kube-apiserver', [...programs.apiServer, ...apiServerArguments(this.#port, { serviceAccounts })]);
  }

  async #startProgram(name: string, command: [string, ...string[]]): Promise<TiedProcess> {
    const { directory } = this.#options;
    const logFile = join(directory, 'logs', `${name}.log`);
    return startTied({ command, cwd: directory, logFile, env: { PATH: '/usr/bin:/bin', HOME: homedir(), TMPDIR: directory } });
  }

  /** Waits until the path answers 200; ends early when the program ended. */
  async #waitFor(name: string, process: TiedProcess, path: string): Promise<void> {
    const { signal } = this.#options;
    const deadline = Date.now() + READY_MS;
    while (!process.hasExited() && Date.now() < deadline) {
      signal.throwIfAborted();
      const timeout = AbortSignal.any([signal, AbortSignal.timeout(5000)]);
      const answer = await this.#client?.request(path, { signal: timeout }).catch(() => undefined);
      if (answer?.status === 200) return;
      await delay(50, undefined, { signal });
    }
    const tail = await this.#tail(name);
    if (/no space left on device/iu.test(tail)) throw diskFull(this.#options.directory);
    const what = process.hasExited() ? 'ended by itself' : `was not ready after ${READY_MS / 1000} s`;
    throw new ControlPlaneError(`${name} ${what}. The end of its log:\n${tail}`);
  }

  async #tail(name: string): Promise<string> {
    const text = await readFile(join(this.#options.directory, 'logs', `${name}.log`), 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-8).join('\n');
  }
}

interface Pki {
  readonly authority: string;
  readonly admin: KeyedCertificate;
  readonly controllerManager: KeyedCertificate;
}

/** Makes all keys and certificates of a run below `directory`/pki. */
async function writePki(directory: string): Promise<Pki> {
  const now = Date.now();
  const authority = createAuthority('control-plane', now);
  const hosts = ['127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  const server = createCertificate(authority, { commonName: 'kube-apiserver', usage: 'server', hosts }, now);
  const kubeletClient = createCertificate(authority, { commonName: 'kube-apiserver-kubelet-client', usage: 'client' }, now);
  const serviceAccount = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const files: Record<string, string> = {
    'ca.crt': authority.certificate,
    'ca.key': authority.key,
    'server.crt': server.certificate,
    'server.key': server.key,
    'kubelet-client.crt': kubeletClient.certificate,
    'kubelet-client.key': kubeletClient.key,
    'service-account.key': serviceAccount,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, 'pki', name), text, { mode: 0o600 });
  const client = (commonName: string, organizations: string[]): KeyedCertificate =>
    createCertificate(authority, { commonName, organizations, usage: 'client' }, now);
  return {
    authority: authority.certificate,
    admin: client('admin', ['system:masters']),
    controllerManager: client('system:kube-controller-manager', []),
  };
}
