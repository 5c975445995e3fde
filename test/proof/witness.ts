import { auditRecordResource, type AuditRecord } from '../../operator/api/audit-record.ts';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { integrationProfileResource } from '../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { reclamationRuleResource } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { removalCandidateResource } from '../../operator/api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import { softwareSubscriptionResource } from '../../operator/api/software-subscription.ts';
import type { SubscriptionExclusion } from '../../operator/api/subscription-exclusion.ts';
import { subscriptionExclusionResource } from '../../operator/api/subscription-exclusion.ts';
import type { Secret } from '../../operator/controllers/secrets.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import type { CompanyState, JournalEntry } from '../pagerduty-simulator/index.ts';
import { jobsResource } from './resources.ts';
import type { World } from './world.ts';

/** Everything there is, at one moment. */
export interface Objects {
  readonly candidates: readonly RemovalCandidate[];
  readonly rules: readonly ReclamationRule[];
  readonly profile: IntegrationProfile | undefined;
  readonly subscriptions: readonly SoftwareSubscription[];
  readonly exclusions: readonly SubscriptionExclusion[];
  readonly secrets: readonly Secret[];
  readonly isRefreshing: boolean;
}

/** A request that changes an account, and the world as it was when it left. */
export interface Witness {
  readonly person: string;
  readonly method: string;
  /** Role and licence that it asks for; undefined where the person is to go. */
  readonly target: { readonly role: string; readonly subscriptionIdentifier?: string | undefined } | undefined;
  /** Candidate that the process looked at. */
  readonly candidate: string;
  readonly at: number;
  readonly company: CompanyState;
  readonly objects: Objects;
  /** What had been recorded, told, decided and answered by then; within one millisecond only the order tells. */
  readonly records: readonly AuditRecord[];
  readonly sent: World['sent'];
  readonly decided: World['decided'];
  readonly answered: World['answered'];
  readonly kept: World['kept'];
  readonly evaluated: World['evaluated'];
  readonly claimed: World['claimed'];
  readonly seatSince: number | undefined;
  readonly journalEnd: number;
  /** Whether the clocks agreed when the process looked at them last. */
  readonly areClocksRight: boolean;
  /** Others that were under way. */
  readonly others: number;
  /** The simulator's own word of it; undefined while it is under way, or where it never came. */
  entry?: JournalEntry;
  after?: CompanyState;
  /** Whether it was carried out later than it was answered. */
  isLate?: boolean;
}

export function observe({ cluster }: Pick<World, 'cluster'>): Objects {
  return {
    candidates: cluster.list<RemovalCandidate>(removalCandidateResource),
    rules: cluster.list<ReclamationRule>(reclamationRuleResource),
    profile: cluster.list<IntegrationProfile>(integrationProfileResource)[0],
    subscriptions: cluster.list<SoftwareSubscription>(softwareSubscriptionResource),
    exclusions: cluster.list<SubscriptionExclusion>(subscriptionExclusionResource),
    secrets: cluster.list<Secret>(coreResources.Secret),
    isRefreshing: cluster.list(jobsResource).length > 0,
  };
}

export function witness(world: World, { person, method, candidate, target, areClocksRight }: Pick<Witness, 'person' | 'method' | 'candidate' | 'target' | 'areClocksRight'>): Witness {
  const { simulator, clock } = world;
  const seen: Witness = {
    person,
    method,
    target,
    candidate,
    at: clock.now(),
    company: simulator.state.company,
    objects: observe(world),
    records: world.records.list<AuditRecord>(auditRecordResource),
    sent: [...world.sent],
    decided: [...world.decided],
    answered: [...world.answered],
    kept: [...world.kept],
    evaluated: new Map(world.evaluated),
    claimed: new Set(world.claimed),
    seatSince: world.seatSince.get(person),
    journalEnd: simulator.journal.list().length,
    areClocksRight,
    others: world.underWay,
  };
  world.witnesses.push(seen);
  return seen;
}
