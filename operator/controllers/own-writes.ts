import { connectionAliasResource, type ConnectionAlias } from '../api/connection-alias.ts';
import { integrationProfileResource, type IntegrationProfile } from '../api/integration-profile.ts';
import type { ResourceType } from '../api/kind.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { reclamationRuleResource, type ReclamationRule } from '../api/reclamation-rule.ts';
import { softwareEntitlementResource, type SoftwareEntitlement } from '../api/software-entitlement.ts';
import { subscriptionExclusionResource, type SubscriptionExclusion } from '../api/subscription-exclusion.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { writeStatus } from '../kubernetes/status-writer.ts';
import { fieldManager } from './connection-alias/apply.ts';
import { keepSpecEntries } from './integration-profile/spec-writers.ts';

/**
 * Lets a controller read its own writes. A cache lags a little behind the API server; a pass that starts
 * in that gap would decide on a status from before its last write and, say, ask the vendor a second time.
 */
export interface OwnWrites<T extends KubernetesObject> {
  /** The newer of the cached object and the one that was last written; undefined when the cache has none. */
  newest(key: string, cached: T | undefined): T | undefined;
  /** Writes the status, if it differs, and remembers the result. */
  write(key: string, object: T, status: object, signal: AbortSignal): Promise<void>;
}

/** The memories of all controllers. */
export interface AllOwnWrites {
  readonly aliases: OwnWrites<ConnectionAlias>;
  readonly profiles: OwnWrites<IntegrationProfile>;
  readonly entitlements: OwnWrites<SoftwareEntitlement>;
  readonly exclusions: OwnWrites<SubscriptionExclusion>;
  readonly rules: OwnWrites<ReclamationRule>;
}

function rememberOwnWrites<T extends KubernetesObject>(client: KubernetesClient, type: ResourceType): OwnWrites<T> {
  const written = new Map<string, T>();
  return {
    newest(key, cached) {
      const own = written.get(key);
      if (own === undefined) return cached;
      if (cached === undefined || own.metadata.uid !== cached.metadata.uid || !isNewer(own, cached)) {
        written.delete(key);
        return cached;
      }
      return own;
    },
    async write(key, object, status, signal) {
      const remembering: Pick<KubernetesClient, 'get' | 'apply'> = {
        get: (...parameters) => client.get(...parameters),
        apply: async <Applied extends KubernetesObject>(...parameters: Parameters<typeof client.apply<Applied>>) => {
          const result = await client.apply<Applied>(...parameters);
          written.set(key, { ...object, ...result, metadata: { ...result.metadata, managedFields: keepSpecEntries(result.metadata.managedFields) } });
          return result;
        },
      };
      await writeStatus(remembering, type, object, status, { fieldManager, signal });
    },
  };
}

/** One for each kind whose controller decides on what it wrote itself. */
export function createOwnWrites(client: KubernetesClient): AllOwnWrites {
  return {
    aliases: rememberOwnWrites<ConnectionAlias>(client, connectionAliasResource),
    profiles: rememberOwnWrites<IntegrationProfile>(client, integrationProfileResource),
    entitlements: rememberOwnWrites<SoftwareEntitlement>(client, softwareEntitlementResource),
    exclusions: rememberOwnWrites<SubscriptionExclusion>(client, subscriptionExclusionResource),
    rules: rememberOwnWrites<ReclamationRule>(client, reclamationRuleResource),
  };
}

/** Versions of one kind compare as numbers: the API server promises it since Kubernetes 1.35. */
function isNewer(one: KubernetesObject, other: KubernetesObject): boolean {
  return BigInt(one.metadata.resourceVersion ?? 0) > BigInt(other.metadata.resourceVersion ?? 0);
}
