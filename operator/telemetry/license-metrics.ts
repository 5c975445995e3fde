import { Counter, type Registry } from 'prom-client';
import type { ConnectionAliasStatus } from '../api/connection-alias.ts';
import { refreshProcesses, type IntegrationProfileStatus, type LicenseCount, type RefreshProcess } from '../api/integration-profile.ts';
import { createOwnedGauge, type OwnedGauge, type Sample } from './owned-gauge.ts';
import { scrub } from './scrub.ts';

/** Name of an object in a namespace. */
export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

/**
 * The product's own metrics. They are read from the status of the objects, so after a restart or a
 * change of leader they are right again at the first reconcile. Labels come from configuration alone;
 * the one exception, the licence, is held to 20 a profile (guard 7, facts/operators.md B3.31).
 */
export interface LicenseMetrics {
  setProfile(profile: ObjectName, status: IntegrationProfileStatus): void;
  /** Takes away every series of a deleted profile. */
  forgetProfile(profile: ObjectName): void;
  setConnectionAlias(alias: ObjectName, status: ConnectionAliasStatus): void;
  /** Vendor requests left in the window of the alias's credential. */
  setRateLimitRemaining(alias: ObjectName, requests: number): void;
  forgetConnectionAlias(alias: ObjectName): void;
  onVendorRequest(request: VendorRequestObservation): void;
}

export interface VendorRequestObservation {
  /** Type of the provider, such as PagerDuty. */
  readonly provider: string;
  /** Route without ids or query, such as `/users/{id}`. */
  readonly route: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
}

const maxLicenses = 20;
const profileLabels = ['namespace', 'profile'] as const;
const processLabels = ['namespace', 'profile', 'process'] as const;
type ProfileLabel = (typeof profileLabels)[number];
type ProcessLabel = (typeof processLabels)[number];

export function createLicenseMetrics(registry: Registry): LicenseMetrics {
  return { ...createProfileMetrics(registry), ...createVendorMetrics(registry) };
}

function createProfileMetrics(registry: Registry): Pick<LicenseMetrics, 'setProfile' | 'forgetProfile'> {
  const gauge = <Label extends string>(name: string, help: string, labels: readonly Label[]): OwnedGauge<Label> =>
    createOwnedGauge({ name: `saaslicense_${name}`, help, labels, registry });
  const published = gauge('profile_published', '1 while the profile is Published, 0 while it is Draft.', profileLabels);
  const subscriptions = gauge('subscriptions', 'Subscriptions of the profile by what is known of their activity: recorded, never or unknown.', [
    ...profileLabels,
    'activity',
  ]);
  const pending = gauge('subscriptions_pending_invitation', 'Subscriptions whose person was invited and never signed up.', profileLabels);
  const seats = gauge('license_seats', 'Seats of a licence as the vendor counts them, assigned and available; the first 20 licences of a profile.', [
    ...profileLabels,
    'license',
    'state',
  ]);
  const refresh = createRefreshMetrics(gauge);
  return {
    setProfile(profile, status) {
      const labels = { namespace: profile.namespace, profile: profile.name };
      const owner = ownerOf(profile);
      published.replace(owner, [{ labels, value: status.state === 'Published' ? 1 : 0 }]);
      const counts = status.subscriptions;
      const states = counts === undefined ? [] : (['recorded', 'never', 'unknown'] as const);
      subscriptions.replace(owner, states.map((activity) => ({ labels: { ...labels, activity }, value: counts?.[activity] ?? 0 })));
      pending.replace(owner, counts === undefined ? [] : [{ labels, value: counts.pendingInvitation }]);
      seats.replace(owner, seatsOf(labels, status.refresh?.subscriptions?.licenses ?? []));
      refresh.set(profile, status);
    },
    forgetProfile(profile) {
      for (const each of [published, subscriptions, pending, seats]) each.forget(ownerOf(profile));
      refresh.forget(profile);
    },
  };
}

type MakeGauge = (name: string, help: string, labels: readonly ProcessLabel[]) => OwnedGauge<ProcessLabel>;

