import { describe, expect, it } from 'vitest';
import { auditPageOf, signInPageOf } from '../../../test/support/cursor-pages.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { pageOf } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import { startVendorStub, type StubReply, type StubRequest, type VendorStub } from '../../../test/support/vendor-stub.ts';
import { createPagerDutyProvider } from './index.ts';
import { signalScopes, type SignalName } from './permissions.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const iso = (at: number): string => new Date(at).toISOString();

/** An account where everybody was active once, in the last 20 days; three or four pages for each signal. */
interface Account {
  readonly route: string;
  readonly key: string;
  readonly people: number;
  readonly pages: number;
  page(request: StubRequest): Record<string, unknown>;
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `P${index}`);
const times = (index: number): string => iso(now - (index + 1) * 60_000);

const accounts: Readonly<Record<SignalName, Account>> = {
  OnCall: offsetAccount('/oncalls', 'oncalls', (id, at) => ({ user: { id }, start: at, end: at })),
  IncidentResponse: offsetAccount('/log_entries', 'log_entries', (id, at) => ({ id: `L${id}`, type: 'acknowledge_log_entry', created_at: at, agent: { id, type: 'user_reference' } })),
  AuditActor: {
    route: '/audit/records',
    key: 'records',
    people: 350,
    pages: 4,
    page: ({ query }) =>
      auditPageOf(
        ids(350).map((id, index) => ({ id: `R${id}`, execution_time: times(index), actors: [{ id, type: 'user_reference' }], method: { type: 'browser' } })),
        query,
      ),
  },
  SignIn: {
    route: '/analytics/raw/users',
    key: 'data',
    people: 2500,
    pages: 3,
    page: ({ body }) => signInPageOf(ids(2500).map((id, index) => ({ id, last_sign_in_at: times(index).slice(0, 19) })), JSON.parse(body) as Record<string, unknown>),
  },
};

function offsetAccount(route: string, key: string, row: (id: string, at: string) => object): Account {
  return { route, key, people: 350, pages: 4, page: ({ query }) => pageOf(key, ids(350).map((id, index) => row(id, times(index))), query) };
}

type Spoil = (page: Record<string, unknown>, account: Account) => StubReply | 'reset';

/** Serves the account, with the page at the given place spoilt, once or always. */
function serve(account: Account, place: number, spoil: Spoil, always = false): Promise<VendorStub> {
  const firstCursors = new Map<string, number>();
  let done = false;
  return startVendorStub((request) => {
    if (request.path === '/users') return { json: pageOf('users', ids(account.people).map((id) => ({ id })), request.query) };
    if (request.query.get('cursor') === 'nowhere') return { status: 400, json: { error: { code: 2001, message: 'Invalid Input Provided' } } };
    const page = account.page(request);
    const name = request.body + request.query.toString();
    if (!firstCursors.has(name)) firstCursors.set(name, firstCursors.size);
    if (firstCursors.get(name) !== place || (done && !always)) return { json: page };
    done = true;
    return spoil(page, account);
  });
}

async function observe(signal: SignalName, stub: VendorStub) {
  const session = createSession({ settings: { subdomain: 'acme', endpoints: { api: stub.address } }, clock: createLeapingClock(now), scopes: ['users.read', signalScopes[signal]] });
  const pages = await collect(createPagerDutyProvider().activity([{ signal, window: { from: now - 20 * day, to: now } }], session));
  const end = pages.at(-1);
  return {
    people: new Set(pages.flatMap((page) => (page.kind === 'Observations' ? page.observations.map((one) => one.externalUserId) : []))).size,
    outcome: end?.kind === 'SignalEnd' ? end.outcome : undefined,
  };
}

const half = (page: Record<string, unknown>, { key }: Account): unknown[] => (page[key] as unknown[]).slice(0, (page[key] as unknown[]).length / 2);

const passing: Readonly<Record<string, Spoil>> = {
  'a server error': () => ({ status: 503, text: '' }),
  'too many requests, without headers': () => ({ status: 429, text: '' }),
  'HTML for JSON': () => ({ text: '<!doctype html><title>maintenance</title>' }),
  'an answer that is cut off': (page) => ({ json: page, cutAt: 100 }),
  'a connection that closes': () => 'reset',
};
/** Answers that look well and are not, and the first page where they can do harm. */
const deceiving: readonly [name: string, from: number, spoil: Spoil][] = [
  ['rows that come twice', 0, (page, account) => ({ json: { ...page, [account.key]: half(page, account).flatMap((row) => [row, row]) } })],
  ['an offset or cursor that leads back', 1, (page) => ({ json: { ...page, ...('offset' in page ? { offset: 7 } : { next_cursor: '100', last: 'after P999', more: true }) } })],
  ['an empty page that promises more', 0, (page, account) => ({ json: { ...page, [account.key]: [], more: true, ...('offset' in page ? {} : { next_cursor: 'nowhere', last: null }) } })],
];

for (const [signal, account] of Object.entries(accounts) as [SignalName, Account][]) {
  const places = Array.from({ length: account.pages }, (_, place) => place);
  // One shift naturally comes once for each policy and level, so of on-calls only a whole page that comes again is a fault.
  const deceptions = deceiving.filter(([name]) => signal !== 'OnCall' || name !== 'rows that come twice');

  describe(`guard 6: bad weather over ${signal}`, () => {
    it.each(Object.entries(passing))('%s at any page costs a try, and nobody', async (_, spoil) => {
      for (const place of places) {
        await using stub = await serve(account, place, spoil);
        expect(await observe(signal, stub)).toMatchObject({ people: account.people, outcome: { kind: 'Complete' } });
        expect(stub.journal.filter(({ path }) => path !== '/users').length).toBe(account.pages + 1);
      }
    });

    it.each(Object.entries(passing))('%s that stays at any page fails the pull', async (_, spoil) => {
      for (const place of places) {
        await using stub = await serve(account, place, spoil, true);
        expect((await catchFailure(observe(signal, stub))).failure.kind).toBe('Retryable');
      }
    });

    it.each(deceptions)('%s at any page (from %i) cost another pull, and nobody', async (_, from, spoil) => {
      for (const place of places.slice(from)) {
        await using stub = await serve(account, place, spoil);
        expect(await observe(signal, stub)).toMatchObject({ people: account.people, outcome: { kind: 'Complete' } });
        expect(stub.journal.length).toBeLessThanOrEqual(2 * account.pages + 2);
      }
    });

    it.each(deceptions)('%s at any page (from %i) that stay fail the pull', async (_, from, spoil) => {
      for (const place of places.slice(from)) {
        await using stub = await serve(account, place, spoil, true);
        expect((await catchFailure(observe(signal, stub))).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
      }
    });
  });
}

describe('guard 6: rows that vanish', () => {
  const vanish: Spoil = (page, account) => ({ json: { ...page, [account.key]: half(page, account) } });

  it.each(['OnCall', 'IncidentResponse'] as const)('%s: at any page fail the pull when they stay away, for the total tells', async (signal) => {
    for (const place of [0, 1, 2, 3]) {
      await using stub = await serve(accounts[signal], place, vanish, true);
      expect((await catchFailure(observe(signal, stub))).failure.reason).toBe('InconsistentPull');
    }
  });

  it('SignIn: at any page make silence prove nothing, for the account has more people', async () => {
    for (const place of [0, 1, 2]) {
      await using stub = await serve(accounts.SignIn, place, vanish, true);
      expect((await observe('SignIn', stub)).outcome).toMatchObject({ kind: 'Unavailable', reason: 'SignalIncomplete' });
    }
  });
});
