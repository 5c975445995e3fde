import { describe, expect, it } from 'vitest';
import { secretOf, someChannel } from '../../test/support/notice-fixtures.ts';
import { checkAllowedHost, createHostGate } from './allowed-hosts.ts';
import { resolveChannel } from './resolve-channel.ts';

const usualPorts = [443];

function passes(allowed: string, host: string, port = 443): boolean {
  try {
    createHostGate([allowed]).check({ channel: 'room', host, port, usualPorts });
    return true;
  } catch {
    return false;
  }
}

describe('the hosts that notices may go to', () => {
  it.each([
    ['hooks.example.com', 'hooks.example.com', 443, true],
    ['HOOKS.example.com', 'hooks.example.com', 443, true],
    ['hooks.example.com', 'evil-hooks.example.com', 443, false],
    ['hooks.example.com', 'hooks.example.com.evil.net', 443, false],
    ['hooks.example.com', 'hooks.example.com', 6379, false],
    ['hooks.example.com:8443', 'hooks.example.com', 8443, true],
    ['hooks.example.com:8443', 'hooks.example.com', 443, false],
    ['*.example.com', 'a.b.example.com', 443, true],
    ['*.example.com', 'example.com', 443, false],
    ['*.example.com', 'evilexample.com', 443, false],
    ['10.0.0.1', '10.0.0.1', 443, true],
    ['10.0.0.1', '169.254.169.254', 443, false],
    ['127.0.0.1', '127.0.0.1', 31_337, true],
    ['[::1]:25', '::1', 25, true],
    ['[::1]', '127.0.0.1', 25, false],
  ])('%s lets %s:%i through: %s', (allowed, host, port, verdict) => {
    expect(checkAllowedHost(allowed)).toBeUndefined();
    expect(passes(allowed, host, port)).toBe(verdict);
  });

  it.each(['*', '*.', '*.com', 'https://example.com', 'example.com/x', 'a b', '', 'example.com:0', 'example.com:99999', '127.1', '2130706433', '0x7f.1', '*.0.0.1', 'user@example.com', '::1'])('%j is refused, and allows nothing', (text) => {
    expect(checkAllowedHost(text)).toContain('must be a host');
    expect(passes(text, 'example.com') || passes(text, '127.0.0.1')).toBe(false);
  });
});

describe('what a Secret of a channel says', () => {
  const email = { smtpUrl: 'smtps://u:p%40ss@smtp.example.com', from: 'licences@example.com', approvers: 'a@example.com\r\n\n b@example.com \na@example.com' };

  it('is read whole', () => {
    expect(resolveChannel(someChannel(), secretOf(email))).toMatchObject({ type: 'Email', from: 'licences@example.com', approvers: ['a@example.com', 'b@example.com'] });
    expect(resolveChannel(someChannel({ audiences: ['User'] }), secretOf({ ...email, approvers: '' }))).toMatchObject({ approvers: [] });
    // Who has no approvers can still tell the person.
    expect(resolveChannel(someChannel({ audiences: ['User', 'Approvers'] }), secretOf({ ...email, approvers: '' }))).toMatchObject({ approvers: [] });
  });

  it.each([
    ['smtpUrl', { smtpUrl: '' }],
    ['smtpUrl', { smtpUrl: 'http://smtp.example.com' }],
    ['smtpUrl', { smtpUrl: 'smtp://hush@127.1' }],
    ['smtpUrl', { smtpUrl: 'smtp://user:hush@smtp.example.com/?tls.rejectUnauthorized=false' }],
    ['smtpUrl', { smtpUrl: 'smtp://user:hush@smtp.example.com#x' }],
    ['smtpUrl', { smtpUrl: 'smtp://us%0d%0aer:hush@smtp.example.com' }],
    ['smtpUrl', { smtpUrl: 'direct:hush' }],
    ['from', { from: 'Hush <hush@example.com>' }],
    ['from', { from: 'hush@example.com\r\nBcc: x@example.com' }],
    ['approvers', { approvers: 'hush' }],
    ['approvers', { approvers: 'hush@example.com,x@example.com' }],
  ])('guard 7: a bad %s is named, and nothing of it is repeated: %j', (key, more) => {
    const read = () => resolveChannel(someChannel(), secretOf({ ...email, ...more }));
    expect(read).toThrow(`Channel mail: key ${key} of Secret mail-server`);
    expect(read).not.toThrow(/hush/);
  });

  it.each([
    ['url', { url: 'ftp://hush.example.com' }],
    ['url', { url: 'https://user:hush@hooks.example.com' }],
    ['url', { url: 'hush' }],
    ['signingKey', { signingKey: 'hush' }],
  ])('guard 7: a bad %s of a webhook is named, and nothing of it is repeated: %j', (key, more) => {
    const read = () => resolveChannel(someChannel({ type: 'Webhook' }), secretOf({ url: 'https://hooks.example.com', signingKey: 'x'.repeat(16), ...more }));
    expect(read).toThrow(`Channel mail: key ${key} of Secret mail-server`);
    expect(read).not.toThrow(/hush/);
  });
});
