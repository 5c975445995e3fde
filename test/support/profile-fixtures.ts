import type { IntegrationProfile, IntegrationProfileStatus, RefreshProcess, RefreshResult } from '../../operator/api/integration-profile.ts';
import { labels } from '../../operator/api/group.ts';
import type { ObservedJob } from '../../operator/controllers/dependencies.ts';
import { buildCronJob } from '../../operator/controllers/integration-profile/cron-job.ts';
import { connectionId, validationId } from '../../operator/controllers/integration-profile/decide-validation.ts';
import type { ObservedCronJob, ProfileInput } from '../../operator/controllers/integration-profile/input.ts';
import { createProviders } from '../../operator/providers/registry.ts';
import { resolveAlias } from '../../operator/api/effective-alias.ts';
import { anAlias, aProfile } from './builders.ts';

export const now = Date.parse('2026-11-24T12:00:00Z');
export const hour = 3_600_000;

export const settings = {
  refreshImage: 'saas-license-operator:test',
  refreshServiceAccount: 'saas-license-operator-refresh',
  refreshClusterRole: 'saas-license-operator-refresh',
  allowCustomEndpoints: false,
};

/** What gather would read for a profile whose alias is ready. */
export function aProfileInput(change: Partial<ProfileInput> = {}): ProfileInput {
  const profile = change.profile ?? aProfile();
  const alias = 'alias' in change ? change.alias : anAlias({ ready: 'True' });
  return {
    profile,
    provider: createProviders().find((each) => each.type === 'PagerDuty'),
    alias,
    effectiveAlias: alias === undefined ? undefined : resolveAlias(alias, () => undefined),
    reclaimAlias: undefined,
    cronJobs: [],
    jobs: [],
    profilesOfNamespace: [profile],
    accounts: new Map(),
    settings,
    clock: 'Trusted',
    ...change,
  };
}

/** The same profile after it was validated and published. */
export function aPublishedInput(profile: IntegrationProfile = aProfile(), change: Partial<ProfileInput> = {}): ProfileInput {
  const validated = aProfileInput({ profile: aProfile({ spec: { ...profile.spec, downloadActivity: true } }) });
  const status: IntegrationProfileStatus = {
    state: 'Published',
    publishedDownloadActivity: true,
    validation: { id: validationId(validated), time: new Date(now).toISOString(), passed: true, checks: [] },
    ...profile.status,
  };
  return aProfileInput({ profile: { ...profile, status }, ...change });
}

/** What a refresh job wrote after a run that succeeded an hour ago. */
export function aResult(change: Partial<RefreshResult> = {}): RefreshResult {
  const time = new Date(now - hour).toISOString();
  return {
    result: 'Succeeded',
    reason: 'Refreshed',
    message: 'The refresh succeeded.',
    startTime: time,
    completionTime: time,
    lastSuccessTime: time,
    durationSeconds: 3,
    vendorRequests: 4,
    apiWrites: 0,
    connection: connectionId(aProfileInput()),
    created: 0,
    updated: 0,
    deleted: 0,
    ...change,
  };
}

/** A CronJob as it would be in the cache after it was applied for `profile`. */
export function anAppliedCronJob(profile: IntegrationProfile, process: RefreshProcess): ObservedCronJob {
  const cronJob = buildCronJob(aProfileInput({ profile }), process, { suspend: false });
  return { ...cronJob, metadata: { ...cronJob.metadata, uid: `uid-${cronJob.metadata.name}` } };
}

export function aJob(process: RefreshProcess, change: Partial<ObservedJob> & { name?: string } = {}): ObservedJob {
  return {
    metadata: { name: change.name ?? `job-${process}`, namespace: 'team-a', labels: { [labels.process]: process } },
    state: change.state ?? 'Active',
    finishedAt: change.finishedAt,
  };
}
