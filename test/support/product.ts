import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import type { ControlPlane } from '../control-plane/index.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Image that refresh pods name; the pod runner carries it out from the source. */
export const devImage = 'saas-license-operator:dev';
const operatorNamespace = 'saas-license-operator';

/** What stands for the image: its entry point, as the Dockerfile sets it. */
export const devImages = { [devImage]: { command: [process.execPath, join(root, 'operator/main.ts')], cwd: root } };

async function kubectl(plane: ControlPlane, args: string[], input?: string): Promise<string> {
  const result = await plane.kubectl(args, input === undefined ? {} : { input });
  if (result.code !== 0) throw new Error(`kubectl ${args.slice(0, 2).join(' ')} failed: ${result.stderr.trim()}`);
  return result.stdout;
}

/** Installs CRDs and RBAC as an administrator would. */
export async function installProduct(plane: ControlPlane): Promise<void> {
  const files = (await readdir(join(root, 'crds'))).filter((name) => name.endsWith('.yaml')).flatMap((name) => ['-f', join(root, 'crds', name)]);
  await kubectl(plane, ['apply', '--server-side', '--force-conflicts', ...files]);
  await kubectl(plane, ['wait', '--for=condition=Established', '--timeout=60s', ...files]);
  for (const name of ['namespace', 'operator', 'refresh']) {
    await kubectl(plane, ['apply', '--server-side', '-f', join(root, 'config/rbac', `${name}.yaml`)]);
  }
}

/** The manifests of config/samples as objects, in the order in which a person would apply them. */
export async function readSamples(): Promise<SampleObject[]> {
  return readManifests(['namespace.yaml', 'connection-alias.yaml', 'integration-profile.yaml']);
}

/** What an asset manager adds once the models are there: config/samples that the kustomization leaves out. */
export async function readPositionSamples(): Promise<SampleObject[]> {
  return readManifests(['software-entitlement.yaml', 'subscription-exclusion.yaml']);
}

/** What the contract includes at no price. */
export async function readIncludedSample(): Promise<SampleObject[]> {
  return readManifests(['software-entitlement-included.yaml']);
}

async function readManifests(names: readonly string[]): Promise<SampleObject[]> {
  const texts = await Promise.all(names.map((name) => readFile(join(root, 'config/samples', name), 'utf8')));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as SampleObject));
}

export interface SampleObject {
  kind: string;
  metadata: { name: string; namespace?: string };
  spec?: Record<string, unknown>;
}

/** The sample alias with its addresses pointed at the simulator: the only change a demo or test makes. */
export function pointAtSimulator(objects: SampleObject[], url: string): SampleObject[] {
  return objects.map((object) => {
    if (object.kind !== 'ConnectionAlias') return object;
    const settings = object.spec?.['pagerduty'] as Record<string, unknown>;
    const endpoints = { api: url, identity: url, app: url };
    return { ...object, spec: { ...object.spec, pagerduty: { ...settings, endpoints } } };
  });
}

/** The sample entitlement for a model of this account. */
export function pointAtModel(objects: SampleObject[], name: string): SampleObject[] {
  return objects.map((object) => (object.kind === 'SoftwareEntitlement' ? { ...object, spec: { ...object.spec, modelRef: { name } } } : object));
}

export interface OperatorProcess {
  readonly child: ChildProcess;
  readonly telemetryUrl: string;
  /** Where it answers redirects of authorizations. */
  readonly redirectUrl: string;
  readonly logFile: string;
  /** Milliseconds from the start of the process until it led with synced caches. */
  readonly startedInMs: number;
  /** SIGTERM, then waits for the end; the exit code. */
  stop(): Promise<number | null>;
}

export interface OperatorProcessOptions {
  readonly kubeconfig: string;
  readonly logFile: string;
  readonly args?: readonly string[];
  readonly signal?: AbortSignal;
  readonly watchNamespace?: string;
  /** The simulator is a custom endpoint, so true unless told. */
  readonly allowCustomEndpoints?: boolean;
  /** It only has to stand by: another one leads. */
  readonly follows?: boolean;
  /** Program and environment of the process; the source, with the kubeconfig, unless told. */
  readonly program?: { readonly command: readonly string[]; readonly env: Record<string, string> };
}

/** Starts the operator as a process of its own, acting as its own ServiceAccount, and waits until it leads. */
export async function startOperatorProcess(plane: ControlPlane, options: Omit<OperatorProcessOptions, 'kubeconfig'> & Partial<Pick<OperatorProcessOptions, 'kubeconfig'>>): Promise<OperatorProcess> {
  const kubeconfig = options.kubeconfig ?? (await operatorKubeconfig(plane));
  return spawnOperator({ ...options, kubeconfig });
}

/** File with which one acts as the operator's ServiceAccount. */
export async function operatorKubeconfig(plane: ControlPlane): Promise<string> {
  return plane.serviceAccountKubeconfig(operatorNamespace, 'saas-license-operator');
}

async function spawnOperator(options: OperatorProcessOptions): Promise<OperatorProcess> {
  const watch = options.watchNamespace === undefined ? [] : ['--watch-namespace', options.watchNamespace];
  const started = Date.now();
  const { command, env } = options.program ?? {
    command: [join(root, 'operator/main.ts'), 'operator', `--kubeconfig=${options.kubeconfig}`],
    env: {},
  };
  const child = spawn(
    process.execPath,
    [
      ...command,
      `--namespace=${operatorNamespace}`,
      `--refresh-image=${devImage}`,
      '--telemetry-address=127.0.0.1:0',
      '--redirect-address=127.0.0.1:0',
      ...(options.allowCustomEndpoints === false ? [] : ['--allow-custom-endpoints']),
      ...watch,
      ...(options.args ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '', ...env } },
  );
  const log = createWriteStream(options.logFile, { flags: 'a' });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log.write(chunk);
      lines.push(...chunk.toString('utf8').split('\n').filter((line) => line !== ''));
      if (lines.length > 500) lines.splice(0, lines.length - 500);
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const code = await ended;
    process.off('exit', kill);
    await new Promise<void>((resolve) => log.end(resolve));
    return code;
  };
  const { telemetryUrl, redirectUrl } = await waitForLead(child, lines, options).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { child, telemetryUrl, redirectUrl, logFile: options.logFile, startedInMs: Date.now() - started, stop };
}

interface Addresses {
  telemetryUrl: string;
  redirectUrl: string;
}

async function waitForLead(child: ChildProcess, lines: string[], { signal, follows }: Pick<OperatorProcessOptions, 'signal' | 'follows'>): Promise<Addresses> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`the operator ended with ${child.exitCode}: ${lines.slice(-3).join(' ')}`);
    const records = lines.map(parseLine);
    const find = (name: string): unknown => records.find((record) => typeof record[name] === 'string')?.[name];
    const [telemetryUrl, redirectUrl] = [find('url'), find('redirectUrl')];
    const isUp = records.some((record) => record['msg'] === (follows === true ? 'caches are synced' : 'leading'));
    if (isUp && typeof telemetryUrl === 'string' && typeof redirectUrl === 'string') return { telemetryUrl, redirectUrl };
    await delay(20, undefined, signal === undefined ? {} : { signal });
  }
  throw new Error(`the operator did not lead within 60 s: ${lines.slice(-3).join(' ')}`);
}

function parseLine(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}
