import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { IntegrationProfileStatus, RefreshResult } from '../api/integration-profile.ts';
import { checkExposition } from '../../test/tooling/check-exposition.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const profile = { namespace: 'team-a', name: 'pagerduty' };
const alias = { namespace: 'team-a', name: 'acme' };

function refreshResult(more: Partial<RefreshResult> = {}): RefreshResult {
  return {
    result: 'Succeeded',
    reason: 'Refreshed',
    message: 'Refreshed.',
    startTime: '2026-11-24T01:00:00Z',
    completionTime: '2026-11-24T01:00:30Z',
    lastSuccessTime: '2026-11-24T01:00:30Z',
    durationSeconds: 30,
    vendorRequests: 14,
    apiWrites: 0,
    created: 0,
    updated: 0,
    deleted: 0,
    ...more,
  };
}

const published: IntegrationProfileStatus = {
  state: 'Published',
  subscriptions: { total: 10, recorded: 6, never: 3, unknown: 1, pendingInvitation: 2 },
  refresh: {
    subscriptions: refreshResult({
      licenses: [
        { identifier: 'L1', name: 'Business', roleGroup: 'FullUser', subscriptions: 8, assigned: 8, available: 2 },
        { identifier: 'L2', name: 'Stakeholder', roleGroup: 'Stakeholder', subscriptions: 2, assigned: 2, unlimited: true },
      ],
    }),
    activity: refreshResult({ result: 'Failed', reason: 'Truncated', durationSeconds: 5 }),
  },
};

/** Sample lines, without help and type, of the metrics whose name starts so. */
async function samples(metrics: Metrics, prefix: string): Promise<string[]> {
  const text = await metrics.render();
  return text.split('\n').filter((line) => line.startsWith(prefix));
}

function exercise(metrics: Metrics): void {
  metrics.registerController('integrationprofile', 4);
  metrics.registerQueue('integrationprofile', () => ({ depth: 3, unfinishedSeconds: 1.5, longestRunningSeconds: 1 }));
  metrics.onQueueAdd('integrationprofile');
  metrics.onQueueStart('integrationprofile', 0.002);
  metrics.onReconcileStart('integrationprofile');
  metrics.onReconcile({ controller: 'integrationprofile', result: 'success', seconds: 0.02 });
  metrics.onQueueDone('integrationprofile', 0.02);
  metrics.onQueueRetry('integrationprofile');
  metrics.onKubernetesRequest({ method: 'GET', host: '10.0.0.1:443', status: 200, seconds: 0.004 });
  metrics.setLeader('saas-license-operator', true);
  metrics.setProfile(profile, published);
  metrics.setConnectionAlias(alias, {
    token: { secretName: 'acme-token', issuedAt: '2026-11-24T00:00:00Z', expiresAt: '2026-11-25T00:00:00Z', credentialHash: 'x' },
  });
  metrics.setRateLimitRemaining(alias, 951);
  metrics.onVendorRequest({ provider: 'PagerDuty', route: '/users', status: 200 });
}

