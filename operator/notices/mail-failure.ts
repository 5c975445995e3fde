import { terminal } from '../api/errors.ts';
import { isCertificateFault } from './certificate-faults.ts';
import { unavailable, untrusted } from './post.ts';

interface MailError {
  readonly code: string;
  /** Of SMTP, such as 550. */
  readonly responseCode: number | undefined;
  /** Code of the socket, which nodemailer puts its own over. */
  readonly cause: string;
}

/** The failure of a mail. What the server said stays behind: it repeats addresses, and at times the login. */
export function toMailFailure(error: unknown, channel: string): Error {
  const { code, responseCode, cause } = readError(error);
  const detail = { code: cause === '' ? code : cause, ...(responseCode === undefined ? {} : { status: responseCode }) };
  if (isCertificateFault(cause)) return untrusted(channel, cause);
  if (code === 'ETLS') return terminal('NoticeTlsRequired', `Channel ${channel}: the mail server offers no TLS, or none that can be trusted; without it nothing is sent.`, detail);
  if (responseCode === undefined || responseCode < 500) {
    // A server that offers no login to one who has it is not the one that was meant.
    return code === 'EAUTH' && responseCode === undefined ? loginRefused(channel, detail) : unavailable(channel, { detail });
  }
  if (code === 'EAUTH') return loginRefused(channel, detail);
  return terminal('NoticeRefused', `Channel ${channel}: the mail server refused the message for good: it does not take the sender, the recipient or the text.`, detail);
}

function loginRefused(channel: string, detail: Parameters<typeof terminal>[2]): Error {
  return terminal('NoticeLoginRefused', `Channel ${channel}: the mail server refused the login; put user and password of key smtpUrl in its Secret right.`, detail);
}

function readError(error: unknown): MailError {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', responseCode: undefined, cause: '' };
  const read = (from: object, key: string): unknown => (key in from ? Reflect.get(from, key) : undefined);
  const code = read(error, 'code');
  const responseCode = read(error, 'responseCode');
  return { code: word(code, 'UNKNOWN'), responseCode: typeof responseCode === 'number' ? responseCode : undefined, cause: word(read(error, 'originalCode'), '') };
}

function word(value: unknown, otherwise: string): string {
  return typeof value === 'string' && /^[A-Z0-9_]{1,64}$/.test(value) ? value : otherwise;
}
