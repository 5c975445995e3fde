import { array, asyncProperty, assert, integer, option, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signInPageOf } from '../../../test/support/cursor-pages.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { createPagedClient, pageOf } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import type { ActivityObservation } from '../provider.ts';
import { observeActivity } from './activity.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const window = { from: now - 60 * day, to: now };
/** As PagerDuty prints it: without a zone. */
const zoneless = (at: number): string => new Date(at).toISOString().slice(0, 19);

interface Row {
  readonly id: string;
  readonly last_sign_in_at: string | null;
  readonly team_id?: string;
}

const people = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: `P${index}`, last_sign_in_at: zoneless(now - (index + 2) * day) }));

interface Account {
  readonly rows: readonly Row[];
  /** Ids of the account; by default those of the rows. */
  readonly users?: readonly string[];
  readonly total?: number | null;
  readonly spoil?: (page: Record<string, unknown>, asked: number) => Record<string, unknown>;
}

function setUp({ rows, users, total, spoil = (page) => page }: Account) {
  const all = (users ?? Array.from(new Set(rows.map((row) => row.id)))).map((id) => ({ id }));
  let asked = 0;
  const session = createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now), scopes: ['analytics.write', 'users.read'] });
  const client = createPagedClient(session, {
    '/users': (query) => ({ ...pageOf('users', all, query), ...(total === undefined ? {} : { total }) }),
    '/analytics/raw/users': (_, body) => spoil(signInPageOf(rows, body), (asked += 1)),
  });
  const observe = async (range = window) => {
    const pages = await collect(observeActivity([{ signal: 'SignIn', window: range }], client));
    const seen = pages.flatMap((page): readonly ActivityObservation[] => (page.kind === 'Observations' ? page.observations : []));
    return { seen, end: pages.at(-1) };
  };
  return { client, observe };
}

describe('the signal SignIn (T18, C16)', () => {
  it('reads times without a zone as UTC, and tells when and from where', async () => {
    const { observe } = setUp({ rows: [{ id: 'P1', last_sign_in_at: '2026-11-20T09:30:51' }, { id: 'P2', last_sign_in_at: '2026-11-20T09:30:51.250+02:00' }, { id: 'P3', last_sign_in_at: null }] });
    expect((await observe()).seen).toEqual([
      { externalUserId: 'P1', at: Date.parse('2026-11-20T09:30:51Z'), signal: 'SignIn', source: '/analytics/raw/users' },
      { externalUserId: 'P2', at: Date.parse('2026-11-20T07:30:51.250Z'), signal: 'SignIn', source: '/analytics/raw/users' },
    ]);
  });

  it('says order, zone and page size itself, and walks by the cursor', async () => {
    const { client, observe } = setUp({ rows: people(2500) });
    expect((await observe()).seen.length).toBe(2500);
    const questions = client.journal.filter(({ route }) => route === '/analytics/raw/users').map(({ body }) => body);
    const same = { filters: {}, time_zone: 'Etc/UTC', order: 'asc', order_by: 'user_id', limit: 1000 };
    expect(questions).toEqual([same, { ...same, starting_after: 'after P999' }, { ...same, starting_after: 'after P1999' }]);
    expect(client.journal.length).toBe(4);
  });

  it('T18: is complete until a day before now, for the analytics lag that much; earlier when the window ends earlier', async () => {
    const { observe } = setUp({ rows: people(3) });
    expect((await observe()).end).toEqual({ kind: 'SignalEnd', signal: 'SignIn', outcome: { kind: 'Complete', until: now - day, listed: new Set(['P0', 'P1', 'P2']) } });
    expect((await observe({ from: now - 9 * day, to: now - 5 * day })).end).toMatchObject({ outcome: { kind: 'Complete', until: now - 5 * day } });
  });

  it('tells of a sign-in long before the window, and of none after now', async () => {
    const { observe } = setUp({ rows: [{ id: 'P1', last_sign_in_at: zoneless(now - 900 * day) }, { id: 'P2', last_sign_in_at: zoneless(now + 3 * day) }] });
    expect((await observe()).seen.map(({ at }) => at)).toEqual([now - 900 * day, now]);
  });

  it('asks nothing for an empty window', async () => {
    const { client, observe } = setUp({ rows: people(3) });
    expect((await observe({ from: now, to: now })).seen).toEqual([]);
    expect(client.journal).toEqual([]);
  });

  it('takes a row for each team of a person as well as one in all', async () => {
    const rows = [{ id: 'P1', team_id: 'T1', last_sign_in_at: zoneless(now - 3 * day) }, { id: 'P1', team_id: 'T2', last_sign_in_at: zoneless(now - 3 * day) }];
    expect(await setUp({ rows }).observe()).toMatchObject({ seen: [{ externalUserId: 'P1', at: now - 3 * day }], end: { outcome: { kind: 'Complete' } } });
  });

  it('any account: everybody’s latest is what the data say, in one question more than pages', async () => {
    const person = record({ age: option(integer({ min: -2, max: 900 })), ms: integer({ min: 0, max: day - 1 }) });
    await assert(
      asyncProperty(array(person, { maxLength: 2300, size: 'max' }), async (drawn) => {
        const truth = drawn.map(({ age, ms }, index) => ({ id: `P${index}`, at: age === null ? undefined : Math.floor((now - age * day - ms) / 1000) * 1000 }));
        const { client, observe } = setUp({ rows: truth.map(({ id, at }) => ({ id, last_sign_in_at: at === undefined ? null : zoneless(at) })) });
        const { seen, end } = await observe();
        const expected = truth.flatMap(({ id, at }) => (at === undefined ? [] : [[id, Math.min(at, now)]]));
        expect(seen.map(({ externalUserId, at }) => [externalUserId, at])).toEqual(expected);
        expect(end).toMatchObject({ outcome: { kind: 'Complete' } });
        expect(client.journal.length).toBe(1 + Math.max(1, Math.ceil(truth.length / 1000)));
      }),
      { seed: 11, numRuns: 25 },
    );
  });
});

