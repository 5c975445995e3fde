import type { IntegrationProfile } from '../api/integration-profile.ts';

/** Reasons of a failure that a new token may mend: it is no longer taken, or its scopes are not those of the app any more (tf#1092). */
const reasons = ['TokenRejected', 'ScopeMissing'] as const;

export interface TokenRejection {
  /** Milliseconds since the epoch, by the clock of who met it. */
  readonly at: number;
  readonly reason: (typeof reasons)[number];
}

/**
 * When a profile last found that the vendor rejects the access token, in validation or in a refresh. A token that was
 * revoked, or whose app has other scopes now, is replaced by that, not when it would have expired.
 */
export function tokenRejection({ status }: IntegrationProfile): TokenRejection | undefined {
  const runs = Object.values(status?.refresh ?? {}).filter((run) => run?.result === 'Failed');
  const failedChecks = status?.validation?.passed === false ? (status.validation.checks ?? []) : [];
  return latest([
    toRejection(status?.lastFailure?.reason, status?.lastFailureTime),
    ...failedChecks.map((check) => toRejection(check.reason, status?.validation?.time)),
    ...runs.map((run) => toRejection(run?.reason, run?.completionTime)),
  ]);
}

/** The latest rejection that any of the profiles has seen. */
export function lastRejection(profiles: readonly IntegrationProfile[]): TokenRejection | undefined {
  return latest(profiles.map(tokenRejection));
}

function toRejection(reason: string | undefined, time: string | undefined): TokenRejection | undefined {
  const known = reasons.find((each) => each === reason);
  return known === undefined || time === undefined ? undefined : { at: Date.parse(time), reason: known };
}

function latest(rejections: readonly (TokenRejection | undefined)[]): TokenRejection | undefined {
  const found = rejections.filter((rejection) => rejection !== undefined);
  return found.sort((one, other) => other.at - one.at)[0];
}
