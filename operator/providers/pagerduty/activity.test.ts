import { describe, expect, it } from 'vitest';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { createPagedClient, pageOf } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import { observeActivity } from './activity.ts';
import { findActivity } from './oncalls.ts';
import type { OncallRow } from './schemas.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const iso = (at: number): string => new Date(at).toISOString();
const shift = (user: string | null, start: number | null, end: number | null): OncallRow => ({
  user: user === null ? null : { id: user },
  schedule: { id: 'S' },
  escalation_policy: { id: 'E' },
  escalation_level: 1,
  start: start === null ? null : iso(start),
  end: end === null ? null : iso(end),
});

/** Entries that overlap since and until, as PagerDuty finds them. */
function setUp(rows: readonly OncallRow[]) {
  const spans = rows.map((row) => ({
    row,
    start: row.start === null ? Number.NEGATIVE_INFINITY : Date.parse(row.start),
    end: row.end === null ? Number.POSITIVE_INFINITY : Date.parse(row.end),
  }));
  const client = createPagedClient(createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now) }), {
    '/oncalls': (query) => {
      const since = Date.parse(query.get('since') ?? '');
      const until = Date.parse(query.get('until') ?? '');
      expect(until - since).toBeLessThanOrEqual(89 * day);
      const found = spans.filter(({ start, end }) => start < until && end > since).map(({ row }) => row);
      return pageOf('oncalls', found, query);
    },
  });
  const observe = async (from: number, to = now, names = ['OnCall']) => {
    const pages = await collect(observeActivity(names.map((signal) => ({ signal, window: { from, to } })), client));
    return pages.flatMap((page) => (page.kind === 'Observations' ? [[...page.observations]] : []));
  };
  return { client, observe };
}

describe('what an on-call entry says about activity (facts 4.1)', () => {
  it.each([
    ['a shift that is over: its end', now - 3 * day, now - 2 * day, now - 2 * day],
    ['a shift that runs: now', now - day, now + day, now],
    ['a shift without an end: now', now - day, null, now],
    ['T4: a permanent target, without a start: on call now', null, null, now],
    ['a shift to come: nothing', now + 1, now + day, undefined],
    ['a shift that starts this moment: now', now, now + day, now],
  ])('%s', (_, start, end, expected) => {
    expect(findActivity(shift('P', start, end), now)).toBe(expected);
  });

  it('L38: keeps the last time that each person was on call, and skips entries of nobody', async () => {
    const rows = [shift('A', now - 9 * day, now - 8 * day), shift('A', now - 3 * day, now - 2 * day), shift('A', now - 6 * day, now - 5 * day), shift(null, null, null), shift('B', now + 1, now + 2)];
    expect(await setUp(rows).observe(now - 60 * day, now + 3)).toEqual([[{ externalUserId: 'A', at: now - 2 * day, signal: 'OnCall', source: '/oncalls' }]]);
  });
});

describe('pulling on-calls', () => {
  it('asks one window of 60 days in one go, in UTC', async () => {
    const { client, observe } = setUp([shift('A', now - 3 * day, now - 2 * day)]);
    expect(await observe(now - 60 * day)).toEqual([[{ externalUserId: 'A', at: now - 2 * day, signal: 'OnCall', source: '/oncalls' }]]);
    expect(client.journal.map((request) => Object.fromEntries(request.query))).toEqual([
      { since: '2026-09-25T00:00:00Z', until: '2026-11-24T00:00:00Z', time_zone: 'UTC', limit: '100', offset: '0', total: 'true' },
    ]);
  });

  it('T5: walks a year in windows of at most 89 days, without a gap', async () => {
    const { client, observe } = setUp([]);
    await observe(now - 365 * day);
    const spans = client.journal.map(({ query }) => [Date.parse(query.get('since') ?? ''), Date.parse(query.get('until') ?? '')] as const);
    expect(spans.length).toBe(5);
    expect(spans[0]?.[0]).toBe(now - 365 * day);
    expect(spans.at(-1)?.[1]).toBe(now);
    for (const [index, span] of spans.slice(1).entries()) expect(span[0]).toBe(spans[index]?.[1]);
  });

  it('T5: splits a window with more than 10,000 entries at once into as many parts as it needs', async () => {
    const rows = Array.from({ length: 30_000 }, (_, index) => shift(`P${index}`, now - 60 * day + index * 172_000, now - 60 * day + index * 172_000 + 1000));
    const { client, observe } = setUp(rows);
    const found = new Set((await observe(now - 60 * day)).flat().map((observation) => observation.externalUserId));
    expect(found.size).toBe(30_000);
    // 300 pages, one look at the whole, and the last pages of four parts.
    expect(client.journal.length).toBeLessThanOrEqual(305);
  });

  it('halves again where the entries crowd together', async () => {
    const rows = Array.from({ length: 24_000 }, (_, index) => shift(`P${index}`, now - day + index * 3000, now - day + index * 3000 + 1000));
    const found = new Set((await setUp(rows).observe(now - 60 * day)).flat().map((observation) => observation.externalUserId));
    expect(found.size).toBe(24_000);
  });

  it('fails, rather than leave somebody out, when ten minutes hold more than 10,000', async () => {
    const rows = Array.from({ length: 10_001 }, (_, index) => shift(`P${index}`, null, null));
    const { client, observe } = setUp(rows);
    expect((await catchFailure(observe(now - 60 * day))).failure).toMatchObject({ kind: 'Terminal', reason: 'TooManyOnCalls' });
    expect(client.journal.length).toBeLessThan(40);
  });

  it('T4: sees a permanent target in any window, as of now', async () => {
    expect(await setUp([shift('A', null, null)]).observe(now - 5 * day, now - 4 * day)).toEqual([[{ externalUserId: 'A', at: now, signal: 'OnCall', source: '/oncalls' }]]);
  });

  it('asks nothing for an empty window, or when no signal is wanted', async () => {
    const { client, observe } = setUp([]);
    await observe(now, now);
    await observe(now, now - day);
    await observe(now - day, now, []);
    expect(client.journal).toEqual([]);
  });

  it('refuses a signal that it does not have, before it asks anything', async () => {
    const { client, observe } = setUp([]);
    expect((await catchFailure(observe(now - day, now, ['OnCall', 'Horoscope']))).failure).toEqual({
      kind: 'Terminal',
      reason: 'UnknownSignal',
      message: 'PagerDuty has no activity signal Horoscope: use one of OnCall, SignIn, AuditActor, IncidentResponse.',
    });
    expect(client.journal).toEqual([]);
  });
});