describe('what SignIn does not take for silence (guard 6, T18)', () => {
  const incomplete = { kind: 'SignalEnd', signal: 'SignIn', outcome: { kind: 'Unavailable', reason: 'SignalIncomplete' } };

  it('people who are missing: but for a few newcomers, the signal proves nothing; what it saw still counts', async () => {
    const ids = Array.from({ length: 200 }, (_, index) => `P${index}`);
    const listed = new Set(ids.slice(0, 196));
    expect((await setUp({ rows: people(196), users: ids }).observe()).end).toMatchObject({ outcome: { kind: 'Complete', listed } });
    const { seen, end } = await setUp({ rows: people(195), users: ids }).observe();
    expect(end).toMatchObject(incomplete);
    expect(seen.length).toBe(195);
  });

  it('somebody who is left out, however few: only those who are listed, with a sign-in or without, were looked at', async () => {
    const rows = [{ id: 'P1', last_sign_in_at: zoneless(now - 3 * day) }, { id: 'P2', last_sign_in_at: null }];
    const { end } = await setUp({ rows, users: ['P1', 'P2', 'P3'] }).observe();
    expect(end).toMatchObject({ outcome: { kind: 'Complete', listed: new Set(['P1', 'P2']) } });
  });

  it('ids of another kind than those of the rest of PagerDuty', async () => {
    const { end } = await setUp({ rows: people(5), users: ['X1', 'X2', 'X3', 'X4', 'X5'] }).observe();
    expect(end).toMatchObject(incomplete);
  });

  it('an account that does not tell how many people it has', async () => {
    expect((await setUp({ rows: people(5), total: null }).observe()).end).toMatchObject(incomplete);
  });

  it('an empty answer for an account with people', async () => {
    expect((await setUp({ rows: [], users: ['P1'] }).observe()).end).toMatchObject(incomplete);
  });

  it('times in another zone than UTC, and times that are none', async () => {
    const lisbon = setUp({ rows: people(2), spoil: (page) => ({ ...page, time_zone: 'Europe/Lisbon' }) });
    expect((await catchFailure(lisbon.observe())).failure).toMatchObject({ kind: 'Retryable', reason: 'MalformedAnswer', message: 'PagerDuty’s answer to POST /analytics/raw/users could not be read.' });
    expect((await catchFailure(setUp({ rows: [{ id: 'P1', last_sign_in_at: 'yesterday' }] }).observe())).failure.reason).toBe('MalformedAnswer');
  });

  it.each<[string, Account['spoil']]>([
    ['more, and no cursor', (page) => ({ ...page, more: true, last: null })],
    ['more after an empty page, with the cursor that was', (page, asked) => (asked % 3 === 0 ? { ...page, data: [], more: true, last: 'after P999' } : page)],
    ['the first page for the second', (page, asked) => (asked % 2 === 0 ? signInPageOf(people(2500), {}) : page)],
    ['the same cursor again and again', (page) => ({ ...page, more: true, last: 'after P999' })],
  ])('pages with %s', async (_, spoil) => {
    const { client, observe } = setUp({ rows: people(2500), ...(spoil === undefined ? {} : { spoil }) });
    expect((await catchFailure(observe())).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
    expect(client.journal.length).toBeLessThanOrEqual(15);
  });

  it('an end that comes early', async () => {
    const { observe } = setUp({ rows: people(2500), spoil: (page) => ({ ...page, more: false }) });
    expect((await observe()).end).toMatchObject(incomplete);
  });
});
