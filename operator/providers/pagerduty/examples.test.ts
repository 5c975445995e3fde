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

  it.each(['Printed', 'Paged'] as const)('tell the activity of the person on call (%s)', async (envelopes) => {
    await using stub = await serveDocumentedExamples(envelopes);
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

  it('S65: validate', async () => {
    await using stub = await serveDocumentedExamples('Printed');
    const checks = await provider.validate(['DownloadSubscriptions', 'PullUserActivity'], openSession(stub.address));
    expect(checks.map((check) => check.result)).toEqual(['Passed', 'Passed', 'NotEnabled']);
  });
});
