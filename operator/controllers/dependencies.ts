import type { Clock, Random } from '../api/clock.ts';
import type { ConnectionAlias } from '../api/connection-alias.ts';
import type { IntegrationProfile } from '../api/integration-profile.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { ReclamationRule } from '../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../api/removal-candidate.ts';
import type { SoftwareEntitlement } from '../api/software-entitlement.ts';
import type { SoftwareModel } from '../api/software-model.ts';
import type { SubscriptionExclusion } from '../api/subscription-exclusion.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { ClockTrust } from '../kubernetes/clock-trust.ts';
import type { EventRecorder } from '../kubernetes/event-recorder.ts';
import type { Reflector } from '../kubernetes/reflector.ts';
import type { AccountTurns } from './removal-candidate/account-turns.ts';
import type { CandidateNotices } from './removal-candidate/input.ts';
import type { Provider } from '../providers/provider.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { UnsavedRenewal } from './authorization/rotate.ts';
import type { ExclusionMatches } from './exclusion-matches.ts';
import type { AllOwnWrites } from './own-writes.ts';

/** What the operator was started with. */
export interface ControllerSettings {
  /** Image of the refresh pods: the operator's own. */
  readonly refreshImage: string;
  /** Name of the ServiceAccount and RoleBinding that refresh pods use in each namespace. */
  readonly refreshServiceAccount: string;
  /** ClusterRole that the RoleBinding refers to. */
  readonly refreshClusterRole: string;
  /** ConfigMap of each namespace with further certificate authorities, in `ca.crt`; undefined = the public ones only. */
  readonly refreshCaConfigMap?: string | undefined;
  /** Let aliases name endpoints of their own. */
  readonly allowCustomEndpoints: boolean;
}

/** A Job as the controllers see it. */
export interface ObservedJob extends KubernetesObject {
  readonly state: 'Active' | 'Succeeded' | 'Failed';
  /** Milliseconds since the epoch; undefined while active. */
  readonly finishedAt: number | undefined;
}

/** Caches of what the controllers read; Secrets and SoftwareSubscriptions are never among them (design section 4). */
export interface Stores {
  readonly aliases: Reflector<ConnectionAlias>;
  readonly profiles: Reflector<IntegrationProfile>;
  readonly cronJobs: Reflector<KubernetesObject>;
  readonly jobs: Reflector<ObservedJob>;
  readonly serviceAccounts: Reflector<KubernetesObject>;
  readonly roleBindings: Reflector<KubernetesObject>;
  readonly models: Reflector<SoftwareModel>;
  readonly entitlements: Reflector<SoftwareEntitlement>;
  readonly exclusions: Reflector<SubscriptionExclusion>;
  readonly rules: Reflector<ReclamationRule>;
  /** Without evidence, messages and history. */
  readonly candidates: Reflector<RemovalCandidate>;
}

/** Everything that a reconcile is handed (facts/operators.md A9.15). */
export interface ControllerDependencies {
  readonly client: KubernetesClient;
  readonly stores: Stores;
  readonly ownWrites: AllOwnWrites;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  /** Whether the times of `clock` may be acted on where that cannot be taken back (guard 11). */
  readonly clockTrust: ClockTrust;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly events: EventRecorder;
  readonly settings: ControllerSettings;
  /** Who this process is, in claims. */
  readonly identity: string;
  /** 256 bits that nobody can guess, as base64url; other ones at each call. */
  readonly createSecret: () => string;
  /** Renewed tokens that the API server has not taken yet, by uid of the alias. */
  readonly unsavedRenewals: Map<string, UnsavedRenewal>;
  /** Hash chain of what was decided and done (C24). */
  readonly audit: AuditTrail;
  readonly notices: CandidateNotices;
  /** Who writes to which account now (guard 4). */
  readonly turns: AccountTurns;
  /** What the last reconciliation of each profile found of each exclusion. */
  readonly exclusionMatches: ExclusionMatches;
}

/** Names of indexes on the stores. */
export const indexes = { profilesByAlias: 'alias', byProfile: 'profile', aliasesByUid: 'uid', byProfileName: 'profileName', byModel: 'model', byRule: 'rule', byUndoSecret: 'undoSecret' } as const;
