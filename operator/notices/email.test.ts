import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { secretOf, someChannel, someFacts, someMessage } from '../../test/support/notice-fixtures.ts';
import { headersOf, startSmtpServer, textOf, type RunningSmtpServer, type SmtpServerStart } from '../../test/support/smtp-server.ts';
import type { NoticeMessage } from './notice.ts';
import { resolveChannel } from './resolve-channel.ts';
import { createNoticeSender, type NoticeSenderOptions } from './sender.ts';

let server: RunningSmtpServer;
afterEach(async () => server.close());

interface Try extends SmtpServerStart {
  readonly url?: (port: number) => string;
  readonly sender?: Partial<NoticeSenderOptions>;
  readonly trustsServer?: boolean;
}

/** Sends over a new server; gives the failure, or undefined when it was taken. */
async function trySend(message: NoticeMessage, { url = (port) => `smtp://127.0.0.1:${port}`, sender = {}, trustsServer = true, ...start }: Try = {}): Promise<unknown> {
  server = await startSmtpServer(start);
  const notices = createNoticeSender({
    clock: createFakeClock(),
    allowedHosts: ['127.0.0.1', 'localhost'],
    ...(trustsServer ? { certificateAuthority: server.certificateAuthority } : {}),
    ...sender,
  });
  const read = secretOf({ smtpUrl: url(server.port), from: 'licences@example.com', approvers: 'boss@example.com\ndeputy@example.com\n' });
  const channel = resolveChannel(someChannel(), read);
  return notices.send(message, channel, AbortSignal.timeout(20_000)).then(() => undefined, (error: unknown) => error);
}

function failure(kind: string, reason: string) {
  return { failure: expect.objectContaining({ kind, reason }) as unknown };
}

describe('a notice by e-mail, over a real SMTP server', () => {
  it('L4, C8: goes to the person alone, as text, with its id as Message-ID', async () => {
    expect(await trySend(someMessage())).toBeUndefined();
    const [mail] = server.taken;
    expect(mail).toMatchObject({ from: 'licences@example.com', to: ['ada@example.com'] });
    const headers = headersOf(mail?.raw ?? '');
    expect(headers.get('message-id')).toEqual(['<c0ffee.Notice.User.mail@saaslicense>']);
    expect(headers.get('auto-submitted')).toEqual(['auto-generated']);
    expect(headers.get('x-saaslicense-candidate')).toEqual(['team-a/pagerduty-pabc123']);
    expect(headers.get('content-type')?.[0]).toMatch(/^text\/plain/);
    expect(textOf(mail?.raw ?? '')).toContain('https://licenses.example.com/reclaim/answer?token=keep');
  });

  it('C10: a request for approval is one mail to all approvers', async () => {
    expect(await trySend(someMessage({ kind: 'ApprovalRequest', audience: 'Approvers' }))).toBeUndefined();
    expect(server.taken.map(({ to }) => to)).toEqual([['boss@example.com', 'deputy@example.com']]);
  });

  it('an approver who is gone keeps the others from nothing', async () => {
    const error = await trySend(someMessage({ kind: 'ApprovalRequest', audience: 'Approvers' }), { unknown: ['boss@example.com'] });
    expect(error).toBeUndefined();
    expect(server.taken.map(({ to }) => to)).toEqual([['deputy@example.com']]);
  });

  it.each([
    ['subject', { template: { kind: 'Notice' as const, subject: 'Hi\r\nBcc: evil@example.net\r\n\r\nbody', text: 'x' } }],
    ['name', { facts: someFacts({ displayName: 'Ada\r\nBcc: evil@example.net' }), template: { kind: 'Notice' as const, subject: 'For {{displayName}}', text: '{{displayName}}' } }],
    ['product', { facts: someFacts({ product: 'P\nTo: evil@example.net\n\n.\r\nRCPT TO:<evil@example.net>' }) }],
    ['name of the candidate', { facts: someFacts({ candidate: 'a\r\nBcc: evil@example.net' }) }],
    ['id', { id: 'x@saaslicense>\r\nBcc: <evil@example.net' }],
  ])('guard 7: no %s adds a header or a recipient', async (_where, more) => {
    expect(await trySend(someMessage(more))).toBeUndefined();
    const [mail] = server.taken;
    expect(mail?.to).toEqual(['ada@example.com']);
    const headers = headersOf(mail?.raw ?? '');
    expect(headers.has('bcc')).toBe(false);
    expect(headers.get('to')).toEqual(['ada@example.com']);
    expect(headers.get('subject')).toHaveLength(1);
  });

  it.each([
    'ada@example.com, evil@example.net',
    'ada@example.com\r\nRCPT TO:<evil@example.net>',
    'Ada <ada@example.com>',
    'ada@example.com> NOTIFY=NEVER',
    '"a b"@example.com',
    'ada',
    '@example.com',
    'ada@exa mple.com',
  ])('guard 7: %j is no address, nobody is connected to and it is not repeated', async (address) => {
    const error = await trySend(someMessage({ facts: someFacts({ address }) }));
    expect(error).toMatchObject(failure('Terminal', 'NoticeAddressInvalid'));
    expect(inspect(error, { depth: 9 })).not.toContain(address);
    expect(server.connections()).toBe(0);
  });

  it('addresses with an apostrophe, a plus or letters of a country are addresses', async () => {
    expect(await trySend(someMessage({ facts: someFacts({ address: "o'neill+pd@exämple.com" }) }))).toBeUndefined();
    // The server shows the domain as people write it; on the wire it was ASCII.
    expect(server.taken[0]?.to).toEqual(["o'neill+pd@exämple.com"]);
    expect(headersOf(server.taken[0]?.raw ?? '').get('to')).toEqual(["o'neill+pd@xn--exmple-cua.com"]);
  });

  it('L7: without an address nobody can be asked', async () => {
    expect(await trySend(someMessage({ facts: someFacts({ address: undefined }) }))).toMatchObject(failure('Terminal', 'NoticeAddressMissing'));
  });

  it('guard 7: a person unknown to the server is refused for good, without their address in the error', async () => {
    const error = await trySend(someMessage(), { unknown: ['ada@example.com'] });
    expect(error).toMatchObject(failure('Terminal', 'NoticeRefused'));
    expect(inspect(error, { depth: 9 })).not.toContain('ada@');
  });

  it.each([[451, 'Retryable', 'NoticeServerUnavailable'], [421, 'Retryable', 'NoticeServerUnavailable'], [554, 'Terminal', 'NoticeRefused']])('C8: an answer of %i is %s', async (code, kind, reason) => {
    expect(await trySend(someMessage(), { reply: () => ({ code }) })).toMatchObject(failure(kind, reason));
  });

  it('C8: a server that is away is tried again', async () => {
    expect(await trySend(someMessage(), { url: () => 'smtp://127.0.0.1:1' })).toMatchObject(failure('Retryable', 'NoticeServerUnavailable'));
  });

  it('an end of the process ends it as well, to be tried again', async () => {
    server = await startSmtpServer();
    const channel = resolveChannel(someChannel(), secretOf({ smtpUrl: `smtp://127.0.0.1:${server.port}`, from: 'a@example.com', approvers: 'b@example.com' }));
    const notices = createNoticeSender({ clock: createFakeClock(), allowedHosts: ['127.0.0.1'] });
    await expect(notices.send(someMessage(), channel, AbortSignal.abort())).rejects.toMatchObject(failure('Retryable', 'NoticeServerUnavailable'));
    expect(server.taken).toEqual([]);
  });
});

