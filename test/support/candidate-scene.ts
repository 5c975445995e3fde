import { connectionAliasResource, type ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRule, type ReclamationRuleSpec } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate, type RemovalCandidateSpec } from '../../operator/api/removal-candidate.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import type { AuditEntry, AuditTrail } from '../../operator/audit/trail.ts';
import { createAccountTurns } from '../../operator/controllers/removal-candidate/account-turns.ts';
import type { CandidateDependencies } from '../../operator/controllers/removal-candidate/input.ts';
import { reconcileCandidate } from '../../operator/controllers/removal-candidate/reconcile.ts';
import type { CandidateVerdict } from '../../operator/licensing/candidate/facts.ts';
import type { NoticeMessage } from '../../operator/notices/notice.ts';
import { createPagerDutyProvider } from '../../operator/providers/pagerduty/index.ts';
import { createSimulator, simulatorTransport, type CompanyState, type Simulator } from '../pagerduty-simulator/index.ts';
import { NOW } from '../pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../pagerduty-simulator/testing/write-scene.ts';
import { apiKey, fill, recordsOf } from './candidate-objects.ts';
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts';
import { createMemoryCluster, type ClusterCall, type MemoryCluster } from './memory-cluster.ts';
import { confirmRule, editAndConfirm } from './rule-builders.ts';
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
  /** Another candidate, of another uid. */
  copyCandidate(name: string, edit: (candidate: RemovalCandidate) => void): void;
  /** Edits the rule, and confirms it anew where it was confirmed. */
  changeRule(edit: (spec: ReclamationRuleSpec) => void): void;
  /** Edits the rule, and confirms nothing. */
  editRule(edit: (spec: ReclamationRuleSpec) => void): void;
  confirmRule(): void;
  changeProfile(edit: (profile: IntegrationProfile) => void): void;
  /** Settings of the account in the alias. */
  changeAlias(edit: (settings: Record<string, unknown>) => void): void;
  decide(verdict: NonNullable<RemovalCandidateSpec['decision']>['verdict'], by?: string): void;
  /** Asks to undo the reclaim; another reason is another request, and an empty one takes it back. */
  restore(reason?: string): void;
  answer(verdict: 'Keep' | 'Release'): void;
  /** Writing requests about the person that reached the vendor. */
  writes(): readonly { readonly method: string; readonly outcome?: string | undefined }[];
  wait(ms: number): Promise<void>;
}

export interface SceneOptions {
  readonly company?: CompanyState;
  readonly person?: string;
  readonly rule?: Partial<ReclamationRuleSpec>;
  /** Whether the rule is; default: yes. */
  readonly confirmed?: boolean;
  readonly action?: 'Downgrade' | 'Remove';
  readonly maxReclaimsPerDay?: number;
}

export const candidateKey = 'team-a/sub-1.1';
const ruleKey = { namespace, name: 'business' };

/** The real provider on the simulator, and a cluster in memory with everything that one candidate needs. */
export function openCandidateScene({ company = makeStaff(), person = 'PFREE01', rule = {}, confirmed = true, action = 'Remove', maxReclaimsPerDay = 100 }: SceneOptions = {}): CandidateScene {
  const clock = createLeapingClock(NOW);
  const simulator = createSimulator({ company, clock, settings: { perMinute: 1e9, oncallsPerMinute: 1e9 }, apiKeys: [{ key: apiKey }] });
  const provider = createPagerDutyProvider({ transport: simulatorTransport(simulator) });
  const cluster = createMemoryCluster(clock);
  const endpoints = { api: simulator.url, identity: simulator.url, app: simulator.url };
  fill(cluster, { company, person, action, rule, confirmed, settings: { subdomain: company.subdomain, endpoints } });
  const random = createSeededRandom(11);
  let secrets = 0;
  const trail: AuditEntry[] = [];
  const times = new Map<AuditEntry, string>();
  const events: { type: string; reason: string; note: string }[] = [];
  const sent: NoticeMessage[] = [];
  const verdict: Mutable<CandidateVerdict> = {
    hold: undefined,
    judgement: { kind: 'Candidate', justification: 'LowUsage', evidence: { thresholdDays: 60, inactiveDays: 90, windowFrom: iso(clock.now() - 100 * dayMs), windowTo: iso(clock.now() - 3_600_000) } },
    address: `${person.toLowerCase()}@example.com`,
    frozenAt: () => undefined,
    plan: 'Any',
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
          times.set(entry, iso(clock.now()));
          await after?.({ what: `append ${entry.event}`, client: name });
        },
        async recall(_namespace, origin) {
          await before?.({ what: 'recall', client: name });
          return recordsOf(trail.filter((entry) => entry.origin === origin), times);
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
        turns: createAccountTurns({ client, clock, steady: clock, identity: name, namespace: 'operator', maxReclaimsPerDay }),
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
    copyCandidate(name, edit) {
      const copy = { ...scene.candidate(), metadata: { name, namespace, uid: `uid-of-${name}` } };
      edit(copy);
      cluster.put<RemovalCandidate>(removalCandidateResource, copy);
    },
    changeRule: (edit) => cluster.change<ReclamationRule>(reclamationRuleResource, ruleKey, (one) => editAndConfirm(one, edit)),
    editRule: (edit) => cluster.change<ReclamationRule>(reclamationRuleResource, ruleKey, ({ spec }) => edit(spec)),
    confirmRule: () => cluster.change<ReclamationRule>(reclamationRuleResource, ruleKey, confirmRule),
    changeProfile: (edit) => cluster.change<IntegrationProfile>(integrationProfileResource, { namespace, name: 'pagerduty' }, edit),
    changeAlias: (edit) => cluster.change<ConnectionAlias>(connectionAliasResource, { namespace, name: 'pagerduty' }, ({ spec }) => edit(spec['pagerduty'] as Record<string, unknown>)),
    decide(what, by = 'maria') {
      scene.changeCandidate((candidate) => {
        const { decisionId } = candidate.status ?? {};
        candidate.spec.decision = { verdict: what, by, at: iso(clock.now()), reason: 'not needed', ...(decisionId === undefined ? {} : { confirms: decisionId }) };
      });
    },
    restore: (reason = 'needed after all') => scene.changeCandidate((candidate) => {
      const { restore: _restore, ...spec } = candidate.spec;
      candidate.spec = reason === '' ? spec : { ...spec, restore: { by: 'maria', reason } };
    }),
    answer(what) {
      scene.changeCandidate((candidate) => {
        candidate.status = { ...candidate.status, answer: { verdict: what, at: iso(clock.now()), via: 'Link', round: candidate.status?.round ?? 1 } };
      });
    },
    writes: () => simulator.journal.writes().filter(({ path }) => path.startsWith(`/users/${person}`)),
    wait: (ms) => clock.sleep(ms),
  };
  return scene;
}

function keyOf(key: string): { namespace: string; name: string } {
  const [space = '', name = ''] = key.split('/');
  return { namespace: space, name };
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}
