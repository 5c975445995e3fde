import { array, asyncProperty, assert, constantFrom, integer, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLeapingClock } from '../../../test/support/leaping-clock.ts';
import { createPagedClient, pageOf } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import type { ActivityObservation } from '../provider.ts';
import { observeActivity } from './activity.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');

interface Entry {
  readonly id: string;
  readonly type: string;
  readonly created_at: string;
  readonly agent: { readonly id: string; readonly type: string } | null;
  readonly user?: { readonly id: string; readonly type: string };
}

/** Agents are persons, but for `S…` services and `I…` integrations. */
const entry = (id: string, at: number, who: string, type = 'acknowledge_log_entry'): Entry => ({
  id,
  type,
  created_at: new Date(at).toISOString().replace(/\.\d+Z/, 'Z'),
  agent: { id: who, type: who.startsWith('S') ? 'service_reference' : who.startsWith('I') ? 'integration_reference' : 'user_reference' },
});

/** Entries between since and until, newest first, as PagerDuty finds them. */
function setUp(entries: readonly Entry[], spoil: (page: Record<string, unknown>, asked: number) => Record<string, unknown> = (page) => page) {
  let asked = 0;
  const stamped = entries.map((one) => ({ one, at: Date.parse(one.created_at) })).toSorted((left, right) => right.at - left.at);
  const session = createSession({ settings: { subdomain: 'acme' }, clock: createLeapingClock(now), scopes: ['incidents.read'] });
  const client = createPagedClient(session, {
    '/log_entries': (query) => {
      const since = Date.parse(query.get('since') ?? '');
      const until = Date.parse(query.get('until') ?? '');
      const found = stamped.filter(({ at }) => at > since && at < until).map(({ one }) => one);
      return spoil(pageOf('log_entries', found, query), (asked += 1));
    },
  });
  const observe = async (from = now - 60 * day, to = now) => {
    const pages = await collect(observeActivity([{ signal: 'IncidentResponse', window: { from, to } }], client));
    const seen = pages.flatMap((page): readonly ActivityObservation[] => (page.kind === 'Observations' ? page.observations : []));
    const latest = new Map<string, number>();
    for (const { externalUserId: id, at } of seen) latest.set(id, Math.max(at, latest.get(id) ?? at));
    return { latest, seen, end: pages.at(-1) };
  };
  return { client, observe };
}

