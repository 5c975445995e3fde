import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aCandidate, answerKey, answerNow, createAnswerWorld, type AnswerWorld } from '../../../test/support/answer-fixtures.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { makeAnswerToken, type AnswerClaim } from '../../notices/links.ts';
import { renderQuestion } from './pages.ts';
import { startRedirectServer, type RedirectServer } from '../authorization/redirect-server.ts';

const subject = { namespace: 'team-a', name: 'pagerduty-pabc123', uid: aCandidate().metadata.uid ?? '', round: 1 };
const claim: AnswerClaim = { ...subject, verdict: 'Keep', expiresAt: answerNow + 86_400_000 };
const tokenOf = (more: Partial<AnswerClaim> = {}, key = answerKey): string => makeAnswerToken({ ...claim, ...more }, new SecretValue(key));

let world: AnswerWorld;
let server: RedirectServer;
beforeEach(async () => {
  world = createAnswerWorld();
  server = await startRedirectServer(world.options());
});
afterEach(async () => server.close());

interface Seen {
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
}

async function see(response: Response): Promise<Seen> {
  return { status: response.status, html: await response.text(), headers: response.headers };
}
const open = async (token: string): Promise<Seen> => see(await fetch(`${server.url}/reclaim/answer?token=${token}`));
const post = async (fields: Record<string, string>, at = server): Promise<Seen> => see(await fetch(`${at.url}/reclaim/answer`, { method: 'POST', body: new URLSearchParams(fields) }));
const answer = () => world.candidate?.status?.answer;
const writes = (): string[] => world.asked.filter((each) => each.startsWith('apply'));

describe('the page on which a person answers to a notice', () => {
  it('L5: opening the link asks, and changes nothing, however often programs open it', async () => {
    for (let times = 0; times < 3; times += 1) {
      const page = await open(tokenOf());
      expect(page).toMatchObject({ status: 200 });
      expect(page.html).toContain('Keep PagerDuty?');
    }
    expect(answer()).toBeUndefined();
    expect(writes()).toEqual([]);
  });

  it.each([['Keep', 'You want to keep it'], ['Release', 'it is given back']] as const)('L5: %s is written with when and how, by a manager of its own and not by force', async (verdict, words) => {
    const page = await post({ token: tokenOf({ verdict }), reason: ' I am on call\r\nnext month \u0007' });
    expect(page).toMatchObject({ status: 200 });
    expect(page.html).toContain(words);
    expect(answer()).toEqual({ verdict, at: '2026-11-24T00:00:00.000Z', via: 'Link', round: 1, reason: 'I am on call\nnext month' });
    expect(writes()).toEqual(['apply RemovalCandidate status by saas-license-operator-answer']);
  });

  it('C10: the reason is asked for, and what is too long is cut', async () => {
    expect((await open(tokenOf())).html).toMatch(/<textarea id="reason" name="reason" maxlength="1024">/);
    await post({ token: tokenOf(), reason: '🙂'.repeat(1000) });
    expect(answer()?.reason).toBe('🙂'.repeat(512));
    expect(answer()?.reason).toHaveLength(1024);
  });

  it('an empty reason is none', async () => {
    await post({ token: tokenOf(), reason: '  ' });
    expect(answer()).not.toHaveProperty('reason');
  });

  it('T17: says what is lost before it is given back', async () => {
    expect((await open(tokenOf({ verdict: 'Release' }))).html).toMatch(/will be deleted.*cannot be undone/);
    const candidate = aCandidate();
    world.candidate = { ...candidate, spec: { ...candidate.spec, subject: { ...candidate.spec.subject, action: 'Downgrade', downgradeTo: { role: 'read_only_user' } } } };
    expect((await open(tokenOf({ verdict: 'Release' }))).html).toMatch(/stays, with a lesser role/);
  });

  it('L5: counts once', async () => {
    await post({ token: tokenOf({ verdict: 'Release' }) });
    const before = world.candidate;
    for (const token of [tokenOf({ verdict: 'Release' }), tokenOf()]) {
      expect(await post({ token })).toMatchObject({ status: 410 });
      expect(await open(token)).toMatchObject({ status: 410 });
    }
    expect(world.candidate).toEqual(before);
  });

  it('L5: of two answers on two replicas at once, one wins', async () => {
    const second = await startRedirectServer(world.options());
    try {
      const pages = await Promise.all([post({ token: tokenOf() }), post({ token: tokenOf({ verdict: 'Release' }) }, second)]);
      expect(pages.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 410]);
      expect(answer()?.verdict).toBe(pages[0].status === 200 ? 'Keep' : 'Release');
    } finally {
      await second.close();
    }
  });

  it('a controller that writes the same status at the same time costs no answer', async () => {
    let others = 3;
    world.beforeWrite = () => {
      if (others-- > 0) world.candidate = aCandidate({ state: 'AwaitingUser', deadline: '2026-12-08T00:00:00Z' }, { resourceVersion: `${10 + others}` });
    };
    expect(await post({ token: tokenOf() })).toMatchObject({ status: 200 });
    expect(world.candidate?.status).toMatchObject({ deadline: '2026-12-08T00:00:00Z', answer: { verdict: 'Keep' } });
  });

  it('guard 1: an answer that comes as the candidate moves on changes nothing', async () => {
    world.beforeWrite = () => {
      world.candidate = aCandidate({ state: 'AwaitingRevocation' }, { resourceVersion: '2' });
    };
    expect(await post({ token: tokenOf() })).toMatchObject({ status: 410 });
    expect(answer()).toBeUndefined();
  });

  it('whoever keeps writing in between has it told that nothing was recorded', async () => {
    let version = 10;
    world.beforeWrite = () => {
      world.candidate = aCandidate({ state: 'AwaitingUser' }, { resourceVersion: `${version++}` });
    };
    expect(await post({ token: tokenOf() })).toMatchObject({ status: 503 });
    expect(answer()).toBeUndefined();
  });
});

