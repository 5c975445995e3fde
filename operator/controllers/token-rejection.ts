import type { IntegrationProfile } from '../api/integration-profile.ts';

/** Reason of a failure with which a provider says that the access token is no longer taken. */
const rejected = 'TokenRejected';

/**
 * When a profile last found that the vendor rejects the access token, in validation or in a refresh;
 * milliseconds since the epoch. A token that was revoked is replaced by that, not when it would have expired.
 */
export function tokenRejection({ status }: IntegrationProfile): number | undefined {
  const validation = status?.lastFailure?.reason === rejected ? status.lastFailureTime : undefined;
  const runs = Object.values(status?.refresh ?? {}).filter((run) => run?.result === 'Failed' && run.reason === rejected);
  const times = [validation, ...runs.map((run) => run?.completionTime)].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times.map((time) => Date.parse(time)));
}

/** The latest rejection that any of the profiles has seen. */
export function lastRejection(profiles: readonly IntegrationProfile[]): number | undefined {
  const times = profiles.map(tokenRejection).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
}
