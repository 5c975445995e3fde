import type { IntegrationProfile, RefreshProcess } from '../../api/integration-profile.ts';
import { fractionOf, hashOf } from '../hash.ts';

/** Longest name that leaves room for the suffixes that Kubernetes adds to a CronJob's Jobs (52 characters). */
const maxCronJobName = 52;
const maxSlug = 26;

/** Exact title of a refresh job (L22): `SAM - Refresh <displayname> Activity`. */
export function jobTitle(displayName: string, process: RefreshProcess): string {
  return `SAM - Refresh ${displayName} ${process === 'activity' ? 'Activity' : 'Subscriptions'}`;
}

/**
 * Name of the CronJob: a slug of the display name for people, and a hash of profile and exact title
 * for uniqueness, since two display names can have one slug (T14).
 */
export function cronJobName(profile: IntegrationProfile, process: RefreshProcess): string {
  const title = jobTitle(profile.spec.displayName, process);
  const hash = hashOf([profile.metadata.uid, title], 8);
  const slug = slugOf(profile.spec.displayName);
  return ['sam-refresh', slug, process === 'activity' ? 'act' : 'sub', hash].filter((part) => part !== '').join('-').slice(0, maxCronJobName);
}

function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, maxSlug)
    .replace(/-+$/, '');
}

/** Name of the Job that a trigger makes: deterministic, so that the same wish never runs twice. */
export function triggeredJobName(cronJob: string, trigger: string): string {
  return `${cronJob}${triggeredJobSuffix(trigger)}`;
}

/** What the name of a trigger's Job ends with, whatever its CronJob is called. */
export function triggeredJobSuffix(trigger: string): string {
  return `-${hashOf(trigger, 8)}`;
}

/** Default schedules: daily (S76), at a minute drawn from the UID so that profiles do not run at once and a restart moves nothing. */
export function defaultSchedule(profile: IntegrationProfile, process: RefreshProcess): string {
  const minute = Math.floor(fractionOf(profile.metadata.uid ?? '') * 60);
  return `${minute} ${process === 'activity' ? 3 : 1} * * *`;
}