describe('the exposition', () => {
  it('is well formed with every metric in use', async () => {
    const metrics = createMetrics();
    exercise(metrics);
    expect(checkExposition(await metrics.render())).toEqual([]);
    expect(metrics.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });

  it('stays well formed with quotes, backslashes and line breaks in a licence name', async () => {
    const metrics = createMetrics();
    const license = { identifier: 'L', name: 'a "b" \\ c\nd', roleGroup: 'FullUser', subscriptions: 1, assigned: 1 };
    metrics.setProfile(profile, { refresh: { subscriptions: refreshResult({ licenses: [license] }) } });
    expect(checkExposition(await metrics.render())).toEqual([]);
  });

  it('is checked by something that does find faults', () => {
    const faulty = '# TYPE a gauge\na{x="1"} 1\na{x="1"} 2\nb 1\n# TYPE c counter\nc NaN\nd{ 1\n';
    expect(checkExposition(faulty)).toEqual(['no type: b 1', 'not a number: c NaN', 'malformed: d{ 1', 'twice: a{x="1"}', 'a counter is named c']);
  });

  it('does not mix two operators in one process', async () => {
    const first = createMetrics();
    exercise(first);
    expect(await samples(createMetrics(), 'saaslicense_')).toEqual([]);
  });
});

describe('controller-runtime’s metrics', () => {
  it('are there at 0 from the start, so that a first failure is an increase', async () => {
    const metrics = createMetrics();
    metrics.registerController('connectionalias', 2);
    metrics.registerQueue('connectionalias', () => ({ depth: 0, unfinishedSeconds: 0, longestRunningSeconds: 0 }));
    expect(await samples(metrics, 'controller_runtime_reconcile_total')).toEqual([
      'controller_runtime_reconcile_total{controller="connectionalias",result="success"} 0',
      'controller_runtime_reconcile_total{controller="connectionalias",result="error"} 0',
      'controller_runtime_reconcile_total{controller="connectionalias",result="requeue"} 0',
      'controller_runtime_reconcile_total{controller="connectionalias",result="requeue_after"} 0',
    ]);
    const zero = ['reconcile_errors_total', 'terminal_reconcile_errors_total', 'reconcile_panics_total', 'active_workers'];
    for (const name of zero) {
      expect(await samples(metrics, `controller_runtime_${name}`)).toEqual([`controller_runtime_${name}{controller="connectionalias"} 0`]);
    }
    for (const name of ['depth', 'adds_total', 'retries_total', 'unfinished_work_seconds', 'longest_running_processor_seconds']) {
      expect(await samples(metrics, `workqueue_${name}`)).toEqual([`workqueue_${name}{name="connectionalias"} 0`]);
    }
    expect(await samples(metrics, 'workqueue_queue_duration_seconds_count')).toEqual([
      'workqueue_queue_duration_seconds_count{name="connectionalias"} 0',
    ]);
    expect(await samples(metrics, 'controller_runtime_max_concurrent_reconciles')).toEqual([
      'controller_runtime_max_concurrent_reconciles{controller="connectionalias"} 2',
    ]);
  });

  it('count a terminal error as an error and apart, and a defect as a panic', async () => {
    const metrics = createMetrics();
    metrics.registerController('c', 1);
    metrics.onReconcileStart('c');
    metrics.onReconcile({ controller: 'c', result: 'error', seconds: 0.1, terminal: true });
    metrics.onReconcileStart('c');
    expect(await samples(metrics, 'controller_runtime_active_workers')).toEqual(['controller_runtime_active_workers{controller="c"} 1']);
    metrics.onReconcile({ controller: 'c', result: 'error', seconds: 0.1, panic: true });
    expect(await samples(metrics, 'controller_runtime_reconcile_errors_total')).toEqual(['controller_runtime_reconcile_errors_total{controller="c"} 2']);
    expect(await samples(metrics, 'controller_runtime_terminal_reconcile_errors_total')).toEqual([
      'controller_runtime_terminal_reconcile_errors_total{controller="c"} 1',
    ]);
    expect(await samples(metrics, 'controller_runtime_reconcile_panics_total')).toEqual(['controller_runtime_reconcile_panics_total{controller="c"} 1']);
    expect(await samples(metrics, 'controller_runtime_active_workers')).toEqual(['controller_runtime_active_workers{controller="c"} 0']);
  });

  it('count a request without an answer as code <error>', async () => {
    const metrics = createMetrics();
    metrics.onKubernetesRequest({ method: 'PATCH', host: 'h', status: 0, seconds: 1 });
    expect(await samples(metrics, 'rest_client_requests_total')).toEqual(['rest_client_requests_total{code="<error>",method="PATCH",host="h"} 1']);
  });

  it('say who leads', async () => {
    const metrics = createMetrics();
    metrics.setLeader('lease', false);
    expect(await samples(metrics, 'leader_election')).toEqual(['leader_election_master_status{name="lease"} 0']);
    metrics.setLeader('lease', true);
    expect(await samples(metrics, 'leader_election')).toEqual(['leader_election_master_status{name="lease"} 1']);
  });
});

describe('the product’s metrics', () => {
  it('C20: show subscriptions by activity, seats left and how each refresh went', async () => {
    const metrics = createMetrics();
    metrics.setProfile(profile, published);
    const at = 'namespace="team-a",profile="pagerduty"';
    const all = await samples(metrics, 'saaslicense_');
    expect(all).toEqual(
      expect.arrayContaining([
        `saaslicense_profile_published{${at}} 1`,
        `saaslicense_subscriptions{${at},activity="recorded"} 6`,
        `saaslicense_subscriptions{${at},activity="never"} 3`,
        `saaslicense_subscriptions{${at},activity="unknown"} 1`,
        `saaslicense_subscriptions_pending_invitation{${at}} 2`,
        `saaslicense_license_seats{${at},license="Business",state="assigned"} 8`,
        `saaslicense_license_seats{${at},license="Business",state="available"} 2`,
        `saaslicense_refresh_last_success_timestamp_seconds{${at},process="subscriptions"} ${Date.UTC(2026, 10, 24, 1, 0, 30) / 1000}`,
        `saaslicense_refresh_last_run_success{${at},process="subscriptions"} 1`,
        `saaslicense_refresh_last_run_success{${at},process="activity"} 0`,
        `saaslicense_refresh_duration_seconds{${at},process="activity"} 5`,
        `saaslicense_refresh_vendor_requests{${at},process="subscriptions"} 14`,
      ]),
    );
    expect(all.filter((line) => line.includes('Stakeholder') && line.includes('available'))).toEqual([]);
  });

  it('a profile that was never refreshed shows no counts, not zeros', async () => {
    const metrics = createMetrics();
    metrics.setProfile(profile, { state: 'Draft' });
    expect(await samples(metrics, 'saaslicense_')).toEqual(['saaslicense_profile_published{namespace="team-a",profile="pagerduty"} 0']);
  });

  it('S41: a profile published without Download Activity shows no activity refresh, which would age and alert for ever', async () => {
    const metrics = createMetrics();
    metrics.setProfile(profile, { ...published, publishedDownloadActivity: true });
    expect((await samples(metrics, 'saaslicense_refresh_')).filter((line) => line.includes('"activity"'))).toHaveLength(4);
    metrics.setProfile(profile, { ...published, publishedDownloadActivity: false });
    const left = await samples(metrics, 'saaslicense_refresh_');
    expect(left).toHaveLength(4);
    expect(left.every((line) => line.includes('process="subscriptions"'))).toBe(true);
  });

  it('B3.31: every series goes with its object, and only its own', async () => {
    const metrics = createMetrics();
    metrics.setProfile(profile, published);
    metrics.setProfile({ ...profile, name: 'other' }, published);
    metrics.setConnectionAlias(alias, { token: { secretName: 's', issuedAt: '2026-11-24T00:00:00Z', expiresAt: '2026-11-25T00:00:00Z', credentialHash: 'x' } });
    metrics.setRateLimitRemaining(alias, 5);
    metrics.forgetProfile(profile);
    metrics.forgetConnectionAlias(alias);
    const left = await samples(metrics, 'saaslicense_');
    expect(left.length).toBeGreaterThan(10);
    expect(left.every((line) => line.includes('profile="other"'))).toBe(true);
  });

  it('a licence that is no longer there, and a token that no longer expires, leave no series behind', async () => {
    const metrics = createMetrics();
    metrics.setProfile(profile, published);
    metrics.setProfile(profile, { ...published, refresh: { subscriptions: refreshResult({ licenses: [] }) } });
    expect(await samples(metrics, 'saaslicense_license_seats')).toEqual([]);
    expect(await samples(metrics, 'saaslicense_refresh_last_run_success')).toHaveLength(1);
    const token = { secretName: 's', issuedAt: '2026-11-24T00:00:00Z', credentialHash: 'x' };
    metrics.setConnectionAlias(alias, { token: { ...token, expiresAt: '2026-11-25T00:00:00Z' } });
    expect(await samples(metrics, 'saaslicense_token_expiry')).toHaveLength(1);
    metrics.setConnectionAlias(alias, { token });
    expect(await samples(metrics, 'saaslicense_token_expiry')).toEqual([]);
  });

  it('hold licences to 20 a profile and tell two of one name apart', async () => {
    const metrics = createMetrics();
    const licenses = Array.from({ length: 30 }, (_, index) => ({
      identifier: `L${index}`,
      name: index < 2 ? 'Business' : `License ${index}`,
      roleGroup: 'FullUser',
      subscriptions: 1,
      assigned: 1,
    }));
    metrics.setProfile(profile, { refresh: { subscriptions: refreshResult({ licenses }) } });
    const seats = await samples(metrics, 'saaslicense_license_seats');
    expect(seats).toHaveLength(20);
    expect(seats.filter((line) => line.includes('license="Business (L'))).toHaveLength(2);
  });

  it('guard 7: no e-mail address becomes a label', async () => {
    const metrics = createMetrics();
    const license = { identifier: 'L', name: 'Business for jo@example.com', roleGroup: 'FullUser', subscriptions: 1, assigned: 1 };
    metrics.setProfile(profile, { refresh: { subscriptions: refreshResult({ licenses: [license] }) } });
    expect(await metrics.render()).not.toContain('@');
  });

  it('count vendor requests by route and code', async () => {
    const metrics = createMetrics();
    for (const status of [200, 200, 429, 0]) metrics.onVendorRequest({ provider: 'PagerDuty', route: '/users', status });
    expect(await samples(metrics, 'saaslicense_vendor_requests_total')).toEqual([
      'saaslicense_vendor_requests_total{provider="PagerDuty",route="/users",code="200"} 2',
      'saaslicense_vendor_requests_total{provider="PagerDuty",route="/users",code="429"} 1',
      'saaslicense_vendor_requests_total{provider="PagerDuty",route="/users",code="<error>"} 1',
    ]);
  });
});

describe('docs/metrics.md', () => {
  it('names every metric once, with its type and labels, and no other', async () => {
    const page = await readFile(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `([a-z_]+)` \| (counter|gauge|histogram) \| (.*?) \|/gm)].map(([, name, type, labels]) => ({
      name,
      type,
      labels: [...(labels ?? '').matchAll(/`([a-z_]+)`/g)].map((match) => match[1]),
    }));
    const inCode = createMetrics()
      .describe()
      .map(({ name, type, labels }) => ({ name, type, labels }));
    expect(documented.toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? '', 'en'))).toEqual(inCode);
  });
});
