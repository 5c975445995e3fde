import { createServer, type Server } from 'node:http';
import got from 'got';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { retryable, terminal } from '../api/errors.ts';
import { SecretValue } from '../api/secret-value.ts';
import { createLogger, type Logger } from './logger.ts';

const canary = 'CANARY-9f3b1c7e';
const now = () => Date.UTC(2026, 10, 24, 9, 0, 0);

function capture(level: 'debug' | 'info' = 'info'): { logger: Logger; text: () => string; lines: () => Record<string, unknown>[] } {
  const written: string[] = [];
  const logger = createLogger({ level, now, destination: { write: (line) => written.push(line) } });
  return {
    logger,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('a log line', () => {
  it('is one JSON object with level, ISO time, message and fields', () => {
    const { logger, text, lines } = capture();
    logger.info({ subscriptions: 12 }, 'Refreshed');
    expect(text().endsWith('\n')).toBe(true);
    expect(lines()).toEqual([{ level: 'info', time: '2026-11-24T09:00:00.000Z', subscriptions: 12, msg: 'Refreshed' }]);
  });

  it('carries the fields of its reconcile, and a child of a child keeps both', () => {
    const { logger, lines } = capture();
    const fields = { controller: 'integrationprofile', kind: 'IntegrationProfile', namespace: 'team', name: 'pd', reconcileID: 'a1' };
    logger.child(fields).child({ step: 'validate' }).warn({}, 'Waiting');
    expect(lines()[0]).toMatchObject({ ...fields, step: 'validate', level: 'warn', msg: 'Waiting' });
  });

  it('is not written below the level', () => {
    const { logger, text } = capture('info');
    logger.debug({}, 'noise');
    expect(text()).toBe('');
  });
});

describe('an error in a log line', () => {
  it('shows kind, reason, our message and our detail, with the places in the code', () => {
    const { logger, lines } = capture();
    logger.error({ err: retryable('VendorUnavailable', 'PagerDuty answers 503.', { detail: { requestId: 'r-1', status: 503 } }) }, 'Failed');
    const record = lines()[0]?.['err'] as Record<string, unknown>;
    expect(record).toMatchObject({
      name: 'OperatorError',
      kind: 'Retryable',
      reason: 'VendorUnavailable',
      message: 'PagerDuty answers 503.',
      detail: { requestId: 'r-1', status: 503 },
    });
    expect((record['stack'] as string[])[0]).toMatch(/^at .*errors\.ts:\d+:\d+/);
  });

  it('shows the code of a system error and its causes, but not their text', () => {
    const { logger, lines } = capture();
    const cause = Object.assign(new Error(`connect ${canary}`), { code: 'ECONNREFUSED' });
    logger.error({ err: new TypeError(`fetch failed ${canary}`, { cause }) }, 'Failed');
    expect(lines()[0]?.['err']).toMatchObject({ name: 'TypeError', cause: { name: 'Error', code: 'ECONNREFUSED' } });
  });

  it('survives whatever is thrown', () => {
    const { logger, lines } = capture();
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'code', {
      get(): never {
        throw new Error(canary);
      },
    });
    const loop = new Error('loop');
    loop.cause = loop;
    for (const err of ['text', null, 42, hostile, loop]) logger.error({ err }, 'Failed');
    expect(lines().map((line) => (line['err'] as { name: string }).name)).toEqual(['thrown string', 'thrown null', 'thrown number', 'UnreadableError', 'Error']);
  });
});

describe('guard 7: no secret and no e-mail address reaches a log', () => {
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(401, { 'set-cookie': `session=${canary}`, 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: `bad token ${canary}` } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    url = `http://127.0.0.1:${address.port}/users?token=${canary}`;
  });
  afterAll(() => server.close());

  it('a real got error carries the token in its options, and the line does not', async () => {
    const { logger, text } = capture('debug');
    const error = await got(url, { headers: { authorization: `Bearer ${canary}` }, retry: { limit: 0 } }).catch((thrown: unknown) => thrown);
    expect(JSON.stringify((error as { options: unknown }).options)).toContain(canary);
    logger.error({ err: error }, 'Vendor call failed');
    logger.child({ err: error }).error({}, 'Vendor call failed');
    expect(text()).not.toContain(canary);
    expect(text()).toContain('HTTPError');
  });

  it('a whole response, request or Kubernetes object given as a field does not go through', async () => {
    const { logger, text, lines } = capture('debug');
    const response = await request(url, { headers: { authorization: `Token token=${canary}` } });
    const body = await response.body.json();
    logger.info({ response, body, headers: { authorization: canary }, secret: { data: { token: canary } } }, 'Answer');
    logger.info({ list: [{ token: canary }, [canary]] }, 'Answer');
    expect(text()).not.toContain(canary);
    expect(lines()[0]).toMatchObject({ response: '[object]', body: '[object]' });
  });

  it('a message with lines that look like stack frames stays out', () => {
    const { logger, text } = capture();
    logger.error({ err: new Error(`no\n    at /${canary}:1:1\n    at file:///${canary}:2:2`) }, 'Failed');
    const renamed = new Error('x');
    renamed.name = canary;
    Object.assign(renamed, { body: canary, headers: { authorization: canary }, code: canary });
    logger.error({ err: renamed }, 'Failed');
    expect(text()).not.toContain(canary);
  });

  it.each([
    ['Authorization', { Authorization: canary }],
    ['clientSecret', { clientSecret: canary }],
    ['access_token', { access_token: canary }],
    ['apiKey', { apiKey: canary }],
    ['a SecretValue', { value: new SecretValue(canary) }],
    ['a bearer in text', { text: `got Bearer ${canary}` }],
    ['a PagerDuty token in text', { text: `header Token token=${canary}` }],
    ['a form body', { text: `grant_type=x&client_secret=${canary}&scope=y` }],
    ['JSON text', { text: `{"access_token": "${canary}"}` }],
    ['our detail', { err: terminal('X', 'x', { clientSecret: canary, text: `Bearer ${canary}` }) }],
  ])('%s', (_name, fields) => {
    const { logger, text } = capture();
    logger.info(fields, 'Line');
    logger.child(fields).info({}, 'Line');
    expect(text()).not.toContain(canary);
    expect(text()).toContain('Line');
  });

  it('e-mail addresses are taken out of fields, details and messages', () => {
    const { logger, text } = capture();
    const address = 'jo.citizen+pd@example.co.uk';
    logger.error({ user: address, users: [address], err: terminal('X', `user ${address}`, { login: address }) }, `Skipped ${address}`);
    expect(text()).not.toContain('citizen');
    expect(text()).toContain('Skipped [email]');
  });

  it('an image with a digest and a package path are not taken for addresses', () => {
    const { logger, text } = capture();
    logger.info({ image: 'example.com/operator@sha256:0a1b', path: '/app/node_modules/x@1.2.3/index.js' }, 'Start');
    expect(text()).toContain('example.com/operator@sha256:0a1b');
    expect(text()).toContain('x@1.2.3/index.js');
  });
});
