import { isIP, isIPv4 } from 'node:net';
import { terminal } from '../api/errors.ts';

/**
 * Hosts that notices may go to. Whoever may write a Secret in a namespace names the hosts, so without such a list the operator could be
 * made to talk to anything that it can reach (SSRF); with an empty list nothing is connected to.
 */
export interface HostGate {
  /** Throws Terminal `NoticeHostNotAllowed`; the message names the channel and never the host, which is of a Secret. */
  check(target: Target): Passage;
}

export interface Target {
  /** Name of the channel. */
  readonly channel: string;
  readonly host: string;
  readonly port: number;
  /** Ports that the protocol of the channel usually has. */
  readonly usualPorts: readonly number[];
}

export interface Passage {
  /** On this machine: nobody listens on the way, so that TLS is not needed. */
  readonly isTrusted: boolean;
}

interface AllowedHost {
  /** Without the `*`; begins with a dot when it is a suffix. */
  readonly name: string;
  readonly isSuffix: boolean;
  /** Undefined: the usual ports, and on loopback any. */
  readonly port: number | undefined;
}

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const hostName = new RegExp(`^(${label}\\.)*${label}$`);
/** `*.com` would allow nearly anything. */
const suffix = new RegExp(`^\\*\\.(${label}\\.)+${label}$`);

/** `HOST`, `HOST:PORT`, `*.SUFFIX` or `*.SUFFIX:PORT`; an IPv6 address stands in brackets. Undefined when it is none of them. */
function readAllowedHost(text: string): AllowedHost | undefined {
  const parts = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text.toLowerCase());
  const [, written = '', digits] = parts ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  if (suffix.test(written) && isHost(written.slice(2))) return { name: written.slice(1), isSuffix: true, port };
  const name = written.replace(/^\[|\]$/g, '');
  return isHost(name) ? { name, isSuffix: false, port } : undefined;
}

/** What is wrong with a host that is to be allowed; undefined when nothing is. */
export function checkAllowedHost(text: string): string | undefined {
  if (readAllowedHost(text) !== undefined) return undefined;
  return 'must be a host such as smtp.example.com, a suffix of at least two labels such as *.example.com, or one of them with :PORT; https:// and paths do not belong there';
}

/**
 * The gate of these hosts; those that `checkAllowedHost` finds fault with allow nothing.
 * @param trustsLoopback false: loopback is a host like any other, as the tests of TLS want it.
 */
export function createHostGate(hosts: readonly string[], trustsLoopback = true): HostGate {
  const allowed = hosts.map((text) => readAllowedHost(text)).filter((host) => host !== undefined);
  return {
    check({ channel, host, port, usualPorts }) {
      const isLoopback = isLoopbackHost(host);
      const passes = allowed.some((entry) => isMatch(entry, host) && isPortAllowed(entry, port, isLoopback ? [port] : usualPorts));
      if (!passes) throw refuse(channel);
      return { isTrusted: isLoopback && trustsLoopback };
    },
  };
}

function isMatch({ name, isSuffix }: AllowedHost, host: string): boolean {
  // An address has no suffix that means anything.
  return isSuffix ? isIP(host) === 0 && host.endsWith(name) : host === name;
}

function isPortAllowed(entry: AllowedHost, port: number, usualPorts: readonly number[]): boolean {
  return entry.port === undefined ? usualPorts.includes(port) : entry.port === port;
}

function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function refuse(channel: string): Error {
  return terminal(
    'NoticeHostNotAllowed',
    `Channel ${channel}: the host or the port in its Secret is not among those that notices may go to; whoever runs the operator adds it with --allow-notice-host (notice.allowedHosts of the chart).`,
  );
}

/** Whether it is a name or address of a host, in lower case, and nothing that a resolver reads in a way of its own. */
export function isHost(host: string): boolean {
  if (isIP(host) !== 0) return true;
  // The last label of a name is never a number: 127.1 and 0x7f.1 are addresses to some resolvers.
  return host.length <= 253 && hostName.test(host) && !/(^|\.)(0x[0-9a-f]*|\d+)$/.test(host);
}

/** Host of a URL: lower case, without the brackets of an IPv6 address and without a last dot. */
export function hostOf({ hostname }: URL): string {
  return hostname.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
