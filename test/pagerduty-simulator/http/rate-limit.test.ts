import { describe, expect, it } from 'vitest';
import { FULL_KEY, openAccount, READ_KEY } from '../testing/open-account.ts';
import type { Answer, TestAccount } from '../testing/open-account.ts';

const limits = (answer: Answer<unknown>): (string | null)[] => ['limit', 'remaining', 'reset'].map((name) => answer.headers.get(`ratelimit-${name}`));

async function drain(pd: TestAccount, requests: number, path = '/users', header = FULL_KEY): Promise<Answer<unknown>> {
  let last = await pd.get(path, header);
  for (let sent = 1; sent < requests; sent += 1) last = await pd.get(path, header);
  return last;
}

describe('rate limits', () => {
  it('facts 6.1: 960 a minute; the headers say what is left', async () => {
    await using pd = await openAccount();
    expect(limits(await pd.get('/users'))).toEqual(['960', '959', '1']);
    expect(limits(await pd.get('/users'))).toEqual(['960', '958', '1']);
  });

  it('facts 6.1: over the limit is 429, code 2020; after ratelimit-reset seconds all is there again', async () => {
    await using pd = await openAccount({ settings: { perMinute: 6 } });
    expect((await drain(pd, 6)).status).toBe(200);
    const refused = await pd.get('/users');
    expect(refused).toMatchObject({ status: 429, body: { error: { message: 'Rate Limit Exceeded', code: 2020 } } });
    expect(limits(refused)).toEqual(['6', '0', '60']);
    await pd.clock.advance(10_000);
    expect((await pd.get('/users')).status).toBe(200);
    expect((await pd.get('/users')).status).toBe(429);
    await pd.clock.advance(60_000);
    expect(limits(await pd.get('/users'))).toEqual(['6', '5', '10']);
  });

  it('facts 6.1: a 429 may come without headers or body', async () => {
    await using pd = await openAccount({ settings: { perMinute: 1, bareTooManyRequests: true } });
    const refused = await drain(pd, 2);
    expect([refused.status, refused.text, ...limits(refused)]).toEqual([429, '', null, null, null]);
  });

  it('facts 6.1: each key has its own limit; the keys of one person share one', async () => {
    await using pd = await openAccount({
      settings: { perMinute: 2 },
      apiKeys: [{ key: 'full-key' }, { key: 'read-key', access: 'read-only' }, { key: 'one', userId: 'PRESP01' }, { key: 'two', userId: 'PRESP01' }],
    });
    expect((await drain(pd, 3)).status).toBe(429);
    expect((await pd.get('/users', READ_KEY)).status).toBe(200);
    expect((await drain(pd, 2, '/users', 'Token token=one')).status).toBe(200);
    expect((await pd.get('/users', 'Token token=two')).status).toBe(429);
  });

  it('facts 6.1: a new token of the same app gets no new limit', async () => {
    await using pd = await openAccount({ settings: { perMinute: 2 } });
    expect((await drain(pd, 2, '/users', await pd.bearer('users.read'))).status).toBe(200);
    expect((await pd.get('/users', await pd.bearer('users.read'))).status).toBe(429);
  });

  it('facts 4.1: /oncalls has a lower limit of its own, and shows whichever is nearest', async () => {
    await using pd = await openAccount({ settings: { perMinute: 100, oncallsPerMinute: 3 } });
    expect(limits(await pd.get('/oncalls'))).toEqual(['3', '2', '20']);
    expect((await drain(pd, 3, '/oncalls')).status).toBe(429);
    expect(limits(await pd.get('/users'))).toEqual(['100', '96', '3']);
  });
});