function createRefreshMetrics(gauge: MakeGauge): {
  set(profile: ObjectName, status: IntegrationProfileStatus): void;
  forget(profile: ObjectName): void;
} {
  const lastSuccess = gauge('refresh_last_success_timestamp_seconds', 'When the refresh last succeeded.', processLabels);
  const lastResult = gauge('refresh_last_run_success', '1 when the last finished run of the refresh succeeded, else 0.', processLabels);
  const duration = gauge('refresh_duration_seconds', 'How long the last finished run of the refresh took.', processLabels);
  const requests = gauge('refresh_vendor_requests', 'Requests that the last finished run of the refresh made to the vendor, retries included.', processLabels);
  return {
    set(profile, status) {
      const owner = ownerOf(profile);
      // Without Download Activity the last activity run ages for good (S41): it must not alert for ever.
      const processes = refreshProcesses.filter((process) => process !== 'activity' || status.publishedDownloadActivity !== false);
      const runs = processes.flatMap((process) => {
        const result = status.refresh?.[process];
        return result === undefined ? [] : [{ labels: labelsOf(profile, process), result }];
      });
      lastSuccess.replace(owner, runs.flatMap(({ labels, result }) => sampleOfTime(labels, result.lastSuccessTime)));
      lastResult.replace(owner, runs.map(({ labels, result }) => ({ labels, value: result.result === 'Succeeded' ? 1 : 0 })));
      duration.replace(owner, runs.map(({ labels, result }) => ({ labels, value: result.durationSeconds })));
      requests.replace(owner, runs.map(({ labels, result }) => ({ labels, value: result.vendorRequests })));
    },
    forget(profile) {
      for (const each of [lastSuccess, lastResult, duration, requests]) each.forget(ownerOf(profile));
    },
  };
}

function createVendorMetrics(registry: Registry): Omit<LicenseMetrics, 'setProfile' | 'forgetProfile'> {
  const labels = ['namespace', 'connection_alias'] as const;
  const expiry = createOwnedGauge({
    name: 'saaslicense_token_expiry_timestamp_seconds',
    help: 'When the access token of the ConnectionAlias expires; absent when it does not expire.',
    labels,
    registry,
  });
  const authorization = createOwnedGauge({
    name: 'saaslicense_authorization_expiry_timestamp_seconds',
    help: 'When the consent of a person for the ConnectionAlias ends and somebody must consent again; absent without one.',
    labels,
    registry,
  });
  const remaining = createOwnedGauge({
    name: 'saaslicense_vendor_rate_limit_remaining',
    help: 'Requests that the vendor still allows in its window, as it last said.',
    labels,
    registry,
  });
  const requests = new Counter({
    name: 'saaslicense_vendor_requests_total',
    help: 'Requests of this process to the vendor, retries included; code is `<error>` when no answer came.',
    labelNames: ['provider', 'route', 'code'],
    registers: [registry],
  });
  const aliasLabels = (alias: ObjectName) => ({ namespace: alias.namespace, connection_alias: alias.name });
  return {
    setConnectionAlias(alias, status) {
      expiry.replace(ownerOf(alias), sampleOfTime(aliasLabels(alias), status.token?.expiresAt));
      authorization.replace(ownerOf(alias), sampleOfTime(aliasLabels(alias), status.authorization?.endsAt));
    },
    setRateLimitRemaining: (alias, value) => remaining.replace(ownerOf(alias), [{ labels: aliasLabels(alias), value }]),
    forgetConnectionAlias(alias) {
      for (const each of [expiry, authorization, remaining]) each.forget(ownerOf(alias));
    },
    onVendorRequest: ({ provider, route, status }) => requests.inc({ provider, route, code: status === 0 ? '<error>' : String(status) }),
  };
}

function ownerOf(object: ObjectName): string {
  return `${object.namespace}/${object.name}`;
}

function labelsOf(profile: ObjectName, process: RefreshProcess): Record<ProcessLabel, string> {
  return { namespace: profile.namespace, profile: profile.name, process };
}

function sampleOfTime<Label extends string>(labels: Record<Label, string>, time: string | undefined): Sample<Label>[] {
  const milliseconds = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(milliseconds) ? [] : [{ labels, value: milliseconds / 1000 }];
}

/** Two licences may bear one name: the identifier then tells them apart. */
function seatsOf(labels: Record<ProfileLabel, string>, licenses: readonly LicenseCount[]): Sample<ProfileLabel | 'license' | 'state'>[] {
  const shown = licenses.slice(0, maxLicenses);
  const names = Map.groupBy(shown, (license) => license.name);
  return shown.flatMap((license) => {
    const alone = names.get(license.name)?.length === 1 && license.name !== '';
    const name = scrub(alone ? license.name : `${license.name} (${license.identifier})`.trim());
    return (['assigned', 'available'] as const).flatMap((state) => {
      const value = license[state];
      return value === undefined ? [] : [{ labels: { ...labels, license: name, state }, value }];
    });
  });
}
