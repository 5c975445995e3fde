import type { ConnectionAlias, ConnectionAliasSpec, ConnectionAliasStatus } from '../../operator/api/connection-alias.ts';
import type { IntegrationProfile, IntegrationProfileSpec, IntegrationProfileStatus } from '../../operator/api/integration-profile.ts';

/** An IntegrationProfile as the API server would store it, with what the test changes. */
export function aProfile(
  change: { name?: string; uid?: string; generation?: number; annotations?: Record<string, string>; spec?: Partial<IntegrationProfileSpec>; status?: IntegrationProfileStatus } = {},
): IntegrationProfile {
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'IntegrationProfile',
    metadata: {
      name: change.name ?? 'pagerduty',
      namespace: 'team-a',
      uid: change.uid ?? '11111111-1111-4111-8111-111111111111',
      resourceVersion: '1',
      generation: change.generation ?? 1,
      creationTimestamp: '2026-11-01T00:00:00Z',
      ...(change.annotations === undefined ? {} : { annotations: change.annotations }),
    },
    spec: {
      type: 'PagerDuty',
      displayName: 'PagerDuty Integration',
      connectionAliasRef: { name: 'pagerduty' },
      downloadSubscriptions: true,
      downloadActivity: true,
      reclaimSubscriptions: true,
      reclaimLimits: { maxPerDay: 50, maxPercentPerDay: 10 },
      publish: true,
      publicationPolicy: 'Automatic',
      suspend: false,
      maxLookBackDays: 60,
      activitySignals: ['OnCall'],
      ...change.spec,
    },
    ...(change.status === undefined ? {} : { status: change.status }),
  };
}

/** A ConnectionAlias with an app token; `ready` gives it a Ready condition of that status. */
export function anAlias(
  change: { name?: string; generation?: number; ready?: 'True' | 'False'; annotations?: Record<string, string>; spec?: Partial<ConnectionAliasSpec>; status?: ConnectionAliasStatus } = {},
): ConnectionAlias {
  const generation = change.generation ?? 1;
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'ConnectionAlias',
    metadata: {
      name: change.name ?? 'pagerduty',
      namespace: 'team-a',
      uid: '22222222-2222-4222-8222-222222222222',
      resourceVersion: '1',
      generation,
      ...(change.annotations === undefined ? {} : { annotations: change.annotations }),
    },
    spec: {
      type: 'PagerDuty',
      appToken: { clientSecretRef: { name: 'app', clientIdKey: 'clientId', clientSecretKey: 'clientSecret' } },
      suspend: false,
      pagerduty: { region: 'US', subdomain: 'acme' },
      ...change.spec,
    },
    ...(change.ready === undefined && change.status === undefined ? {} : { status: { account: accountOf(change.spec), ...readyStatus(change.ready, generation), ...change.status } }),
  };
}

/** As PagerDuty's provider names it. */
function accountOf(spec: Partial<ConnectionAliasSpec> | undefined): string {
  const { region, subdomain } = { region: 'US', subdomain: 'acme', ...(spec?.['pagerduty'] as { region?: string; subdomain?: string } | undefined) };
  return `${subdomain} (${region})`;
}

function readyStatus(status: 'True' | 'False' | undefined, generation: number): ConnectionAliasStatus {
  if (status === undefined) return {};
  return {
    observedGeneration: generation,
    conditions: [
      {
        type: 'Ready',
        status,
        reason: status === 'True' ? 'Connected' : 'SecretMissing',
        message: '',
        observedGeneration: generation,
        lastTransitionTime: '2026-11-01T00:00:00Z',
      },
    ],
  };
}
