import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority, createCertificate } from '../../test/control-plane/x509.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { secretOf, someChannel, someFacts, someMessage, startReceiver, type Answer, type Received, type Receiver } from '../../test/support/notice-fixtures.ts';
import type { ChannelType } from '../api/notify.ts';
import type { NoticeMessage } from './notice.ts';
import { resolveChannel } from './resolve-channel.ts';
import { createNoticeSender, type NoticeSenderOptions } from './sender.ts';

const receivers: Receiver[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map(async (receiver) => receiver.close()));
});

const signingKey = 'a key that signs messages';

async function receive(answer: (request: Received) => Answer = () => ({ status: 200 }), certificate?: { cert: string; key: string }): Promise<Receiver> {
  const receiver = await startReceiver(answer, certificate);
  receivers.push(receiver);
  return receiver;
}

/** The failure, or undefined when the message was taken. */
async function trySend(url: string, type: ChannelType, { message = someMessage(), ...options }: Partial<NoticeSenderOptions> & { message?: NoticeMessage } = {}): Promise<unknown> {
  const sender = createNoticeSender({ clock: createFakeClock('2026-11-24T00:00:00.000Z'), allowedHosts: ['127.0.0.1'], ...options });
  const channel = resolveChannel(someChannel({ name: 'room', type }), secretOf({ url, signingKey }));
  return sender.send(message, channel, AbortSignal.timeout(20_000)).then(() => undefined, (error: unknown) => error);
}

function failure(kind: string, reason: string) {
  return { failure: expect.objectContaining({ kind, reason }) as unknown };
}

describe('a notice to a webhook', () => {
  it('C8: carries its id as idempotency key, and a signature over time and body', async () => {
    const receiver = await receive();
    expect(await trySend(`${receiver.url}/hook?tenant=a`, 'Webhook')).toBeUndefined();
    const [request] = receiver.received;
    expect(request?.path).toBe('/hook?tenant=a');
    expect(request?.headers).toMatchObject({ 'idempotency-key': 'c0ffee.Notice.User.mail@saaslicense', 'x-saaslicense-timestamp': '1795478400' });
    const expected = createHmac('sha256', signingKey).update(`1795478400.${request?.body}`).digest('hex');
    expect(request?.headers['x-saaslicense-signature']).toBe(`v1=${expected}`);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({
      version: 'saaslicense.dev/notice/v1',
      id: 'c0ffee.Notice.User.mail@saaslicense',
      kind: 'Notice',
      audience: 'User',
      candidate: { namespace: 'team-a', name: 'pagerduty-pabc123' },
      person: { displayName: 'Ada Example', address: 'ada@example.com' },
      action: 'Remove',
      answer: { keepUrl: expect.stringContaining('keep') as unknown, releaseUrl: expect.stringContaining('release') as unknown },
    });
  });

  it.each([
    [408, 'Retryable', 'NoticeServerUnavailable'],
    [429, 'Retryable', 'NoticeServerUnavailable'],
    [500, 'Retryable', 'NoticeServerUnavailable'],
    [503, 'Retryable', 'NoticeServerUnavailable'],
    [400, 'Terminal', 'NoticeRefused'],
    [401, 'Terminal', 'NoticeRefused'],
    [404, 'Terminal', 'NoticeRefused'],
    [410, 'Terminal', 'NoticeRefused'],
  ])('C8: an answer of %i is %s, after one request, and what it says stays there', async (status, kind, reason) => {
    const receiver = await receive(() => ({ status, body: 'ada@example.com token=123' }));
    const error = await trySend(receiver.url, 'Webhook');
    expect(error).toMatchObject(failure(kind, reason));
    expect(inspect(error, { depth: 9 })).not.toMatch(/ada@|token=123|127\.0\.0\.1|a key that/);
    expect(receiver.received).toHaveLength(1);
  });

  it.each(['204', '201'])('an answer of %s has taken it', async (status) => {
    expect(await trySend((await receive(() => ({ status: Number(status), body: '' }))).url, 'Webhook')).toBeUndefined();
  });

  it('waits as long as it is told, an hour at most', async () => {
    const waits = async (after: string): Promise<unknown> => trySend((await receive(() => ({ status: 429, headers: { 'retry-after': after } }))).url, 'Webhook');
    expect(await waits('120')).toMatchObject({ failure: { retryAfterMs: 120_000 } });
    expect(await waits('999999999')).toMatchObject({ failure: { retryAfterMs: 3_600_000 } });
  });

  it('a connection that is cut is tried again', async () => {
    expect(await trySend((await receive(() => ({ status: 0, isCut: true }))).url, 'Webhook')).toMatchObject(failure('Retryable', 'NoticeServerUnavailable'));
    expect(await trySend('http://127.0.0.1:1/', 'Webhook')).toMatchObject(failure('Retryable', 'NoticeServerUnavailable'));
  });

  it('of an answer without end no more is read than is needed', async () => {
    const receiver = await receive(() => ({ status: 200, body: 'x'.repeat(20_000_000) }));
    expect(await trySend(receiver.url, 'Webhook')).toBeUndefined();
  });
});

