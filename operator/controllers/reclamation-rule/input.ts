import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareModel } from '../../api/software-model.ts';
import type { SubscriptionExclusion } from '../../api/subscription-exclusion.ts';
import type { Hold, OwnershipIndex, SignalWatch } from '../../licensing/reclaim/facts.ts';
import type { Provider } from '../../providers/provider.ts';
import type { RoleGroup } from '../../api/software-subscription.ts';

/** What a rule is decided from, but the subscriptions, which are read page by page only when it is evaluated. */
export interface RuleScene {
  readonly rule: ReclamationRule;
  readonly profile: IntegrationProfile | undefined;
  readonly provider: Provider | undefined;
  /** All of the namespace. */
  readonly models: readonly SoftwareModel[];
  readonly exclusions: readonly SubscriptionExclusion[];
  /** All of the profile, of any rule, as the cache keeps them. */
  readonly candidates: readonly RemovalCandidate[];
  /** Other rules of the profile. */
  readonly siblings: readonly ReclamationRule[];
  readonly isRefreshing: boolean;
  readonly isHalfWritten: boolean;
  /** Lower-case addresses of those who left; undefined where spec.leaversRef cannot be read. */
  readonly leavers: ReadonlySet<string> | undefined;
}

/** The evidence of the rule now, and why nothing may be judged by it, if so. */
export interface Evidence {
  readonly watches: ReadonlyMap<RoleGroup, SignalWatch>;
  readonly hold: Hold | undefined;
}

/** Who else manages accounts, and what could not be read of it. */
export interface Owners {
  readonly index: OwnershipIndex;
  readonly problems: readonly string[];
  /** What is not whole, and holds nobody. */
  readonly notes: readonly string[];
}
