import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { nameRun } from '../control-plane/runs.ts';
import { startPodRunner } from '../control-plane/pod-runner.ts';
import { generateCompany, startSimulator, type Simulator } from '../pagerduty-simulator/index.ts';
import { devImages, installProduct, pointAtModel, pointAtSimulator, readPositionSamples, readSamples, startOperatorProcess, type OperatorProcess } from '../support/product.ts';

export const namespace = 'saas-licenses';
export const profile = 'pagerduty';
const appSecret = { clientId: 'demo-client-id', clientSecret: 'demo-client-secret' };
/** As an administrator grants them who wants people reclaimed, and restored. */
const appScopes = [
  ...['users', 'licenses', 'oncalls', 'teams', 'schedules', 'escalation_policies', 'incidents', 'audit_records', 'tags', 'subscribers'].map((name) => `${name}.read`),
  ...['users', 'teams', 'tags', 'subscribers'].map((name) => `${name}.write`),
  'users:contact_methods.read',
  'users:contact_methods.write',
];

export interface StageOptions {
  readonly users: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Everything that the demo stands on. */
export interface Stage {
  /** By which `npm run control-plane -- kubectl --name` finds its control plane. */
  readonly name: string;
  readonly plane: ControlPlane;
  readonly simulator: Simulator;
  readonly operator: OperatorProcess;
  /** Applies the samples and waits until the profile is published and both refreshes have run. */
  play(): Promise<void>;
  /** Ends everything, in the reverse order. */
  close(): Promise<void>;
}

/** Starts control plane, simulator, pod runner and operator; what was started is ended when a later step fails. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = (): Promise<void> => closeAll(closers.splice(0).toReversed());
  try {
    const started = await start(options, closers);
    return { ...started, close, play: () => play(started, options) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Each in turn, whatever becomes of the one before: a simulator that hangs up badly leaves no control plane behind. */
export async function closeAll(closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) await close().catch((error: unknown) => failures.push(error));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, failures.map((failure) => (failure instanceof Error ? failure.message : String(failure))).join('; '));
}

type Started = Omit<Stage, 'play' | 'close'>;

async function start({ users, seed, signal, say }: StageOptions, closers: (() => Promise<unknown>)[]): Promise<Started> {
  say('control plane: kube-apiserver, etcd and kube-controller-manager');
  const plane = await startControlPlane({ log: say, signal });
  closers.push(() => plane.stop());
  const name = `demo-${process.pid}`;
  await nameRun(plane.directory, name);
  const company = generateCompany({ seed, users, now: Date.now(), subdomain: 'acme' });
  const simulator = await startSimulator({ company, apps: [{ ...appSecret, scopes: appScopes }] });
  closers.push(() => simulator.stop());
  say(`PagerDuty simulator: a company of ${users} people at ${simulator.url}`);
  await installProduct(plane);
  say('installed crds/ and config/rbac');
  const runner = await startPodRunner({ controlPlane: plane, images: devImages });
  closers.push(() => runner.stop());
  const operator = await startOperatorProcess(plane, { logFile: join(plane.directory, 'operator.log'), signal });
  closers.push(() => operator.stop());
  say(`operator: leading ${operator.startedInMs} ms after its process started`);
  return { name, plane, simulator, operator };
}

async function play({ plane, simulator, operator }: Started, { signal, say }: StageOptions): Promise<void> {
  const [first, ...rest] = pointAtSimulator(await readSamples(), simulator.url);
  await apply(plane, [first]);
  const literals = Object.entries(appSecret).map(([key, value]) => `--from-literal=${key}=${value}`);
  await kubectl(plane, ['create', 'secret', 'generic', 'pagerduty-app', '-n', namespace].concat(literals));
  await kubectl(plane, ['label', 'secret', 'pagerduty-app', '-n', namespace, 'saaslicense.dev/watch=true']);
  await apply(plane, rest);
  say('applied config/samples, the addresses pointed at the simulator');
  await waitFor(plane, { operator, signal, say });
  await apply(plane, pointAtModel(await readPositionSamples(), await largestModel(plane, { operator, signal, say })));
  say('applied what was bought, and who is kept out: config/samples/software-entitlement.yaml, subscription-exclusion.yaml');
  await waitForPosition(plane, { operator, signal, say });
}

