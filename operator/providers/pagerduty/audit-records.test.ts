import { array, asyncProperty, assert, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditPageOf } from '../../../test/support/cursor-pages.ts';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { createPagedClient } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import type { ActivityObservation } from '../provider.ts';
import { observeActivity } from './activity.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');

interface Audited {
  readonly id: string;
  readonly execution_time: string;
  readonly actors?: readonly { readonly id: string; readonly type: string }[] | null;
  readonly method: { readonly type: string };
}

const user = (id: string) => ({ id, type: 'user_reference' });
const entry = (id: string, at: number, actors: Audited['actors'], method = 'browser'): Audited => ({
  id,
  execution_time: new Date(at).toISOString(),
  ...(actors === undefined ? {} : { actors }),
  method: { type: method },
});

/** Records between since and until, newest first, of the actors that were asked for: as PagerDuty finds them. */
function setUp(records: readonly Audited[], spoil: (page: Record<string, unknown>, asked: number) => Record<string, unknown> = (page) => page) {
  let asked = 0;
  const session = createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now), scopes: ['audit_records.read'] });
  const client = createPagedClient(session, {
    '/audit/records': (query) => {
      const since = Date.parse(query.get('since') ?? '');
      const until = Date.parse(query.get('until') ?? '');
      expect(until - since).toBeLessThanOrEqual(31 * day);
      const found = records
        .filter((one) => Date.parse(one.execution_time) > since && Date.parse(one.execution_time) < until)
        .filter((one) => one.actors === undefined || one.actors === null || one.actors.some((actor) => actor.type === query.get('actor_type')))
        .toSorted((left, right) => Date.parse(right.execution_time) - Date.parse(left.execution_time));
      return spoil(auditPageOf(found, query), (asked += 1));
    },
  });
  const observe = async (from = now - 60 * day, to = now) => {
    const pages = await collect(observeActivity([{ signal: 'AuditActor', window: { from, to } }], client));
    const latest = new Map<string, number>();
    const seen = pages.flatMap((page): readonly ActivityObservation[] => (page.kind === 'Observations' ? page.observations : []));
    for (const { externalUserId: id, at } of seen) latest.set(id, Math.max(at, latest.get(id) ?? at));
    return { latest, seen, end: pages.at(-1) };
  };
  return { client, observe };
}

