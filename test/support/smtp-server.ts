import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createAuthority, createCertificate } from '../control-plane/x509.ts';

/** A mail that the server has taken. */
export interface TakenMail {
  readonly from: string;
  /** Recipients of the envelope: who really gets it. */
  readonly to: readonly string[];
  readonly login: string | undefined;
  readonly isSecure: boolean;
  readonly raw: string;
}

export interface SmtpServerStart {
  /** None: plain, and no STARTTLS on offer. StartTls: on offer. Tls: from the first byte. */
  readonly tls?: 'None' | 'StartTls' | 'Tls';
  /** The only login that is taken; undefined = none is asked for. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Addresses that do not exist here: refused with 550. */
  readonly unknown?: readonly string[];
  /** Answer to the whole mail; 250 unless told. It is taken either way when `isTakenAnyway`. */
  readonly reply?: () => { readonly code: number; readonly isTakenAnyway?: boolean } | undefined;
}

export interface RunningSmtpServer {
  readonly port: number;
  readonly taken: readonly TakenMail[];
  /** How many have connected. */
  readonly connections: () => number;
  /** PEM of the authority that its certificate is of. */
  readonly certificateAuthority: string;
  close(): Promise<void>;
}

/** A real SMTP server on loopback that keeps what it takes. */
export async function startSmtpServer({ tls = 'None', login, unknown = [], reply }: SmtpServerStart = {}): Promise<RunningSmtpServer> {
  const authority = createAuthority('Test mail', Date.now());
  const { certificate, key } = createCertificate(authority, { commonName: 'mail', usage: 'server', hosts: ['localhost', '127.0.0.1'] }, Date.now());
  const taken: TakenMail[] = [];
  let connections = 0;
  const options: SMTPServerOptions = {
    secure: tls === 'Tls',
    cert: certificate,
    key,
    disabledCommands: tls === 'None' ? ['STARTTLS'] : [],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    closeTimeout: 100,
    logger: false,
    onConnect(_session, callback) {
      connections += 1;
      callback();
    },
    onAuth({ username, password }, _session, callback) {
      const isKnown = login !== undefined && username === login.user && password === login.password;
      callback(isKnown ? null : new Error('no such user or password'), isKnown ? { user: login.user } : undefined);
    },
    onRcptTo({ address }, _session, callback) {
      callback(unknown.includes(address) ? refusal(550, `no mailbox ${address}`) : null);
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const answer = reply?.();
        const mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          login: typeof session.user === 'string' ? session.user : undefined,
          isSecure: session.secure,
          raw: Buffer.concat(chunks).toString('utf8'),
        };
        if (answer === undefined || answer.isTakenAnyway === true) taken.push(mail);
        callback(answer === undefined ? null : refusal(answer.code, `no: ${mail.to.join()}`));
      });
    },
  };
  const server = new SMTPServer(options);
  // Clients that give up on the certificate are what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.server.address() as AddressInfo;
  const close = async (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
    });
  return { port, taken, connections: () => connections, certificateAuthority: authority.certificate, close };
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}

/** Header fields of a mail, folded lines put together; a name that comes twice has two values. */
export function headersOf(raw: string): Map<string, string[]> {
  const head = raw.split('\r\n\r\n')[0] ?? '';
  const fields = new Map<string, string[]>();
  for (const line of head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    fields.set(name, [...(fields.get(name) ?? []), line.slice(line.indexOf(':') + 1).trim()]);
  }
  return fields;
}

/** Text of a mail of one part, decoded. */
export function textOf(raw: string): string {
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  const encoding = headersOf(raw).get('content-transfer-encoding')?.[0]?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8').replaceAll('\r\n', '\n');
  if (encoding !== 'quoted-printable') return body.replaceAll('\r\n', '\n');
  const bytes = body.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}