describe('the signal IncidentResponse (C16)', () => {
  it.each(['acknowledge', 'resolve', 'annotate', 'assign', 'escalate', 'snooze', 'trigger', 'unacknowledge', 'urgency_change', 'delegate', 'custom_field_value_change', 'kind_of_tomorrow'])(
    'counts %s of a person',
    async (kind) => {
      const at = now - 3 * day;
      expect((await setUp([entry('R1', at, 'P1', `${kind}_log_entry`)]).observe()).seen).toEqual([{ externalUserId: 'P1', at, signal: 'IncidentResponse', source: '/log_entries' }]);
    },
  );

  it.each(['notify', 'exhaust_escalation_path', 'reach_ack_limit', 'reach_trigger_limit', 'repeat_escalation_path'])('does not count %s, which happens by itself', async (kind) => {
    expect((await setUp([entry('R1', now - 3 * day, 'P1', `${kind}_log_entry`)]).observe()).seen).toEqual([]);
  });

  it('counts neither services and integrations, nor whoever was notified or assigned', async () => {
    const at = now - 3 * day;
    const { observe } = setUp([
      entry('R1', at, 'S1', 'trigger_log_entry'),
      entry('R2', at, 'I1', 'trigger_log_entry'),
      { ...entry('R3', at, 'S1', 'notify_log_entry'), user: { id: 'P9', type: 'user_reference' } },
      { ...entry('R4', at, 'S1', 'assign_log_entry'), user: { id: 'P9', type: 'user_reference' } },
      { ...entry('R5', at, '', 'trigger_log_entry'), agent: null },
    ]);
    expect((await observe()).seen).toEqual([]);
  });

  it('knows a person by a reference or whole', async () => {
    const { observe } = setUp([{ ...entry('R1', now - day, 'P1'), agent: { id: 'P1', type: 'user' } }]);
    expect((await observe()).latest).toEqual(new Map([['P1', now - day]]));
  });

  it('asks for every entry, not the overview, in UTC, and is complete until the end', async () => {
    const { client, observe } = setUp([]);
    expect((await observe()).end).toEqual({ kind: 'SignalEnd', signal: 'IncidentResponse', outcome: { kind: 'Complete', until: now } });
    expect(client.journal.map(({ query }) => Object.fromEntries(query))).toEqual([
      { since: '2026-09-24T23:59:59Z', until: '2026-11-24T00:00:00Z', is_overview: 'false', time_zone: 'UTC', limit: '100', offset: '0', total: 'true' },
    ]);
  });

  it('T5: splits where there are more than 10,000 at once, down to a storm within minutes, and loses nobody', async () => {
    const calm = Array.from({ length: 4000 }, (_, index) => entry(`C${index}`, now - (index + 1) * 1_200_000, `P${index}`));
    const storm = Array.from({ length: 21_000 }, (_, index) => entry(`S${index}`, now - 30 * day - index * 10, `P${10_000 + index}`));
    const { client, observe } = setUp([...calm, ...storm]);
    expect((await observe()).latest.size).toBe(25_000);
    // 250 pages; one look at each window that is too full, and a last page for each part.
    expect(client.journal.length).toBeLessThanOrEqual(320);
  });

  it('fails, rather than leave somebody out, when a second holds more than 10,000', async () => {
    const { client, observe } = setUp(Array.from({ length: 10_001 }, (_, index) => entry(`S${index}`, now - day, `P${index}`)));
    expect((await catchFailure(observe(now - 2 * day))).failure).toMatchObject({ kind: 'Terminal', reason: 'TooManyLogEntries' });
    expect(client.journal.length).toBeLessThan(60);
  });

  it('any history: everybody’s latest is what the data say, with no more questions than pages', async () => {
    const drawn = record({
      age: integer({ min: 1, max: 200 * 86_400 }),
      who: constantFrom('P1', 'P2', 'P3', 'S1'),
      type: constantFrom('acknowledge_log_entry', 'notify_log_entry', 'resolve_log_entry'),
    });
    await assert(
      asyncProperty(array(drawn, { maxLength: 900, size: 'max' }), integer({ min: 1, max: 200 }), async (history, days) => {
        const entries = history.map(({ age, who, type }, index) => entry(`R${index}`, now - age * 1000, who, type));
        const { client, observe } = setUp(entries);
        const from = now - days * day;
        const { latest } = await observe(from);
        for (const who of ['P1', 'P2', 'P3', 'S1']) {
          const times = entries.filter((one) => who !== 'S1' && one.agent?.id === who && one.type !== 'notify_log_entry').map((one) => Date.parse(one.created_at));
          const inside = times.filter((at) => at >= from);
          expect(latest.get(who)).toBe(inside.length > 0 ? Math.max(...inside) : undefined);
        }
        expect(client.journal.length).toBeLessThanOrEqual(Math.ceil(days / 89) + Math.floor(entries.length / 100));
      }),
      { seed: 13, numRuns: 25 },
    );
  });
});

describe('pages of log entries that go wrong (guard 6)', () => {
  const many = Array.from({ length: 350 }, (_, index) => entry(`R${index}`, now - (index + 1) * 60_000, `P${index}`));

  it.each([0, 1, 2, 3])('entries that vanish or come twice at page %i cost a second pull, and nobody', async (page) => {
    const halve = (whole: Record<string, unknown>) => ({ ...whole, log_entries: (whole['log_entries'] as unknown[]).slice(0, 20) });
    const double = (whole: Record<string, unknown>) => ({ ...whole, log_entries: (whole['log_entries'] as unknown[]).slice(0, 20).flatMap((row) => [row, row]) });
    for (const spoil of [halve, double]) {
      const { observe } = setUp(many, (whole, asked) => (asked === page + 1 ? spoil(whole) : whole));
      expect((await observe(now - day)).latest.size).toBe(350);
    }
  });

  it('gives up on entries that keep vanishing', async () => {
    const { observe } = setUp(many, (whole) => ({ ...whole, total: 351 }));
    expect((await catchFailure(observe(now - day))).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
  });

  it.each([
    ['a time that is none', { ...entry('R', now, 'P1'), created_at: 'noon' }],
    ['a time without a zone, which would be the account’s', { ...entry('R', now, 'P1'), created_at: '2026-11-23T00:00:00' }],
    ['an agent without a kind', { ...entry('R', now, 'P1'), agent: { id: 'P1' } }],
  ])('%s is no answer', async (_, row) => {
    const { observe } = setUp([], () => ({ log_entries: [row], limit: 100, offset: 0, more: false, total: 1 }));
    expect((await catchFailure(observe(now - day))).failure).toMatchObject({ kind: 'Retryable', reason: 'MalformedAnswer' });
  });
});