describe('the signal AuditActor (T20, C16)', () => {
  it('sees who did something, and no key, app, service or nobody', async () => {
    const at = now - 3 * day;
    const { observe } = setUp([
      entry('R1', at, [user('P1'), user('P2'), { id: 'K', type: 'api_key_reference' }]),
      entry('R2', at, [{ id: 'A', type: 'app_reference' }]),
      entry('R3', at, null),
      entry('R4', at, undefined),
      entry('R5', at, []),
    ]);
    expect((await observe()).seen).toEqual(['P1', 'P2'].map((id) => ({ externalUserId: id, at, signal: 'AuditActor', source: '/audit/records' })));
  });

  it('does not take for somebody’s doing what an identity provider did on their behalf', async () => {
    const { observe } = setUp([entry('R1', now - 3 * day, [user('P1')], 'identity_provider'), entry('R2', now - 9 * day, [user('P1')], 'api_token')]);
    expect((await observe()).latest).toEqual(new Map([['P1', now - 9 * day]]));
  });

  it('asks 60 days in two windows of at most 31, in UTC, for persons only, and is complete until the end', async () => {
    const { client, observe } = setUp([]);
    expect((await observe()).end).toEqual({ kind: 'SignalEnd', signal: 'AuditActor', outcome: { kind: 'Complete', until: now } });
    expect(client.journal.map(({ query }) => Object.fromEntries(query))).toEqual([
      { since: '2026-09-24T23:59:59Z', until: '2026-10-25T00:00:00Z', actor_type: 'user_reference', limit: '100' },
      { since: '2026-10-24T23:59:59Z', until: '2026-11-24T00:00:00Z', actor_type: 'user_reference', limit: '100' },
    ]);
  });

  it('loses nobody whose record lies on the border of two questions', async () => {
    const border = Date.parse('2026-10-25T00:00:00Z');
    expect((await setUp([entry('R1', border, [user('P1')])]).observe()).latest).toEqual(new Map([['P1', border]]));
  });

  it('T20: of a window before PagerDuty’s twelve months says that silence proves nothing, and still tells what it saw', async () => {
    const { client, observe } = setUp([entry('R1', now - 3 * day, [user('P1')])]);
    const { end, latest } = await observe(now - 400 * day);
    expect(end).toMatchObject({ outcome: { kind: 'Unavailable', reason: 'SignalHistoryTooShort' } });
    expect(latest.size).toBe(1);
    expect(client.journal[0]?.query.get('since')).toBe(new Date(now - 365 * day - 1000).toISOString().replace('.000Z', 'Z'));
    // A look-back of a year, the longest there is, whose pull began hours ago.
    expect((await observe(now - 365 * day - 5 * 3_600_000)).end).toMatchObject({ outcome: { kind: 'Complete' } });
  });

  it('never tells of a time to come, nor of evidence of one', async () => {
    const { end, latest } = await setUp([entry('R1', now + 60_000, [user('P1')])]).observe(now - day, now + day);
    expect(latest).toEqual(new Map([['P1', now]]));
    expect(end).toMatchObject({ outcome: { until: now } });
  });

  it('any history: everybody’s latest is what the data say, with no more questions than pages', async () => {
    const drawn = record({ age: integer({ min: 1, max: 100 * day }), who: constantFrom('P1', 'P2', 'P3', 'P4', 'K1'), method: constantFrom('browser', 'oauth', 'identity_provider') });
    await assert(
      asyncProperty(array(drawn, { maxLength: 900, size: 'max' }), integer({ min: 1, max: 100 }), async (history, days) => {
        const records = history.map(({ age, who, method }, index) => entry(`R${index}`, now - age, [who === 'K1' ? { id: who, type: 'api_key_reference' } : user(who)], method));
        const { client, observe } = setUp(records);
        const from = now - days * day;
        const { latest } = await observe(from);
        const counted = records.filter(({ actors, method }) => method.type !== 'identity_provider' && actors?.[0]?.type === 'user_reference');
        for (const who of ['P1', 'P2', 'P3', 'P4', 'K1']) {
          const times = counted.filter(({ actors }) => actors?.[0]?.id === who).map((one) => Date.parse(one.execution_time));
          const inside = times.filter((at) => at >= from);
          // A second before the window is asked for as well; its record may be told, for it is a fact.
          const expected = inside.length > 0 ? Math.max(...inside) : times.find((at) => at >= from - 1000);
          expect(latest.get(who)).toBe(expected);
        }
        const persons = records.filter(({ actors }) => actors?.[0]?.type === 'user_reference').length;
        expect(client.journal.length).toBeLessThanOrEqual(Math.ceil(days / 30) + Math.floor(persons / 100));
      }),
      { seed: 12, numRuns: 25 },
    );
  });
});

describe('pages of audit records that go wrong (guard 6)', () => {
  const many = Array.from({ length: 350 }, (_, index) => entry(`R${index}`, now - (index + 1) * 60_000, [user(`P${index}`)]));

  it.each<[string, (page: Record<string, unknown>, asked: number) => Record<string, unknown>]>([
    ['a cursor that stays', (page) => ({ ...page, next_cursor: '100' })],
    ['a page that comes again', (page, asked) => (asked % 2 === 0 ? auditPageOf(many, new URLSearchParams()) : page)],
    ['empty pages without end', (_, asked) => ({ records: [], limit: 100, next_cursor: `x${asked}` })],
  ])('%s: reads three times and gives up', async (_, spoil) => {
    const { client, observe } = setUp(many, spoil);
    expect((await catchFailure(observe(now - day))).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
    expect(client.journal.length).toBeLessThanOrEqual(33);
  });

  it.each([0, 1, 2, 3])('a page %i that is disturbed once costs a second pull, and nobody', async (page) => {
    const { client, observe } = setUp(many, (whole, asked) => (asked === page + 1 ? { ...whole, next_cursor: '100', records: (whole['records'] as unknown[]).slice(0, 40).flatMap((row) => [row, row]) } : whole));
    expect((await observe(now - day)).latest.size).toBe(350);
    expect(client.journal.length).toBe(page + 5);
  });

  it.each([
    ['no cursor at all', { records: [], limit: 100 }],
    ['an empty cursor', { records: [], limit: 100, next_cursor: '' }],
    ['a record without a time', { records: [{ id: 'R', method: { type: 'browser' } }], limit: 100, next_cursor: null }],
    ['a time that is none', { records: [{ ...entry('R', now, [user('P1')]), execution_time: 'noon' }], limit: 100, next_cursor: null }],
    ['a time without a zone', { records: [{ ...entry('R', now, [user('P1')]), execution_time: '2026-11-23T00:00:00' }], limit: 100, next_cursor: null }],
  ])('%s is no answer', async (_, page) => {
    expect((await catchFailure(setUp([], () => page).observe(now - day))).failure).toMatchObject({ kind: 'Retryable', reason: 'MalformedAnswer' });
  });
});