describe('TLS and login of the mail server', () => {
  const strict = { trustsLoopback: false };
  const login = { user: 'relay', password: 'p@ss/word' };
  const withLogin = (scheme: string) => (port: number) => `${scheme}://relay:${encodeURIComponent('p@ss/word')}@127.0.0.1:${port}`;

  it('guard 7: a server without STARTTLS gets neither login nor message', async () => {
    const error = await trySend(someMessage(), { login, sender: strict, url: withLogin('smtp') });
    expect(error).toMatchObject(failure('Terminal', 'NoticeTlsRequired'));
    expect(server.taken).toEqual([]);
  });

  it.each([['StartTls', 'smtp'], ['Tls', 'smtps']] as const)('%s: sends encrypted and logged in', async (tls, scheme) => {
    expect(await trySend(someMessage(), { tls, login, sender: strict, url: withLogin(scheme) })).toBeUndefined();
    expect(server.taken).toMatchObject([{ isSecure: true, login: 'relay' }]);
  });

  it.each([['StartTls', 'smtp'], ['Tls', 'smtps']] as const)('%s: a certificate that nobody vouches for is not taken', async (tls, scheme) => {
    const error = await trySend(someMessage(), { tls, login, sender: strict, trustsServer: false, url: withLogin(scheme) });
    expect(error).toMatchObject(failure('Terminal', 'NoticeCertificateInvalid'));
    expect(server.taken).toEqual([]);
  });

  it('guard 7: a refused login is told without it', async () => {
    const error = await trySend(someMessage(), { login: { user: 'relay', password: 'other' }, url: withLogin('smtp') });
    expect(error).toMatchObject(failure('Terminal', 'NoticeLoginRefused'));
    expect(inspect(error, { depth: 9 })).not.toMatch(/p@ss|relay|p%40ss/);
  });

  it('a login that the server does not offer is no reason to go on without', async () => {
    expect(await trySend(someMessage(), { url: withLogin('smtp') })).toMatchObject({ failure: { kind: 'Terminal' } });
  });
});
