import type { OAuthSettings } from '../auth/settings.ts';
import { DEFAULT_OAUTH_SETTINGS } from '../auth/settings.ts';
import type { ActivitySettings } from './activity-settings.ts';
import { DEFAULT_ACTIVITY_SETTINGS } from './activity-settings.ts';
import type { WriteSettings } from './write-settings.ts';
import { DEFAULT_WRITE_SETTINGS } from './write-settings.ts';

/** What differs between accounts or is not confirmed, so that a test can have it either way. Change the fields at any time. */
export interface Settings extends OAuthSettings, ActivitySettings, WriteSettings {
  /** What asking for a scope the app may not have does (facts 1.7): 400, a token with `openid` alone, or one with what is allowed. */
  invalidScope: 'refuse' | 'only-openid' | 'only-allowed';
  /** `expires_in` of new tokens (facts 1.5). */
  tokenLifetimeSeconds: number;
  /** Requests a minute of each credential (facts 6.1). */
  perMinute: number;
  /** The extra, lower limit of /oncalls; PagerDuty publishes no number. */
  oncallsPerMinute: number;
  /** True: a 429 comes without headers and body (facts 6.1). */
  bareTooManyRequests: boolean;
  /** `total` of /license_allocations (facts 3.4, 11). */
  allocationsTotal: 'number' | 'null';
  /** Scope of /v3/schedules, null = none (facts 2, 11). */
  shiftScheduleScope: string | null;
  /** Widest window of /oncalls in days, null = any (facts 4.1: seen, not confirmed). */
  oncallRangeDays: number | null;
}

export const DEFAULT_SETTINGS: Readonly<Settings> = {
  ...DEFAULT_OAUTH_SETTINGS,
  ...DEFAULT_ACTIVITY_SETTINGS,
  ...DEFAULT_WRITE_SETTINGS,
  invalidScope: 'refuse',
  tokenLifetimeSeconds: 86_400,
  perMinute: 960,
  oncallsPerMinute: 300,
  bareTooManyRequests: false,
  allocationsTotal: 'number',
  shiftScheduleScope: 'schedules.read',
  oncallRangeDays: 90,
};
