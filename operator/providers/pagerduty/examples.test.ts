import { describe, expect, it } from 'vitest';
import { hasDocumentedExamples, readDocumentedExample, serveDocumentedExamples, type Example } from '../../../test/support/documented-examples.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub } from '../../../test/support/vendor-stub.ts';
import { createPagerDutyProvider } from './index.ts';

const provider = createPagerDutyProvider();
const day = 86_400_000;

const rowsOf = (example: Example, key: string) => example[key] as Record<string, unknown>[];

function firstOf(path: string): Record<string, unknown> {
  const [row] = rowsOf(readDocumentedExample(path), path.slice(1));
  if (row === undefined) throw new Error(`the example of ${path} has no row`);
  return row;
}

function openSession(address: string, now = '2026-11-24T00:00:00Z') {
  return createSession({ settings: { subdomain: 'acme', endpoints: { api: address } }, clock: createLeapingClock(now) });
}

/** What a signal saw in the last 20 days, and how it ended. */
async function observe(address: string, signal: string, now: number) {
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: address } }, clock: createLeapingClock(now), scopes: undefined });
  const pages = await collect(createPagerDutyProvider().activity([{ signal, window: { from: now - 20 * day, to: now } }], session));
  const end = pages.at(-1);
  return [pages.flatMap((page) => (page.kind === 'Observations' ? [...page.observations] : [])), end?.kind === 'SignalEnd' ? end.outcome : end];
}

// The description is not part of the project: beside it these run, elsewhere there is nothing to run them on.
describe.runIf(hasDocumentedExamples)('PagerDuty’s own documented answers, which we did not write', () => {
  it('T6, C28: are downloaded whole, with licences', async () => {
    await using stub = await serveDocumentedExamples('Paged');
    const pages = await collect(provider.download(openSession(stub.address)));
    const people = rowsOf(readDocumentedExample('/users'), 'users');
    const licenses = rowsOf(readDocumentedExample('/licenses'), 'licenses');
    expect(pages.map((page) => page.kind)).toEqual(['LicenseData', 'Licenses', 'Subscriptions']);
    const [data, known, found] = pages;
    expect(data).toMatchObject({ available: true });
    expect(known?.kind === 'Licenses' && known.licenses.map(({ identifier, name, roleGroup, assigned, available }) => [identifier, name, roleGroup, assigned, available])).toEqual(
      licenses.map((license) => [license['id'], license['name'], license['role_group'], license['current_value'], license['allocations_available']]),
    );
    expect(found?.kind === 'Subscriptions' && found.subscriptions).toEqual(
      people.map((person) => ({
        externalUserId: person['id'],
        displayName: person['name'],
        userPrincipalName: person['email'],
        role: person['role'],
        roleGroup: 'FullUser',
        jobTitle: person['job_title'],
        teams: (person['teams'] as { summary: string }[]).map((team) => team.summary),
        invitationPending: person['invitation_sent'],
      })),
    );
  });

  it('give the licence and its date in UTC to the person whom the allocation names', async () => {
    const allocation = firstOf('/license_allocations');
    const holder = { ...firstOf('/users'), id: (allocation['user'] as { id: string }).id };
    await using stub = await startVendorStub(({ path }) => {
      if (path === '/users') return { json: { users: [holder], more: false, total: 1 } };
      return { json: path === '/licenses' ? readDocumentedExample(path) : { ...readDocumentedExample(path), total: 1 } };
    });
    const pages = await collect(provider.download(openSession(stub.address)));
    const last = pages.at(-1);
    const license = allocation['license'] as { id: string; name: string };
    expect(last?.kind === 'Subscriptions' && last.subscriptions[0]).toMatchObject({
      license: { identifier: license.id, name: license.name },
      assignedAt: new Date(allocation['allocated_at'] as string).toISOString(),
    });
  });

  it('guard 6: are not taken for whole where they contradict themselves', async () => {
    await using stub = await serveDocumentedExamples('Printed');
    const error = await catchFailure(collect(provider.download(openSession(stub.address))));
    expect(error.failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
    expect(error.detail).toMatchObject({ route: '/license_allocations' });
  });

  it('guard 6: are not taken for the end where no total was told and the same page comes for every offset', async () => {
    await using stub = await serveDocumentedExamples('Printed');
    const error = await catchFailure(collect(provider.activity([{ signal: 'OnCall', window: { from: 0, to: 60 * day } }], openSession(stub.address))));
    expect(error).toMatchObject({ failure: { reason: 'InconsistentPull' }, detail: { route: '/oncalls' } });
  });

  it('tell the activity of the person on call', async () => {
    await using stub = await serveDocumentedExamples('Paged');
    const shift = firstOf('/oncalls');
    const end = Date.parse(String(shift['end']));
    const id = (shift['user'] as { id: string }).id;
    const to = end + 5 * day;
    const observed = await collect(provider.activity([{ signal: 'OnCall', window: { from: to - 60 * day, to } }], openSession(stub.address, new Date(to).toISOString())));
    expect(observed).toEqual([
      { kind: 'Observations', observations: [{ externalUserId: id, at: end, signal: 'OnCall', source: '/oncalls' }] },
      { kind: 'SignalEnd', signal: 'OnCall', outcome: { kind: 'Complete', until: to } },
    ]);
  });

  it('tell when people last signed in, in UTC though they name no zone', async () => {
    const printed = readDocumentedExample('/analytics/raw/users');
    const people = rowsOf(printed, 'data');
    await using stub = await startVendorStub(({ path }) => ({ json: path === '/users' ? { users: people.map(({ id }) => ({ id })), more: false, total: people.length } : { ...printed, more: false } }));
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(await observe(stub.address, 'SignIn', now)).toEqual([
      people.map((row) => ({ externalUserId: row['id'], at: Date.parse(`${String(row['last_sign_in_at'])}Z`), signal: 'SignIn', source: '/analytics/raw/users' })),
      { kind: 'Complete', until: now - day, listed: new Set(people.map(({ id }) => id)) },
    ]);
  });

  it('tell who changed the account: not those to whom something was done, nor the identity provider', async () => {
    await using stub = await serveDocumentedExamples('Printed');
    const records = rowsOf(readDocumentedExample('/audit/records'), 'records');
    const own = records.filter((row) => Array.isArray(row['actors']) && (row['method'] as { type: string }).type !== 'identity_provider');
    const now = Date.parse(String(records[0]?.['execution_time'])) + 5 * day;
    const [actor] = own.flatMap((row) => row['actors'] as { id: string }[]);
    expect(own.length).toBeGreaterThan(1);
    expect(await observe(stub.address, 'AuditActor', now)).toEqual([
      [{ externalUserId: actor?.id, at: now - 5 * day, signal: 'AuditActor', source: '/audit/records' }],
      { kind: 'Complete', until: now },
    ]);
  });

  it('tell of no person where a service was the agent of a log entry', async () => {
    const printed = readDocumentedExample('/log_entries');
    await using stub = await startVendorStub(() => ({ json: { ...printed, more: false, total: 1 } }));
    const now = Date.parse('2015-11-08T00:00:00Z');
    expect(await observe(stub.address, 'IncidentResponse', now)).toEqual([[], { kind: 'Complete', until: now }]);
  });

  it('S65: validate', async () => {
    await using stub = await serveDocumentedExamples('Printed');
    const checks = await provider.validate(['DownloadSubscriptions', 'PullUserActivity'], openSession(stub.address));
    expect(checks.map((check) => check.result)).toEqual(['Passed', 'Passed', 'NotEnabled']);
  });
});
