import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionAlias } from '../../operator/api/connection-alias.ts';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { ControlPlane } from '../control-plane/index.ts';
import { startPodRunner } from '../control-plane/pod-runner.ts';
import { generateCompany, startSimulator, type Simulator } from '../pagerduty-simulator/index.ts';
import { devImages, installProduct, startOperatorProcess, type OperatorProcess } from '../support/product.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

/** One namespace with its own simulator, operator and pod runner: what a tenant sees. */
export interface Story {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly simulator: Simulator;
  readonly operator: OperatorProcess;
  /** Planted as client secret; must be found nowhere but in its Secret (S25, guard 7). */
  readonly canary: string;
  kubectl(args: string[], input?: string): Promise<string>;
  apply(...objects: object[]): Promise<void>;
  get<T>(resource: string, name: string): Promise<T | undefined>;
  list<T>(resource: string, selector?: string): Promise<T[]>;
  /** Polls until the object pleases; fails with what it last looked like. */
  until<T>(resource: string, name: string, holds: (object: T) => boolean, what: string): Promise<T>;
  untilProfile(holds: (profile: IntegrationProfile) => boolean, what: string): Promise<IntegrationProfile>;
  untilAlias(holds: (alias: ConnectionAlias) => boolean, what: string): Promise<ConnectionAlias>;
  subscriptions(): Promise<SoftwareSubscription[]>;
  operatorLog(): Promise<string>;
  close(): Promise<void>;
}

export interface StoryOptions {
  readonly users?: number;
  readonly seed?: number;
  readonly scopes?: string[];
  readonly operatorArgs?: string[];
}

export const allScopes = ['users.read', 'licenses.read', 'oncalls.read', 'teams.read', 'users.write'];

export async function openStory(prefix: string, options: StoryOptions = {}): Promise<Story> {
  const plane = await attachControlPlane();
  await installProduct(plane);
  const namespace = await createNamespace(prefix);
  const canary = `canary-${randomBytes(12).toString('hex')}`;
  const company = generateCompany({ seed: options.seed ?? 11, users: options.users ?? 60, now: Date.now(), subdomain: 'acme' });
  const apps = [{ clientId: 'story-client', clientSecret: canary, scopes: options.scopes ?? allScopes }];
  const simulator = await startSimulator({ company, apps });
  const runner = await startPodRunner({ controlPlane: plane, images: devImages, namespaces: [namespace] });
  const logFile = join(plane.directory, `operator-${namespace}.log`);
  const operator = await startOperatorProcess(plane, { logFile, watchNamespace: namespace, args: options.operatorArgs ?? [] });
  return makeStory({ plane, namespace, simulator, operator, canary, runner });
}

interface Parts {
  plane: ControlPlane;
  namespace: string;
  simulator: Simulator;
  operator: OperatorProcess;
  canary: string;
  runner: { stop(): Promise<void> };
}