describe('links that do nothing', () => {
  const other = '6a8f0a1c-6a55-4d35-9a6f-000000000002';
  const cases: [string, () => string][] = [
    ['forged with another key', () => tokenOf({}, 'j'.repeat(43))],
    ['expired', () => tokenOf({ expiresAt: answerNow })],
    ['of a candidate that is not there', () => tokenOf({ name: 'nobody' })],
    ['of a namesake that was deleted', () => tokenOf({ uid: other })],
    ['guard 9: of another round, which may have gone to another address', () => tokenOf({ round: 2 })],
    ['cut', () => tokenOf().slice(0, -2)],
    ['made up', () => 'x'],
    ['empty', () => ''],
    ['of a settled candidate', () => ((world.candidate = aCandidate({ state: 'ClosedSkipped' })), tokenOf())],
    ['of a candidate before its notice', () => ((world.candidate = aCandidate({ state: 'Ready' })), tokenOf())],
    ['of a candidate that is being deleted', () => ((world.candidate = aCandidate({ state: 'AwaitingUser' }, { deletionTimestamp: '2026-11-24T00:00:00Z' })), tokenOf())],
    ['signed with a key that is gone', () => ((world.key = undefined), tokenOf())],
    ['used', () => ((world.candidate = aCandidate({ state: 'AwaitingUser', answer: { verdict: 'Keep', at: '2026-11-24T00:00:00Z', via: 'Link' } })), tokenOf())],
  ];

  it.each(cases)('guard 7: %s: one page for all of them, byte for byte, and nothing is written', async (_what, make) => {
    const token = make();
    const before = structuredClone(world.candidate);
    const unknown = await open(`${'A'.repeat(40)}.${'A'.repeat(43)}`);
    for (const page of [await open(token), await post({ token })]) {
      expect(page.status).toBe(410);
      expect(page.html).toBe(unknown.html);
    }
    expect(writes()).toEqual([]);
    expect(world.candidate).toEqual(before);
  });

  it('strangers cause no question to the API server', async () => {
    for (const token of ['', 'x', tokenOf({ name: 'nobody' }), tokenOf({ uid: other }), tokenOf({ namespace: 'kube-system' })]) await post({ token });
    expect(world.asked).toEqual([]);
  });

  it('a key that is short is none: it could be guessed', async () => {
    world.key = 'short';
    expect(await post({ token: tokenOf({}, 'short') })).toMatchObject({ status: 503 });
    expect(answer()).toBeUndefined();
  });

  it('a flood of answers takes no turn of those who come back from a consent', async () => {
    await Promise.all(Array.from({ length: 150 }, async () => open(tokenOf({}, 'j'.repeat(43)))));
    expect((await fetch(`${server.url}/oauth_redirect.do?code=c&state=x`)).status).toBe(400);
  });
});