describe('guard 7: nothing but allowed hosts is connected to', () => {
  it.each([301, 302, 303, 307, 308])('a redirect of %i is not followed', async (status) => {
    const secret = await receive();
    const receiver = await receive(() => ({ status, headers: { location: `${secret.url}/admin` } }));
    expect(await trySend(receiver.url, 'Webhook')).toMatchObject(failure('Terminal', 'NoticeRefused'));
    expect(secret.received).toEqual([]);
  });

  it.each(['Webhook', 'Slack'] as const)('%s: a host that nobody has allowed hears nothing, and is not named', async (type) => {
    const receiver = await receive();
    const error = await trySend(receiver.url, type, { allowedHosts: ['hooks.example.com'] });
    expect(error).toMatchObject(failure('Terminal', 'NoticeHostNotAllowed'));
    expect(inspect(error, { depth: 9 })).not.toContain('127.0.0.1');
    expect(receiver.received).toEqual([]);
    expect(await trySend(receiver.url, type, { allowedHosts: [] })).toMatchObject(failure('Terminal', 'NoticeHostNotAllowed'));
  });

  it('other names and spellings of loopback are other hosts', async () => {
    const { port, received } = await receive();
    for (const host of ['localhost', '127.0.0.2', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0']) {
      expect(await trySend(`http://${host}:${port}/`, 'Webhook')).toMatchObject(failure('Terminal', 'NoticeHostNotAllowed'));
    }
    expect(received).toEqual([]);
  });

  it('plain http goes to loopback only', async () => {
    const receiver = await receive();
    expect(await trySend(receiver.url, 'Webhook', { trustsLoopback: false })).toMatchObject(failure('Terminal', 'NoticeTlsRequired'));
    expect(receiver.received).toEqual([]);
  });

  it('TLS is checked', async () => {
    const authority = createAuthority('Test hooks', Date.now());
    const { certificate, key } = createCertificate(authority, { commonName: 'hooks', usage: 'server', hosts: ['127.0.0.1'] }, Date.now());
    const receiver = await receive(undefined, { cert: certificate, key });
    expect(await trySend(receiver.url, 'Webhook', { trustsLoopback: false })).toMatchObject(failure('Terminal', 'NoticeCertificateInvalid'));
    expect(receiver.received).toEqual([]);
    expect(await trySend(receiver.url, 'Webhook', { trustsLoopback: false, certificateAuthority: authority.certificate })).toBeUndefined();
    expect(receiver.received).toHaveLength(1);
  });
});

describe('a notice to a room of Slack', () => {
  const textOfRoom = async (message: NoticeMessage): Promise<string> => {
    const receiver = await receive();
    expect(await trySend(receiver.url, 'Slack', { message })).toBeUndefined();
    return (JSON.parse(receiver.received[0]?.body ?? '') as { text: string }).text;
  };

  it('calls nobody, and makes nothing of a name', async () => {
    const text = await textOfRoom(someMessage({ facts: someFacts({ displayName: '<!channel> <https://evil.example.net|Slack> @here [x](https://evil.example.net) & co' }) }));
    expect(text).not.toMatch(/<|>|@here|https:\/\/evil|\]\(/);
    expect(text).toContain('&lt;!channel&gt;');
    expect(text).toContain('&amp; co');
  });

  it('nor does a template', async () => {
    expect(await textOfRoom(someMessage({ template: { kind: 'Notice', text: '<!here> @channel <@U123>' } }))).not.toMatch(/<|@channel/);
  });

  it('guard 7: names no e-mail address, and gives no link that anybody there could give the licence up with', async () => {
    const facts = someFacts({ displayName: 'ada@example.com', reason: 'ask bob@example.com', license: 'x@example.com' });
    for (const template of [undefined, { kind: 'Notice' as const, text: '{{displayName}} {{reason}} {{license}} {{releaseUrl}} {{keepUrl}}' }]) {
      const text = await textOfRoom(someMessage({ facts, template }));
      expect(text).not.toMatch(/ada|bob@|token=release/);
      expect(text).toContain('token=keep');
    }
  });
});
