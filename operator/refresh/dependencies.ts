import type { Clock, Random } from '../api/clock.ts';
import type { Failure } from '../api/errors.ts';
import type { RefreshResult } from '../api/integration-profile.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import type { ClockTrust } from '../kubernetes/clock-trust.ts';
import type { Provider } from '../providers/provider.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What a run is about, from the command line and environment of its pod. */
export interface RefreshInput {
  readonly namespace: string;
  readonly profileName: string;
  /** UID of the profile that the Job was made for; a profile of the same name made later is another one. */
  readonly profileUid: string;
  /** Job that runs it. */
  readonly jobName?: string;
  /** What asked for the run: Schedule, or the id of a request. */
  readonly trigger?: string;
  /** ConnectionAlias whose token is mounted; a profile that refers to another by now is not refreshed with it. */
  readonly connectionAlias?: string;
  /** Id of the connection that the token was mounted for (operator/licensing/connection-id.ts). */
  readonly connectionId?: string;
  /** Where the token Secret is mounted: files token, scheme, scopes, credentialId and expiresAt. */
  readonly tokenDirectory: string;
}

/** Everything outside of a run that it touches. */
export interface RefreshDependencies {
  readonly client: KubernetesClient;
  /** The provider of that type; undefined when it is not enabled. */
  readonly provider: (type: string) => Provider | undefined;
  readonly clock: Clock;
  /** How far our clock is ahead of the API server's. Not given: the clocks are not compared. */
  readonly clockTrust?: Pick<ClockTrust, 'skewMs'>;
  readonly random: Random;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Aborts when the pod is told to end. */
  readonly signal: AbortSignal;
  /** Writes to the API server at a time; 16 unless told. */
  readonly concurrency?: number;
}

/** Exit codes of the pod: 1 is worth another try by the Job, 3 is not (podFailurePolicy of the Job). */
export type ExitCode = 0 | 1 | 3;

export interface RefreshOutcome {
  readonly exitCode: ExitCode;
  /** Why it failed; undefined when it succeeded. */
  readonly failure?: Failure;
  /** What was written to the profile's status; undefined when nothing could be. */
  readonly result?: RefreshResult;
}

/** What a run did, counted as it happens, so that a run that ends early tells the truth too. */
export interface Progress {
  created: number;
  updated: number;
  deleted: number;
  /** Writes of subscriptions, those included that made room for another. */
  apiWrites: number;
  /** Requests to the vendor, retries included. */
  vendorRequests: number;
  /** Requests left in the vendor's window, when it last said so. */
  rateLimitRemaining: number | undefined;
}

/** Writes to the API server at a time, unless told (measured: docs/decisions/0006-refresh-writes.md). */
export const defaultConcurrency = 16;

export function startProgress(): Progress {
  return { created: 0, updated: 0, deleted: 0, apiWrites: 0, vendorRequests: 0, rateLimitRemaining: undefined };
}
