import { compact } from '../../api/compact.ts';
import { labels } from '../../api/group.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import { isHalfWritten, isRefreshing } from '../../licensing/refresh-runs.ts';
import { profileLabelValue } from '../../licensing/subscription-name.ts';
import type { NamespaceObjects } from './cluster-reader.ts';

/** Whether what is stored of a profile is of one time. */
export interface RecordedRuns {
  /** Absent where it could not be seen. */
  readonly refreshing?: boolean;
  readonly halfWritten: boolean;
}

/**
 * What can be told of the subscriptions runs of a profile: by their Jobs, as the operator does; where those may not be listed, by what the
 * operator says of them in status. A run of which it has not said anything yet is not seen then.
 */
export function recordRuns(profile: IntegrationProfile, { jobs, moved, rules }: Pick<NamespaceObjects, 'jobs' | 'moved' | 'rules'>): RecordedRuns {
  const { name } = profile.metadata;
  const value = profileLabelValue(name);
  const runs = (jobs ?? []).filter(({ metadata }) => metadata.labels?.[labels.profile] === value);
  const held = jobs === undefined ? heldFor(profile, rules) : [];
  const isKnownToRun = moved.has(name) || isRefreshing(runs) || held.includes('RefreshRunning');
  return {
    halfWritten: isHalfWritten(profile.status, runs) || held.includes('RefreshHalfWritten'),
    ...compact({ refreshing: jobs === undefined && !isKnownToRun ? undefined : isKnownToRun }),
  };
}

/** What the operator held rules of the profile for after its last run ended, and a run that it knows to have been killed. */
function heldFor({ metadata, status }: IntegrationProfile, rules: readonly ReclamationRule[]): string[] {
  const last = status?.refresh?.subscriptions;
  const endedAt = Date.parse(last?.completionTime ?? '');
  const held = rules.filter(({ spec }) => spec.profileRef.name === metadata.name).flatMap((rule) => rule.status?.held ?? []);
  const isKilled = last !== undefined && status?.conditions?.some(({ type, reason }) => type === 'SubscriptionsRefreshed' && reason === 'JobFailed') === true;
  return [...held.filter(({ since }) => !(Date.parse(since) <= endedAt)).map(({ reason }) => reason), ...(isKilled ? ['RefreshHalfWritten'] : [])];
}
