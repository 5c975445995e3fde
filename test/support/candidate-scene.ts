import { connectionAliasResource } from '../../operator/api/connection-alias.ts';
import { annotations, labels, product } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRule, type ReclamationRuleSpec } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate, type RemovalCandidateSpec } from '../../operator/api/removal-candidate.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { AuditEntry, AuditTrail } from '../../operator/audit/trail.ts';
import { createAccountTurns } from '../../operator/controllers/removal-candidate/account-turns.ts';
import type { CandidateDependencies } from '../../operator/controllers/removal-candidate/input.ts';
import { reconcileCandidate } from '../../operator/controllers/removal-candidate/reconcile.ts';
import { encodeTokenSecret, type Secret } from '../../operator/controllers/secrets.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import type { CandidateVerdict } from '../../operator/licensing/candidate/facts.ts';
import { connectionId } from '../../operator/licensing/connection-id.ts';
import type { NoticeMessage } from '../../operator/notices/notice.ts';
import { createPagerDutyProvider } from '../../operator/providers/pagerduty/index.ts';
import { createSimulator, simulatorTransport, type CompanyState, type Simulator } from '../pagerduty-simulator/index.ts';
import { NOW } from '../pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../pagerduty-simulator/testing/write-scene.ts';
import { aProfile, anAlias } from './builders.ts';
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts';
import { createMemoryCluster, type ClusterCall, type MemoryCluster } from './memory-cluster.ts';
import { aReclamationRule } from './rule-builders.ts';
import { createSeededRandom } from './seeded-random.ts';

export const dayMs = 86_400_000;
export const namespace = 'team-a';

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };

/** One process, as it is handed to the controller. */
export interface Worker {
  readonly dependencies: CandidateDependencies;
  /** One pass; gives what it wishes. */
  pass(signal?: AbortSignal, name?: string): Promise<{ requeueAfterMs?: number }>;
  /** Passes until nothing is due within a minute, which is waited out; at most so many. */
  settle(most?: number): Promise<void>;
}