describe('the page itself', () => {
  it('guard 7: shows product and action, and nothing of the person', async () => {
    const { html } = await open(tokenOf());
    expect(html).not.toMatch(/Ada|Secretname|ada@|PABC123|PLIC001|pagerduty-full-user/);
  });

  it('escapes what it is handed', () => {
    const { html } = renderQuestion({ verdict: 'Release', action: 'Remove', product: '<script>"x"\'&', token: '"><b>' });
    expect(html).not.toMatch(/<script|<b>/);
    expect(html).toContain('&lt;script&gt;&quot;x&quot;&#39;&amp;');
    expect(html).toContain('value="&quot;&gt;&lt;b&gt;"');
  });

  it('is stored nowhere, loads nothing, is framed by nobody, tells no referrer and sends its form to itself', async () => {
    const question = await open(tokenOf());
    expect(question.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'$/);
    const done = await post({ token: tokenOf() });
    expect(done.headers.get('content-security-policy')).toContain("form-action 'none'");
    for (const { headers } of [question, done]) {
      expect(Object.fromEntries(headers)).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    }
  });

  it('works below a path of the Ingress', async () => {
    expect((await fetch(`${server.url}/saas/reclaim/answer?token=${tokenOf()}`)).status).toBe(200);
    expect((await fetch(`${server.url}/reclaim/answer/more?token=${tokenOf()}`)).status).toBe(404);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'])('%s is not allowed, and does nothing', async (method) => {
    const response = await fetch(`${server.url}/reclaim/answer?token=${tokenOf()}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(world.asked).toEqual([]);
  });

  it('waits for the caches', async () => {
    world.isReady = false;
    expect(await open(tokenOf())).toMatchObject({ status: 503 });
    expect(world.asked).toEqual([]);
  });

  it('guard 7: logs who was answered for and how, and neither token nor reason', async () => {
    await post({ token: tokenOf(), reason: 'a private matter' });
    expect(world.logs.join('\n')).toContain('"verdict":"Keep"');
    expect(world.logs.join('\n')).not.toMatch(/private|Ada|ada@/);
    expect(world.logs.join('\n')).not.toContain(tokenOf().slice(-43));
  });
});

describe('bodies', () => {
  const raw = async (headers: Record<string, string>, body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(`${server.url}/reclaim/answer`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end(body);
    });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it.each([
    ['JSON', { 'content-type': 'application/json' }, () => JSON.stringify({ token: tokenOf() })],
    ['no type', {}, () => `token=${tokenOf()}`],
    ['a token twice', form, () => `token=${tokenOf()}&token=${tokenOf({ verdict: 'Release' })}`],
    ['a reason twice', form, () => `token=${tokenOf()}&reason=a&reason=b`],
    ['too much', form, () => `token=${tokenOf()}&reason=${'x'.repeat(17_000)}`],
  ] as const)('%s is no answer', async (_what, headers, body) => {
    const text = body();
    expect(await raw({ ...headers, 'content-length': String(text.length) }, text)).toBe(410);
    expect(answer()).toBeUndefined();
  });

  it('one of unknown length is not waited for', async () => {
    expect(await raw({ ...form, 'transfer-encoding': 'chunked' }, `token=${tokenOf()}`)).toBe(410);
    expect(answer()).toBeUndefined();
  });

  it('those who begin a body and say no more keep nobody from answering', async () => {
    const { port, hostname } = new URL(server.url);
    const idlers = Array.from({ length: 60 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write('POST /reclaim/answer HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ntoken=');
      return socket;
    });
    expect(await post({ token: tokenOf() })).toMatchObject({ status: 200 });
    for (const socket of idlers) socket.destroy();
  });
});
