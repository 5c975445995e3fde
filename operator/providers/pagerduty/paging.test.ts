import { assert, asyncProperty, integer } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { settle } from '../../../test/support/fake-clock.ts';
import { createPagedClient, pageOf, type PageHandler } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import { Overflow, pullPages, type Listing } from './paging.ts';

interface Row {
  id: string;
}

const listing: Listing<Row> = {
  route: '/rows',
  key: 'rows',
  query: [],
  rows: z.array(z.object({ id: z.string() })),
  total: 'Asked',
  identify: (row) => row.id,
  repeats: 'Row',
};

const makeRows = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: `R${index}` }));

function setUp(handle: PageHandler, changes: Partial<Listing<Row>> = {}) {
  const client = createPagedClient(createSession({ settings: { subdomain: 'acme' } }), { '/rows': handle });
  return { client, pull: async () => (await collect(pullPages({ ...listing, ...changes }, client))).flat().map((row) => row.id) };
}

const unique = (ids: string[]): number => new Set(ids).size;

describe('pulling every page', () => {
  it('asks for pages of 100, and for the total once', async () => {
    const rows = makeRows(250);
    const { client, pull } = setUp((query) => pageOf('rows', rows, query));
    expect(await pull()).toEqual(rows.map((row) => row.id));
    expect(client.journal.map((request) => request.query.toString())).toEqual([
      'limit=100&offset=0&total=true',
      'limit=100&offset=100',
      'limit=100&offset=200',
    ]);
  });

  it.each([0, 1, 99, 100, 101, 10_000])('pulls %i rows by the least number of requests', async (count) => {
    const rows = makeRows(count);
    const { client, pull } = setUp((query) => pageOf('rows', rows, query));
    expect((await pull()).length).toBe(count);
    expect(client.journal.length).toBe(Math.max(1, Math.ceil(count / 100)));
  });

  it('accepts smaller pages than it asked for', async () => {
    const rows = makeRows(60);
    const { pull } = setUp((query) => {
      query.set('limit', String(Math.min(25, Number(query.get('limit')))));
      return pageOf('rows', rows, query);
    });
    expect((await pull()).length).toBe(60);
  });

  it('pulls again what moved while it was read, and gives every row', async () => {
    let rows = makeRows(250);
    let calls = 0;
    const { client, pull } = setUp((query) => {
      calls += 1;
      // Somebody on the first page leaves after it was read: the next page starts one too far.
      if (calls === 2) rows = rows.slice(1);
      return pageOf('rows', rows, query);
    });
    const ids = await pull();
    expect(unique(ids)).toBe(250);
    expect(client.journal.length).toBe(6);
  });

  it('pulls again when somebody came in front', async () => {
    let rows = makeRows(250);
    let calls = 0;
    const { pull } = setUp((query) => {
      calls += 1;
      if (calls === 2) rows = [{ id: 'new' }, ...rows];
      return pageOf('rows', rows, query);
    });
    const ids = await pull();
    expect(ids).toContain('new');
    expect(unique(ids)).toBe(251);
  });

  it.each<[string, (page: Record<string, unknown>, query: URLSearchParams) => Record<string, unknown>]>([
    ['ends early though the total says more', (page) => ({ ...page, more: false })],
    ['repeats a page', (page, query) => (query.get('offset') === '100' ? { ...page, rows: makeRows(100) } : page)],
    ['says more after a short page', (page) => ({ ...page, rows: makeRows(10), more: true })],
    ['says more after an empty page', (page) => ({ ...page, rows: [], limit: undefined, more: true })],
    ['answers another page', (page) => ({ ...page, offset: 50 })],
    ['sends more rows than its limit', (page) => ({ ...page, limit: 7 })],
    ['names a row twice', (page) => ({ ...page, rows: [{ id: 'x' }, { id: 'x' }], more: false, total: 2 })],
  ])('guard 6: never takes a list for whole that %s', async (_, spoil) => {
    const rows = makeRows(250);
    const { client, pull } = setUp((query) => spoil(pageOf('rows', rows, query), query));
    const error = await catchFailure(pull());
    expect(error.failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
    expect(client.journal.filter((request) => request.query.get('offset') === '0').length).toBe(3);
  });

  describe.each<Listing<Row>['total']>(['Asked', 'Volunteered'])('without a total (%s)', (total) => {
    const without = (page: Record<string, unknown>): Record<string, unknown> => ({ ...page, total: null });

    it.each([0, 150, 200, 9_950])('guard 6: proves the end of %i rows by the empty page after it', async (count) => {
      const rows = makeRows(count);
      const { client, pull } = setUp((query) => without(pageOf('rows', rows, query)), { total });
      expect((await pull()).length).toBe(count);
      expect(client.journal.length).toBe(Math.max(1, Math.ceil(count / 100)) + 1);
      expect(client.journal.at(-1)?.query.get('offset')).toBe(String(count));
    });

    it('guard 6: reads a list again that ended too early once', async () => {
      let calls = 0;
      const rows = makeRows(150);
      const { pull } = setUp((query) => ({ ...without(pageOf('rows', rows, query)), ...(calls++ === 0 ? { more: false } : {}) }), { total });
      expect(unique(await pull())).toBe(150);
    });

    it('guard 6: takes 10,000 rows for an overflow, since nothing can be asked after them', async () => {
      const rows = makeRows(10_000);
      const { pull } = setUp((query) => without(pageOf('rows', rows, query)), { total });
      await expect(pull()).rejects.toThrow(Overflow);
    });
  });

  it('guard 6: never takes a list for whole that always ends too early and has no total', async () => {
    const rows = makeRows(150);
    const { pull } = setUp((query) => ({ ...pageOf('rows', rows, query), more: false, total: null }));
    expect((await catchFailure(pull())).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
  });

  it('guard 6: leaves one that volunteers its total unproven then, for the caller to decide', async () => {
    const rows = makeRows(150);
    const client = createPagedClient(createSession({ settings: { subdomain: 'acme' } }), { '/rows': (query) => ({ ...pageOf('rows', rows, query), more: false, total: null }) });
    const pages = pullPages({ ...listing, total: 'Volunteered' }, client);
    let next = await pages.next();
    while (next.done !== true) next = await pages.next();
    expect(next.value).toEqual({ total: undefined, proven: false });
  });

  it('refuses a row that lacks what is needed, by the name of the field', async () => {
    const { pull } = setUp((query) => pageOf('rows', [{ id: 'a' }, { id: 7 }], query));
    const error = await catchFailure(pull());
    expect(error.failure.reason).toBe('MalformedAnswer');
    expect(error.detail).toMatchObject({ field: 'rows.1.id' });
  });

  it('refuses an answer without its rows', async () => {
    const { pull } = setUp(() => ({ more: false }));
    expect((await catchFailure(pull())).detail).toMatchObject({ field: 'rows' });
  });
});

describe('more than offset paging can reach (T5)', () => {
  const overflowOf = async (work: Promise<unknown>) => work.then(() => undefined, (error: unknown) => (error instanceof Overflow ? error : undefined));

  it('L21: stops at the first page when the total is over 10,000', async () => {
    const rows = makeRows(10_001);
    const { client, pull } = setUp((query) => pageOf('rows', rows, query));
    expect((await overflowOf(pull()))?.total).toBe(10_001);
    expect(client.journal.length).toBe(1);
  });

  it('never asks beyond, even when no total warns', async () => {
    const rows = makeRows(10_050);
    const { client, pull } = setUp((query) => ({ ...pageOf('rows', rows, query), total: null }));
    expect(await overflowOf(pull())).toMatchObject({ total: undefined });
    expect(client.journal.length).toBe(100);
  });
});

describe('a total that nobody asked for', () => {
  it('is handed to the caller as a doubt when it differs, after a second look', async () => {
    const { client } = setUp((query) => ({ ...pageOf('rows', makeRows(3), query), total: 9 }));
    const pages = pullPages({ ...listing, total: 'Volunteered' }, client);
    let result = await pages.next();
    while (result.done !== true) result = await pages.next();
    expect(result.value).toEqual({ total: 9, proven: false });
    expect(client.journal.length).toBe(2);
    expect(client.journal[0]?.query.has('total')).toBe(false);
  });
});

describe('equal rows', () => {
  it('are natural where a row has no identity, but an equal page is not', async () => {
    const twins = Array.from({ length: 150 }, () => ({ id: 'same' }));
    const { pull } = setUp((query) => pageOf('rows', twins, query), { repeats: 'Page' });
    expect((await pull()).length).toBe(150);
    const again = setUp((query) => ({ ...pageOf('rows', makeRows(200), query), rows: makeRows(100) }), { repeats: 'Page' });
    expect((await catchFailure(again.pull())).failure.reason).toBe('InconsistentPull');
  });
});

it('stops the page ahead when the reader leaves', async () => {
  const { client } = setUp((query) => pageOf('rows', makeRows(300), query));
  for await (const rows of pullPages(listing, client)) {
    expect(rows.length).toBe(100);
    break;
  }
  const after = client.journal.length;
  await settle();
  // At most the page that was under way and the one behind it, which never leaves the lane.
  expect(after).toBeLessThanOrEqual(3);
  expect(client.journal.length).toBe(after);
});

it('is whole for any list and any page size of the vendor', async () => {
  await assert(
    asyncProperty(integer({ min: 0, max: 400 }), integer({ min: 1, max: 100 }), async (count, cap) => {
      const rows = makeRows(count);
      const { pull } = setUp((query) => {
        query.set('limit', String(Math.min(cap, Number(query.get('limit')))));
        return pageOf('rows', rows, query);
      });
      expect(await pull()).toEqual(rows.map((row) => row.id));
    }),
    { seed: 11, numRuns: 40 },
  );
});