export async function apply(plane: ControlPlane, objects: readonly unknown[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  await kubectl(plane, ['apply', '--server-side', '-f', '-'], JSON.stringify(list));
}

async function kubectl(plane: ControlPlane, args: string[], input?: string): Promise<string> {
  const result = await plane.kubectl(args, input === undefined ? {} : { input });
  if (result.code !== 0) throw new Error(`kubectl ${args.slice(0, 3).join(' ')}: ${result.stderr.trim()}`);
  return result.stdout;
}

interface ProfileView {
  status?: {
    state?: string;
    conditions?: { type: string; status: string; reason: string; message: string }[];
    refresh?: Record<'subscriptions' | 'activity', { result: string } | undefined>;
    position?: { owned: number; used: number; compliance: string };
  } | undefined;
}

/** Follows the profile until it is Ready, saying what changes. */
async function waitFor(
  plane: ControlPlane,
  { operator, signal, say }: Pick<StageOptions, 'signal' | 'say'> & Pick<Started, 'operator'>,
): Promise<void> {
  const deadline = Date.now() + 180_000;
  let before = '';
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    requireRunning(operator);
    const view = JSON.parse(await kubectl(plane, ['get', 'intprof', profile, '-n', namespace, '-o', 'json'])) as ProfileView;
    const now = describe(view);
    if (now !== before) say(`profile: ${now}`);
    before = now;
    if (isPlayed(view)) return;
    await delay(200, undefined, { signal });
  }
  throw new Error(`the profile was not Ready within 180 s; it says: ${before}`);
}

interface ModelView {
  metadata: { name: string };
  status?: { position?: { used: number } };
}

/** The model that most rights are used of: two licences of the made-up company share a name, so theirs end in a hash. */
async function largestModel(plane: ControlPlane, { operator, signal }: Pick<StageOptions, 'signal' | 'say'> & Pick<Started, 'operator'>): Promise<string> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    requireRunning(operator);
    const { items } = JSON.parse(await kubectl(plane, ['get', 'swmodel', '-n', namespace, '-o', 'json'])) as { items: ModelView[] };
    const [largest] = items.toSorted((a, b) => (b.status?.position?.used ?? 0) - (a.status?.position?.used ?? 0));
    if (largest !== undefined && items.every(({ status }) => status?.position !== undefined)) return largest.metadata.name;
    await delay(200, undefined, { signal });
  }
  throw new Error('the models did not come within 60 s');
}

/** Until rights owned have been compared with rights used. */
async function waitForPosition(plane: ControlPlane, { operator, signal, say }: Pick<StageOptions, 'signal' | 'say'> & Pick<Started, 'operator'>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    requireRunning(operator);
    const view = JSON.parse(await kubectl(plane, ['get', 'intprof', profile, '-n', namespace, '-o', 'json'])) as ProfileView;
    const position = view.status?.position;
    if (position !== undefined && position.owned > 0) {
      say(`licence position: ${position.compliance}, ${position.used} of ${position.owned} rights used`);
      return;
    }
    await delay(200, undefined, { signal });
  }
  throw new Error('the licence position did not come within 60 s');
}

/** Without its operator a profile waits in vain: better told now than after three minutes. */
function requireRunning({ child, logFile }: OperatorProcess): void {
  if (child.exitCode === null && child.signalCode === null) return;
  const how = child.exitCode === null ? `by ${child.signalCode ?? 'a signal'}` : `with exit code ${child.exitCode}`;
  throw new Error(`the operator ended ${how}: its log is ${logFile}`);
}

/** Published, Ready, and both refreshes have run. */
function isPlayed({ status }: ProfileView): boolean {
  const succeeded = [status?.refresh?.subscriptions, status?.refresh?.activity].every((run) => run?.result === 'Succeeded');
  return succeeded && readyOf({ status })?.status === 'True' && status?.state === 'Published';
}

function readyOf(view: ProfileView) {
  return view.status?.conditions?.find((condition) => condition.type === 'Ready');
}

function describe(view: ProfileView): string {
  const ready = readyOf(view);
  return `${view.status?.state ?? 'new'}, Ready=${ready?.status ?? 'Unknown'} (${ready?.reason ?? 'NotSeen'})`;
}