function makeStory({ runner, ...parts }: Parts): Story {
  const { plane, namespace, operator, simulator } = parts;
  const kubectl = async (args: string[], input?: string): Promise<string> => {
    const result = await plane.kubectl(['-n', namespace, ...args], input === undefined ? {} : { input });
    if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr.trim()}`);
    return result.stdout;
  };
  const get = async <T>(resource: string, name: string): Promise<T | undefined> => {
    const text = await kubectl(['get', resource, name, '-o', 'json', '--ignore-not-found']);
    return text.trim() === '' ? undefined : (JSON.parse(text) as T);
  };
  const list = async <T>(resource: string, selector = ''): Promise<T[]> =>
    (JSON.parse(await kubectl(['get', resource, '-l', selector, '-o', 'json'])) as { items: T[] }).items;
  const until = async <T>(resource: string, name: string, holds: (object: T) => boolean, what: string): Promise<T> => {
    const deadline = Date.now() + 100_000;
    let last: T | undefined;
    while (Date.now() < deadline) {
      last = await get<T>(resource, name);
      if (last !== undefined && holds(last)) return last;
      await delay(100);
    }
    throw new Error(`${resource}/${name} never came to: ${what}. It is ${JSON.stringify((last as { status?: unknown } | undefined)?.status)}`);
  };
  return {
    ...parts,
    kubectl,
    get,
    list,
    until,
    apply: async (...objects) => {
      await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    },
    untilProfile: (holds, what) => until('intprof', 'pagerduty', holds, what),
    untilAlias: (holds, what) => until('connalias', 'pagerduty', holds, what),
    subscriptions: () => list<SoftwareSubscription>('swsub'),
    operatorLog: () => readFile(operator.logFile, 'utf8'),
    close: async () => {
      await operator.stop();
      await runner.stop();
      await simulator.stop();
      await plane.kubectl(['delete', 'namespace', namespace, '--wait=false']);
    },
  };
}

/** Objects that a user applies, pointed at the story's simulator. */
export function manifests(story: Pick<Story, 'namespace' | 'simulator' | 'canary'>) {
  const meta = (name: string, labels: Record<string, string> = {}) => ({ name, namespace: story.namespace, labels });
  const endpoints = { api: story.simulator.url, identity: story.simulator.url, app: story.simulator.url };
  const apiVersion = 'saaslicense.dev/v1alpha1';
  return {
    secret: (value = story.canary) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: meta('pagerduty-app', { 'saaslicense.dev/watch': 'true' }),
      stringData: { clientId: 'story-client', clientSecret: value },
    }),
    alias: (spec: object = {}) => ({
      apiVersion,
      kind: 'ConnectionAlias',
      metadata: meta('pagerduty'),
      spec: {
        type: 'PagerDuty',
        appToken: { clientSecretRef: { name: 'pagerduty-app' } },
        pagerduty: { region: 'US', subdomain: 'acme', endpoints },
        ...spec,
      },
    }),
    profile: (spec: object = {}) => ({
      apiVersion,
      kind: 'IntegrationProfile',
      metadata: meta('pagerduty'),
      // A small made-up company, of which a test reclaims many within minutes.
      spec: { type: 'PagerDuty', displayName: 'PagerDuty Integration', connectionAliasRef: { name: 'pagerduty' }, publish: true, reclaimLimits: { maxPercentPerDay: 100 }, ...spec },
    }),
  };
}

/** Confirms the rule as it is now, as a person does who has read it. */
export async function confirmRule(story: Pick<Story, 'kubectl' | 'until'>, name: string): Promise<void> {
  const { status } = await story.until<ReclamationRule>('recrule', name, (rule) => rule.status?.observedGeneration === rule.metadata.generation && rule.status?.review !== undefined, 'reviewable');
  await story.kubectl(['patch', 'recrule', name, '--type=merge', '-p', JSON.stringify({ spec: { confirmedRule: status?.review?.id } })]);
}

/** Decides on a candidate as it is now, as a person does who has looked at it. */
export async function decideOn(story: Pick<Story, 'kubectl' | 'until'>, name: string, { verdict = 'Reclaim', by = 'kim', reason = 'Decided in a test' } = {}): Promise<void> {
  const { status } = await story.until<RemovalCandidate>('remcand', name, (one) => one.status?.decisionId !== undefined, 'something to decide on');
  const decision = { verdict, by, reason, at: new Date().toISOString(), confirms: status?.decisionId };
  await story.kubectl(['patch', 'remcand', name, '--type=merge', '-p', JSON.stringify({ spec: { decision } })]);
}

/** Asks to undo a reclaim, as a person does. */
export async function askToRestore(story: Pick<Story, 'kubectl'>, name: string): Promise<void> {
  await story.kubectl(['patch', 'remcand', name, '--type=merge', '-p', JSON.stringify({ spec: { restore: { by: 'kim', reason: 'Asked in a test' } } })]);
}

/** Status of a condition, for predicates. */
export function conditionOf(object: { status?: { conditions?: { type: string; status: string; reason: string }[] | undefined } }, type: string): string {
  const found = object.status?.conditions?.find((condition) => condition.type === type);
  return found === undefined ? 'absent' : `${found.status} ${found.reason}`;
}

/** Rights owned were compared with rights used since the last run of a refresh ended; written in milliseconds, ends in seconds. */
function isReconciled({ status }: IntegrationProfile): boolean {
  const ends = Object.values(status?.refresh ?? {}).map((run) => Date.parse(run?.completionTime ?? ''));
  return Date.parse(status?.position?.time ?? '') >= Math.max(...ends.filter((end) => !Number.isNaN(end)));
}

/** Published, both refreshes done and counted, and Ready. */
export function isSettled(profile: IntegrationProfile): boolean {
  const { subscriptions, activity } = profile.status?.refresh ?? {};
  const wished = profile.spec.downloadActivity ? [subscriptions, activity] : [subscriptions];
  const isReady = profile.status?.observedGeneration === profile.metadata.generation && conditionOf(profile, 'Ready').startsWith('True');
  return isReady && wished.every((run) => run?.result === 'Succeeded') && isReconciled(profile);
}

/** The request with this value was acted on, and both of its runs have ended well. */
export function hasHandled(profile: IntegrationProfile, request: string): boolean {
  const refresh = profile.status?.refresh;
  const runs = profile.spec.downloadActivity ? [refresh?.subscriptions, refresh?.activity] : [refresh?.subscriptions];
  const ended = runs.every((run) => run?.trigger === `Request ${request}` && run.result === 'Succeeded');
  return ended && profile.status?.lastHandledRequestedAt === request && isSettled(profile);
}

/** The model that most rights are used of. */
export async function largestModel(story: Pick<Story, 'list'>): Promise<SoftwareModel> {
  const usedOf = ({ status }: SoftwareModel): number => status?.position?.used ?? 0;
  const [largest] = (await story.list<SoftwareModel>('swmodel')).toSorted((a, b) => usedOf(b) - usedOf(a));
  if (largest === undefined) throw new Error('there is no SoftwareModel');
  return largest;
}
