import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { EffectiveAlias } from '../../api/effective-alias.ts';
import type { Failure } from '../../api/errors.ts';
import type { IntegrationProfile, ValidationCheck } from '../../api/integration-profile.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import type { Provider } from '../../providers/provider.ts';
import type { ControllerSettings, ObservedJob } from '../dependencies.ts';
import type { ClockState } from '../watch-clock.ts';

/** A CronJob with the fields that decisions read. */
export interface ObservedCronJob extends KubernetesObject {
  spec?: { suspend?: boolean; schedule?: string; timeZone?: string | undefined };
}

/** Everything that decisions about an IntegrationProfile are made from: plain data, read in this pass. */
export interface ProfileInput {
  readonly profile: IntegrationProfile;
  readonly provider: Provider | undefined;
  readonly alias: ConnectionAlias | undefined;
  /** The alias with what it takes from its parents (S77), or why that cannot be; undefined without the alias. */
  readonly effectiveAlias: EffectiveAlias | undefined;
  /** The alias of spec.reclaimAliasRef (C30), if one is named and is there. */
  readonly reclaimAlias: ConnectionAlias | undefined;
  /** CronJobs in the namespace that carry the profile's label. */
  readonly cronJobs: readonly ObservedCronJob[];
  /** Jobs in the namespace that carry the profile's label. */
  readonly jobs: readonly ObservedJob[];
  /** All profiles of the namespace: together they own the refresh ServiceAccount and RoleBinding. */
  readonly profilesOfNamespace: readonly IntegrationProfile[];
  /** The vendor account of each of them that counts people, by name; one whose account cannot be told is missing. */
  readonly accounts: ReadonlyMap<string, string>;
  readonly settings: ControllerSettings;
  /** Whether the operator's clock can be trusted. */
  readonly clock: ClockState;
}

/** What Validate Connection found in this pass. */
export type ValidationOutcome =
  | { readonly kind: 'NotTried' }
  | { readonly kind: 'Checked'; readonly id: string; readonly time: string; readonly checks: readonly ValidationCheck[] }
  | { readonly kind: 'Failed'; readonly id: string; readonly failure: Failure };
