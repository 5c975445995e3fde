import { hostOf, isHost } from './allowed-hosts.ts';

/** A mail server and how to log in to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; else by STARTTLS. */
  readonly isSecure: boolean;
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

const defaultPorts: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };

/**
 * Reads `smtp://` and `smtps://`. Undefined for anything else, a query among it: nodemailer takes options from there, such as to
 * trust any certificate or to go through a proxy.
 */
export function readSmtpUrl(text: string): SmtpServer | undefined {
  const url = URL.parse(text);
  const defaultPort = url === null ? undefined : defaultPorts[url.protocol];
  if (url === null || defaultPort === undefined || !isHost(hostOf(url))) return undefined;
  if (url.search !== '' || url.hash !== '' || !/^\/?$/.test(url.pathname)) return undefined;
  const login = readLogin(url);
  if (login === 'Malformed') return undefined;
  return { host: hostOf(url), port: url.port === '' ? defaultPort : Number(url.port), isSecure: url.protocol === 'smtps:', login };
}

function readLogin({ username, password }: URL): SmtpServer['login'] | 'Malformed' {
  if (username === '' && password === '') return undefined;
  try {
    const login = { user: decodeURIComponent(username), password: decodeURIComponent(password) };
    return login.user === '' || /[\0\r\n]/.test(login.user + login.password) ? 'Malformed' : login;
  } catch {
    return 'Malformed';
  }
}
