import { describe, expect, it } from 'vitest';
import { makePerson, openAccount } from '../testing/open-account.ts';
import type { JournalEntry } from '../index.ts';
import { DEFAULT_SETTINGS } from '../index.ts';
import { isLoopback } from './control.ts';

describe('the journal', () => {
  it('guard 7: names who asked, never a secret', async () => {
    await using pd = await openAccount();
    await pd.get('/users/PRESP01?include[]=teams', await pd.bearer('users.read'));
    await pd.get('/users', 'Token token=guess');
    const entries = pd.simulator.journal.list();
    expect(entries).toMatchObject([
      { number: 1, method: 'POST', path: '/oauth/token', route: '/oauth/token', status: 200, credentialId: 'app-1', time: pd.clock.now() },
      { number: 2, path: '/users/PRESP01', route: '/users/{id}', query: [['include[]', 'teams']], status: 200, credentialId: 'app-1' },
      { number: 3, route: '/users', status: 401, credentialId: undefined },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/secret|pdus|guess/);
  });

  it('S66: shows that nothing was written, the token endpoint apart', async () => {
    await using pd = await openAccount();
    await pd.bearer('users.read');
    await pd.get('/users');
    expect(pd.simulator.journal.writes()).toEqual([]);
    await pd.send('PUT', '/users/PRESP01', { body: { user: {} } });
    await pd.send('PATCH', '/wishes');
    expect(pd.simulator.journal.writes().map(({ method, route }) => [method, route])).toEqual([['PUT', '/users/{id}'], ['PATCH', '/wishes']]);
    expect(pd.simulator.journal.list({ method: 'GET', status: 200 })).toHaveLength(1);
  });
});

describe('the control API, for tests in another process', () => {
  it('reads the journal, filtered, and empties it', async () => {
    await using pd = await openAccount();
    await pd.get('/users');
    await pd.get('/teams');
    await pd.send('DELETE', '/users/PRESP01');
    const routes = async (query: string): Promise<string[]> => {
      const { body } = await pd.get<JournalEntry[]>(`/_simulator/journal${query}`, null);
      return body.map(({ route }) => route);
    };
    expect(await routes('')).toEqual(['/users', '/teams', '/users/{id}']);
    expect(await routes('?route=/users&status=200')).toEqual(['/users']);
    expect(await routes('?writes=true')).toEqual(['/users/{id}']);
    await pd.send('DELETE', '/_simulator/journal');
    expect(await routes('')).toEqual([]);
  });

  it('adds, changes and removes people; what the test handed in stays as it was', async () => {
    await using pd = await openAccount();
    const newcomer = makePerson('PNEW001', { name: 'Aaron Newcomer' });
    expect((await pd.send('POST', '/_simulator/users', { body: newcomer })).status).toBe(200);
    expect((await pd.get<{ users: { id: string }[] }>('/users?limit=1')).body.users[0]?.id).toBe('PNEW001');
    await pd.send('PATCH', '/_simulator/users/PNEW001', { body: { role: 'observer' } });
    expect((await pd.get('/users/PNEW001')).body).toMatchObject({ user: { role: 'observer' } });
    await pd.send('DELETE', '/_simulator/users/PRESP01');
    expect((await pd.get('/users/PRESP01')).status).toBe(404);
    await pd.send('POST', '/_simulator/reset');
    expect((await pd.get('/users/PRESP01')).status).toBe(200);
    expect((await pd.get('/users/PNEW001')).status).toBe(404);
  });

  it('changes other parts of the company', async () => {
    await using pd = await openAccount();
    await pd.send('PATCH', '/_simulator/company', { body: { teams: [{ id: 'PTEAM09', name: 'New', description: null, parentId: null }] } });
    expect((await pd.get('/teams')).body).toMatchObject({ teams: [{ id: 'PTEAM09' }] });
    expect((await pd.get('/_simulator/company', null)).body).toMatchObject({ subdomain: 'acme-example', teams: [{ name: 'New' }] });
    expect((await pd.get('/_simulator', null)).body).toMatchObject({ users: 4, teams: 1, region: 'us' });
  });

  it('adds and clears faults', async () => {
    await using pd = await openAccount();
    const { body } = await pd.send('POST', '/_simulator/faults', { body: { route: '/users', count: null, fault: { kind: 'status', status: 502 } } });
    expect(body).toEqual({ id: 'fault-1' });
    expect((await pd.get('/users')).status).toBe(502);
    expect((await pd.get('/_simulator/faults', null)).body).toMatchObject([{ id: 'fault-1', applied: 1 }]);
    expect((await pd.send('DELETE', '/_simulator/faults/fault-1')).body).toEqual({ removed: true });
    expect((await pd.get('/users')).status).toBe(200);
  });

  it('stops, moves and releases the clock', async () => {
    await using pd = await openAccount();
    const move = async (body: unknown): Promise<unknown> => (await pd.send('POST', '/_simulator/clock', { body })).body;
    expect(await move({ set: '2027-01-01T00:00:00Z' })).toEqual({ now: Date.parse('2027-01-01T00:00:00Z') });
    await pd.clock.advance(5000);
    expect(await move({ advanceMs: 1000 })).toEqual({ now: Date.parse('2027-01-01T00:00:01Z') });
    expect(await move({ release: true })).toEqual({ now: pd.clock.now() });
    expect(await move({ advanceMs: 1000 })).toEqual({ now: pd.clock.now() + 1000 });
  });

  it('revokes tokens, grants one to a person, and changes settings', async () => {
    await using pd = await openAccount();
    const bearer = await pd.bearer('users.read');
    expect((await pd.send('POST', '/_simulator/tokens/revoke', { body: { credentialId: 'app-1' } })).body).toEqual({ revoked: 1 });
    expect((await pd.get('/users', bearer)).status).toBe(401);
    const granted = (await pd.send('POST', '/_simulator/tokens/user', { body: { userId: 'POBSERV', scopes: ['read'] } })).body as { token: string };
    expect((await pd.get('/users/me', `Bearer ${granted.token}`)).body).toMatchObject({ user: { id: 'POBSERV' } });
    await pd.send('PATCH', '/_simulator/settings', { body: { perMinute: 1 } });
    expect((await pd.get('/_simulator/settings', null)).body).toMatchObject({ perMinute: 1, invalidScope: 'refuse' });
    expect((await pd.get('/users')).headers.get('ratelimit-limit')).toBe('1');
  });

  it.each([
    ['POST', '/faults', { fault: { kind: 'explode' } }],
    ['PATCH', '/settings', { perMinutes: 5 }],
    ['POST', '/users', { id: 'PX' }],
    ['POST', '/users', makePerson('PRESP01')],
    ['DELETE', '/users/PNOBODY', undefined],
    ['POST', '/clock', {}],
  ])('says what is wrong with %s %s', async (method, path, body) => {
    await using pd = await openAccount();
    const answer = await pd.send(method, `/_simulator${path}`, { body });
    expect(answer.status).toBe(400);
    expect((answer.body as { error: string }).error).not.toBe('');
  });

  it('lists its commands when it knows none such', async () => {
    await using pd = await openAccount();
    expect(await pd.get('/_simulator/wishes', null)).toMatchObject({ status: 404, body: { commands: expect.arrayContaining(['POST /reset']) as unknown } });
    const broken = await fetch(`${pd.simulator.url}/_simulator/faults`, { method: 'POST', body: '{' });
    expect(broken.status).toBe(400);
  });

  it('can change every setting', async () => {
    await using pd = await openAccount();
    expect((await pd.send('PATCH', '/_simulator/settings', { body: DEFAULT_SETTINGS })).body).toEqual(DEFAULT_SETTINGS);
    for (const [name, value] of Object.entries(DEFAULT_SETTINGS)) {
      expect((await pd.send('PATCH', '/_simulator/settings', { body: { [name]: typeof value === 'object' ? value : { [name]: value } } })).status, name).toBe(value === null ? 200 : 400);
    }
  });

  it('obeys only this machine, and keeps out of the journal', async () => {
    expect(['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['10.0.0.1', '::ffff:10.0.0.1', '192.168.127.1', '1127.0.0.1', undefined].map(isLoopback)).toEqual([false, false, false, false, false]);
    await using pd = await openAccount();
    await pd.get('/_simulator', null);
    expect(pd.simulator.journal.list()).toEqual([]);
    expect(new URL(pd.simulator.url).hostname).toBe('127.0.0.1');
  });
});
