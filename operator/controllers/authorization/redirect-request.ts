import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { SecretValue } from '../../api/secret-value.ts';
import { aliasUidOf } from './pending.ts';
import type { PageKind } from './pages.ts';
import type { Redirect } from './record.ts';

/** What of a request counts; everything else is not looked at. */
export interface RawRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  readonly headers: { readonly 'content-length'?: string | undefined; readonly 'transfer-encoding'?: string | undefined };
}

export type ReadRequest = { readonly kind: 'Redirect'; readonly redirect: Redirect } | { readonly kind: 'Refused'; readonly page: PageKind };

const longestUrl = 6144;
/** An Ingress may serve it below a path of its own. */
const path = /^(\/[A-Za-z0-9._~-]+){0,16}\/oauth_redirect\.do$/;
const printable = /^[\x21-\x7e]{1,2048}$/;

/**
 * Reads a redirect of the vendor, or why it is none. Anybody can send anything here: nothing is kept, nothing is
 * repeated, and only a GET without a body counts, so that a link preview's HEAD uses nothing up.
 */
export function readRequest({ method, url = '', headers }: RawRequest): ReadRequest {
  if (url.length > longestUrl) return refused('Unknown');
  const question = url.indexOf('?');
  const [pathname, query] = question === -1 ? [url, ''] : [url.slice(0, question), url.slice(question + 1)];
  if (!path.test(pathname)) return refused('NotFound');
  if (method !== 'GET') return refused('MethodNotAllowed');
  if (Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined) return refused('Unknown');
  return readQuery(new URLSearchParams(query));
}

function readQuery(query: URLSearchParams): ReadRequest {
  const [state, code, error] = ['state', 'code', 'error'].map((name) => readOnce(query, name));
  if (state === null || code === null || error === null || (code === undefined && error === undefined)) return refused('Unknown');
  return { kind: 'Redirect', redirect: { state, code: code === undefined ? undefined : new SecretValue(code), error } };
}

/** Null for a parameter that comes twice, or that no authorization server would send (RFC 6749, 3.1). */
function readOnce(query: URLSearchParams, name: string): string | undefined | null {
  const values = query.getAll(name);
  const [value] = values;
  if (value === undefined) return undefined;
  return values.length === 1 && printable.test(value) ? value : null;
}

function refused(page: PageKind): ReadRequest {
  return { kind: 'Refused', page };
}

/** The cached aliases, as far as a redirect needs them. */
export interface KnownAliases {
  byUid(uid: string): ConnectionAlias | undefined;
  all(): readonly ConnectionAlias[];
}

export type FoundAlias = { readonly kind: 'Found'; readonly alias: ConnectionAlias } | { readonly kind: 'Refused'; readonly page: PageKind };

/**
 * The alias that a redirect is for. Only one whose status shows a URL to open may cause a read of the API server; a
 * redirect without a state (facts/pagerduty.md 11) is for the only one that does, if there is only one.
 */
export function findAlias({ state }: Redirect, known: KnownAliases): FoundAlias {
  if (state === undefined) return findOnlyWaiting(known);
  const uid = aliasUidOf(state);
  if (uid === undefined) return { kind: 'Refused', page: 'Unknown' };
  const alias = known.byUid(uid);
  if (alias === undefined || alias.metadata.deletionTimestamp !== undefined) return { kind: 'Refused', page: 'AliasGone' };
  if (isWaiting(alias)) return { kind: 'Found', alias };
  return { kind: 'Refused', page: alias.status?.authorization?.state === 'Authorized' ? 'Replayed' : 'Expired' };
}

function findOnlyWaiting(known: KnownAliases): FoundAlias {
  const waiting = known.all().filter(isWaiting);
  const [only] = waiting;
  return only === undefined || waiting.length > 1 ? { kind: 'Refused', page: 'Unknown' } : { kind: 'Found', alias: only };
}

function isWaiting({ metadata, status }: ConnectionAlias): boolean {
  return status?.authorization?.url !== undefined && metadata.deletionTimestamp === undefined;
}
