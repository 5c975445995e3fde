import { describe, expect, it } from 'vitest';
import type { ErrorVariant } from '../index.ts';
import { openAccount } from '../testing/open-account.ts';
import { createFaultRules } from './rules.ts';

const get = (path: string, method = 'GET') => ({ method, path, query: new URL(path, 'http://x').searchParams });

describe('fault rules', () => {
  it('skip the first, spoil so many, then let pass', () => {
    const rules = createFaultRules();
    rules.add({ route: '/users', skip: 1, count: 2, fault: { kind: 'malformed-json' } });
    const kinds = [1, 2, 3, 4].map(() => rules.next(get('/users'))?.fault?.kind);
    expect(kinds).toEqual([undefined, 'malformed-json', 'malformed-json', undefined]);
    expect(rules.list()).toMatchObject([{ id: 'fault-1', matched: 4, applied: 2 }]);
  });

  it('pick by method, route and query', () => {
    const rules = createFaultRules();
    rules.add({ method: 'DELETE', route: '/users/*', count: null, fault: { kind: 'empty' } });
    rules.add({ route: '/v3/**', where: { limit: '5' }, count: null, fault: { kind: 'empty' } });
    expect(rules.next(get('/users/P1'))).toBeUndefined();
    expect(rules.next(get('/users/P1', 'DELETE'))).toBeDefined();
    expect(rules.next(get('/users/P1/license', 'DELETE'))).toBeUndefined();
    expect(rules.next({ ...get('/v3/schedules/P1'), query: new URLSearchParams('limit=5') })).toBeDefined();
    expect(rules.next(get('/v3/schedules'))).toBeUndefined();
  });

  it('work in the order they were given, one for each request, until taken away', () => {
    const rules = createFaultRules();
    rules.add({ id: 'first', fault: { kind: 'html' } });
    rules.add({ id: 'second', count: null, fault: { kind: 'empty' } });
    expect([rules.next(get('/a')), rules.next(get('/a'))].map((rule) => rule?.fault?.kind)).toEqual(['html', 'empty']);
    expect([rules.remove('second'), rules.remove('second')]).toEqual([true, false]);
    expect(rules.next(get('/a'))).toBeUndefined();
  });
});

describe('faults on the wire', () => {
  it.each<[ErrorVariant, unknown]>([
    ['normal', { error: { message: 'Invalid Input Provided', code: 2001, errors: ['Invalid Input Provided'] } }],
    ['errors-string', { error: { message: 'Invalid Input Provided', code: 2001, errors: 'Invalid Input Provided' } }],
    ['errors-null', { error: { message: 'Invalid Input Provided', code: 2001, errors: null } }],
    ['errors-object', { error: { message: 'Invalid Input Provided', code: 2001, errors: { base: ['Invalid Input Provided'] } } }],
    ['error-array', { error: ['Invalid Input Provided', 'Invalid Input Provided'] }],
    ['error-string', { error: 'Invalid Input Provided' }],
    ['no-code-no-message', { error: { errors: ['Invalid Input Provided'] } }],
    ['code-is-status', { error: { code: 400, message: 'Invalid Input Provided', errors: [] } }],
    ['missing-scopes', { error: { message: 'Token missing required scopes', required_scopes: 'users.read', token_scopes: 'openid' } }],
    ['not-json', undefined],
    ['html', undefined],
    ['empty', undefined],
  ])('facts 6.2: an error body may be %s', async (body, expected) => {
    await using pd = await openAccount();
    pd.simulator.faults.add({ fault: { kind: 'status', status: 400, body } });
    const answer = await pd.get('/users');
    expect([answer.status, answer.body]).toEqual([400, expected]);
    expect((await pd.get('/users')).status).toBe(200);
  });

  it('a status with headers of its own, such as Retry-After', async () => {
    await using pd = await openAccount();
    pd.simulator.faults.add({ fault: { kind: 'status', status: 503, body: 'html', headers: { 'retry-after': '7' } } });
    const answer = await pd.get('/users');
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('content-type')]).toEqual([503, '7', 'text/html; charset=utf-8']);
  });

  it('guard 6: a body cut short under its full content-length breaks the connection; under its own it is only broken JSON', async () => {
    await using pd = await openAccount();
    pd.simulator.faults.add({ fault: { kind: 'truncate', keepBytes: 40, contentLength: 'whole' } });
    await expect(pd.get('/users')).rejects.toThrow();
    pd.simulator.faults.add({ fault: { kind: 'truncate', keepBytes: 40, contentLength: 'kept' } });
    const answer = await pd.get('/users');
    expect([answer.status, answer.text.length, answer.body]).toEqual([200, 40, undefined]);
  });

  it('malformed JSON, HTML and nothing at all, under a 200', async () => {
    await using pd = await openAccount();
    pd.simulator.faults.add({ fault: { kind: 'malformed-json' } });
    pd.simulator.faults.add({ fault: { kind: 'html' } });
    pd.simulator.faults.add({ fault: { kind: 'empty' } });
    const answers = [await pd.get('/users'), await pd.get('/users'), await pd.get('/users')];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([[200, undefined], [200, undefined], [200, undefined]]);
    expect(answers[1]?.text).toContain('<!DOCTYPE html>');
    expect(answers[2]?.text).toBe('');
  });

  it('resets before processing, before the headers and after them; the journal tells which were carried out', async () => {
    await using pd = await openAccount();
    for (const when of ['before-processing', 'before-headers', 'after-headers'] as const) {
      pd.simulator.faults.add({ fault: { kind: 'reset', when } });
      await expect(pd.get('/users'), when).rejects.toThrow();
    }
    expect(pd.simulator.journal.list().map(({ status, fault }) => [status, fault])).toEqual([[0, 'reset'], [0, 'reset'], [200, 'reset']]);
    expect((await pd.get('/users')).headers.get('ratelimit-remaining')).toBe('957');
  });

  it('drips the body, whole in the end, and waits before answering', async () => {
    await using pd = await openAccount();
    pd.simulator.faults.add({ delayMs: 30, fault: { kind: 'drip', chunkBytes: 500, everyMs: 5 } });
    const started = performance.now();
    expect((await pd.get<{ users: unknown[] }>('/users')).body.users).toHaveLength(4);
    expect(performance.now() - started).toBeGreaterThan(29);
  });

  it('the token endpoint can fail too', async () => {
    await using pd = await openAccount();
    pd.simulator.faults.add({ route: '/oauth/token', fault: { kind: 'status', status: 500 } });
    expect((await pd.requestToken({})).status).toBe(500);
  });

  it('a stop does not wait for a slow answer', async () => {
    const pd = await openAccount();
    pd.simulator.faults.add({ delayMs: 60_000 });
    const failed = expect(pd.get('/users')).rejects.toThrow();
    await expect.poll(() => pd.simulator.faults.list()[0]?.applied).toBe(1);
    await pd.simulator.stop();
    await failed;
  });
});