export interface WorkerOptions {
  readonly name?: string;
  readonly before?: (call: ClusterCall) => void | Promise<void>;
  readonly after?: (call: ClusterCall) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface CandidateScene {
  readonly cluster: MemoryCluster;
  readonly simulator: Simulator;
  readonly clock: LeapingClock;
  /** What the rule says of the subscription; tests change it. */
  readonly verdict: Mutable<CandidateVerdict>;
  readonly trail: AuditEntry[];
  readonly sent: NoticeMessage[];
  readonly events: { readonly type: string; readonly reason: string; readonly note: string }[];
  /** What sending does, before it is remembered. */
  sending: (message: NoticeMessage) => void | Promise<void>;
  worker(options?: WorkerOptions): Worker;
  candidate(name?: string): RemovalCandidate;
  changeCandidate(edit: (candidate: RemovalCandidate) => void): void;
  changeRule(edit: (spec: ReclamationRuleSpec) => void): void;
  changeProfile(edit: (profile: IntegrationProfile) => void): void;
  decide(verdict: NonNullable<RemovalCandidateSpec['decision']>['verdict'], by?: string): void;
  answer(verdict: 'Keep' | 'Release'): void;
  /** Writing requests about the person that reached the vendor. */
  writes(): readonly { readonly method: string; readonly outcome?: string | undefined }[];
  wait(ms: number): Promise<void>;
}

export interface SceneOptions {
  readonly company?: CompanyState;
  readonly person?: string;
  readonly rule?: Partial<ReclamationRuleSpec>;
  readonly action?: 'Downgrade' | 'Remove';
}

export const candidateKey = 'team-a/sub-1.1';
const apiKey = 'full-key';

/** The real provider on the simulator, and a cluster in memory with everything that one candidate needs. */
export function openCandidateScene({ company = makeStaff(), person = 'PFREE01', rule = {}, action = 'Remove' }: SceneOptions = {}): CandidateScene {
  const clock = createLeapingClock(NOW);
  const simulator = createSimulator({ company, clock, settings: { perMinute: 1e9, oncallsPerMinute: 1e9 }, apiKeys: [{ key: apiKey }] });
  const provider = createPagerDutyProvider({ transport: simulatorTransport(simulator) });
  const cluster = createMemoryCluster(clock);
  const endpoints = { api: simulator.url, identity: simulator.url, app: simulator.url };
  fill(cluster, { company, person, action, rule, settings: { subdomain: company.subdomain, endpoints } });
  const random = createSeededRandom(11);
  let secrets = 0;
  const trail: AuditEntry[] = [];
  const events: { type: string; reason: string; note: string }[] = [];
  const sent: NoticeMessage[] = [];
  const verdict: Mutable<CandidateVerdict> = {
    hold: undefined,
    judgement: { kind: 'Candidate', justification: 'LowUsage', evidence: { thresholdDays: 60, inactiveDays: 90, windowFrom: iso(clock.now() - 100 * dayMs), windowTo: iso(clock.now() - 3_600_000) } },
    address: `${person.toLowerCase()}@example.com`,
    frozenAt: () => undefined,
    plan: 'Unbound',
    ownership: [],
    covered: 1000,
  };

  const scene: CandidateScene = {
    cluster,
    simulator,
    clock,
    verdict,
    trail,
    sent,
    events,
    sending: () => undefined,
    worker({ name = 'one', before, after, signal = new AbortController().signal } = {}) {
      const client = cluster.client(name, { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) });
      const audit: AuditTrail = {
        async append(_namespace, entry) {
          await before?.({ what: `append ${entry.event}`, client: name });
          trail.push(entry);
          await after?.({ what: `append ${entry.event}`, client: name });
        },
      };
      const dependencies: CandidateDependencies = {
        client,
        stores: {
          rules: { get: (key) => cluster.get(reclamationRuleResource, keyOf(key)) },
          profiles: { get: (key) => cluster.get(integrationProfileResource, keyOf(key)) },
          aliases: { get: (key) => cluster.get(connectionAliasResource, keyOf(key)) },
        },
        providers: new Map([['PagerDuty', provider]]),
        clock,
        clockTrust: cluster.clockTrust(),
        random,
        events: { record: (_about, note) => void events.push(note), flush: () => Promise.resolve() },
        logger: { info: () => undefined, warn: () => undefined },
        metrics: { onVendorRequest: () => undefined },
        audit,
        notices: {
          sender: {
            async send(message) {
              await before?.({ what: `send ${message.id}`, client: name });
              await scene.sending(message);
              sent.push(message);
              await after?.({ what: `send ${message.id}`, client: name });
            },
          },
          resolveChannel: (channel) => ({ type: 'Slack', name: channel.name, url: new SecretValue('https://hooks.example.com') }),
          answerUrls: () => Promise.resolve({ keepUrl: 'https://x.example.com/keep', releaseUrl: 'https://x.example.com/release' }),
        },
        judge: () => Promise.resolve({ ...verdict }),
        identity: name,
        createSecret: () => `secret-${(secrets += 1)}-${'x'.repeat(40)}`,
        turns: createAccountTurns({ client, clock, steady: clock, identity: name, namespace: 'operator' }),
      };
      const pass = (passSignal = signal, key = candidateKey) => reconcileCandidate(key, dependencies, passSignal);
      return {
        dependencies,
        pass,
        async settle(most = 200) {
          for (let step = 0; step < most; step += 1) {
            const { requeueAfterMs } = await pass();
            if (requeueAfterMs === undefined || requeueAfterMs > 60_000) return;
            await clock.sleep(Math.max(1, requeueAfterMs));
          }
          throw new Error(`it does not come to rest: ${JSON.stringify(scene.candidate().status)}`);
        },
      };
    },
    candidate(name = 'sub-1.1') {
      const found = cluster.get<RemovalCandidate>(removalCandidateResource, { namespace, name });
      if (found === undefined) throw new Error('the candidate is gone');
      return found;
    },
    changeCandidate: (edit) => cluster.change<RemovalCandidate>(removalCandidateResource, { namespace, name: 'sub-1.1' }, edit),
    changeRule: (edit) => cluster.change<ReclamationRule>(reclamationRuleResource, { namespace, name: 'business' }, ({ spec }) => edit(spec)),
    changeProfile: (edit) => cluster.change<IntegrationProfile>(integrationProfileResource, { namespace, name: 'pagerduty' }, edit),
    decide(what, by = 'maria') {
      scene.changeCandidate((candidate) => {
        candidate.spec.decision = { verdict: what, by, at: iso(clock.now()), reason: 'not needed' };
      });
    },
    answer(what) {
      scene.changeCandidate((candidate) => {
        candidate.status = { ...candidate.status, answer: { verdict: what, at: iso(clock.now()), via: 'Link' } };
      });
    },
    writes: () => simulator.journal.writes().filter(({ path }) => path.startsWith(`/users/${person}`)),
    wait: (ms) => clock.sleep(ms),
  };
  return scene;
}

interface Contents {
  readonly company: CompanyState;
  readonly person: string;
  readonly action: 'Downgrade' | 'Remove';
  readonly rule: Partial<ReclamationRuleSpec>;
  readonly settings: object;
}

const downgradeTo = { role: 'read_only_user', subscriptionIdentifier: 'PLSTAKE' };

function fill(cluster: MemoryCluster, { company, person, action, rule, settings }: Contents): void {
  const profile = fillConnection(cluster, settings);
  cluster.put(reclamationRuleResource, aReclamationRule({ spec: { reviewed: true, action, ...(action === 'Downgrade' ? { downgradeTo } : {}), ...rule } }));
  const user = userOf(company, person);
  const { role, email } = user;
  const licence = user.licenseId ?? 'PLFULL1';
  putSubscription(cluster, { name: 'sub-1', profile, user });
  const colleague = company.users.find(({ id }) => id !== person);
  if (colleague !== undefined) putSubscription(cluster, { name: 'sub-colleague', profile, user: colleague });
  cluster.put<RemovalCandidate>(removalCandidateResource, {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'RemovalCandidate',
    metadata: { name: 'sub-1.1', namespace, creationTimestamp: NOW, annotations: { [annotations.evidence]: JSON.stringify({ evidence: { thresholdDays: 60, windowFrom: NOW, windowTo: NOW }, savingsText: 'USD 492.00' }) } },
    spec: {
      subject: {
        profileRef: { name: 'pagerduty' },
        ruleRef: { name: 'business' },
        subscriptionRef: { name: 'sub-1' },
        externalUserId: person,
        displayName: `Person ${person}`,
        userPrincipalName: email,
        subscriptionIdentifier: licence,
        role,
        action,
        ...(action === 'Downgrade' ? { downgradeTo } : {}),
      },
      justification: 'LowUsage',
      assignmentGroup: 'Software managers',
    },
  });
}

function putSubscription(cluster: MemoryCluster, { name, profile, user }: { name: string; profile: IntegrationProfile; user: CompanyState['users'][number] }): void {
  cluster.put<SoftwareSubscription>(softwareSubscriptionResource, {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SoftwareSubscription',
    metadata: { name, namespace, labels: { [labels.profile]: 'pagerduty' }, ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: 'pagerduty', uid: profile.metadata.uid ?? '' }] },
    spec: {
      profileRef: { name: 'pagerduty' },
      externalUserId: user.id,
      displayName: `Person ${user.id}`,
      userPrincipalName: user.email,
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      edition: 'Business (Full User)',
      subscriptionIdentifier: user.licenseId ?? 'PLFULL1',
      role: user.role,
      roleGroup: 'FullUser',
      invitationPending: false,
    },
  });
}

function userOf(company: CompanyState, person: string): CompanyState['users'][number] {
  const user = company.users.find(({ id }) => id === person);
  if (user === undefined) throw new Error(`nobody is ${person}`);
  return user;
}

/** Alias, token and published profile. */
function fillConnection(cluster: MemoryCluster, settings: object): IntegrationProfile {
  const credentialHash = 'hash-1';
  const alias = cluster.put(connectionAliasResource, anAlias({ spec: { pagerduty: settings }, status: { token: { credentialHash } as never } }));
  const connection = connectionId({ type: 'PagerDuty', aliasUid: alias.metadata.uid ?? '', settings });
  const run = { result: 'Succeeded', connection } as never;
  const profile = cluster.put(integrationProfileResource, aProfile({ status: { state: 'Published', refresh: { subscriptions: run, activity: run } } }));
  cluster.put<Secret>(coreResources.Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'pagerduty-token',
      namespace,
      labels: { [labels.managedBy]: product },
      annotations: { [annotations.intentHash]: credentialHash },
      ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ConnectionAlias', name: 'pagerduty', uid: alias.metadata.uid ?? '', controller: true }],
    },
    data: encodeTokenSecret({ token: new SecretValue(apiKey), scheme: 'ApiToken', scopes: undefined, credentialId: 'c1', expiresAt: undefined, issuedAt: undefined }),
  });
  cluster.put<Secret>(coreResources.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'slack', namespace }, data: {} });
  return profile;
}

function keyOf(key: string): { namespace: string; name: string } {
  const [space = '', name = ''] = key.split('/');
  return { namespace: space, name };
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
