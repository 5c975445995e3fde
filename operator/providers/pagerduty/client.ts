import { createStriker } from '../../api/strike-secrets.ts';
import type { Session, TokenScheme } from '../provider.ts';
import { tryRequest, type HttpAnswer, type HttpRequest, type Refusal } from './http.ts';
import { parseSettings } from './settings.ts';
import type { Throttles } from './throttle.ts';
import type { Transport } from './transport.ts';
import { writeOnce, type WriteOutcome, type WriteRequest } from './write.ts';

/** What the provider value holds for all its users. */
export interface Equipment {
  readonly transport: Transport;
  readonly throttles: Throttles;
}

export type Query = readonly (readonly [name: string, value: string])[];

/** Where a question goes whose path has ids in it. */
export interface Place {
  /** Without ids, such as `/users/{id}`: a bounded label. */
  readonly route: string;
  /** With them, each one encoded. */
  readonly path: string;
}

/** Reads the REST API with one session's token, in the budget of its credential. */
export interface Client {
  readonly session: Session;
  /** The answer as JSON. `signal` ends this one request, beside the session's own. */
  get(place: string | Place, query: Query, signal?: AbortSignal): Promise<unknown>;
  /** As `get`, but hands back what PagerDuty refused outright, for a caller that looks into it. */
  tryGet(place: Place, query: Query): Promise<HttpAnswer | Refusal>;
  /** The answer to a question that PagerDuty takes by POST and that changes nothing, so it may be asked again (facts/pagerduty.md 4.2). */
  ask(route: string, body: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Changes something: exactly one exchange, as `writeOnce` (guard 4). */
  write(change: Change): Promise<WriteOutcome>;
}

export interface Change extends Pick<WriteRequest, 'method' | 'json'> {
  readonly place: Place;
  /** Address of the header `From`, where PagerDuty wants one (facts/pagerduty.md 1.8). */
  readonly from?: string;
}

export const userAgent = 'saas-license-operator';

/** What comes before the token in the Authorization header (facts/pagerduty.md 1.1). */
const prefixes = { Bearer: 'Bearer ', ApiToken: 'Token token=' } as const satisfies Record<TokenScheme, string>;

/** Throws Terminal `InvalidSettings`. */
export function createClient(session: Session, { transport, throttles }: Equipment): Client {
  const { endpoints } = parseSettings(session.settings);
  const { token } = session;
  const striker = createStriker([token.value]);
  const lane = throttles.lane(session.credentialId, session.clock);
  const contextFor = (signal: AbortSignal) => ({ clock: session.clock, random: session.random, onRequest: session.onRequest, signal, transport, lane });

  function address({ route, path }: Place, query: Query): Pick<WriteRequest, 'route' | 'scheme' | 'url' | 'headers' | 'striker'> {
    const search = query.length === 0 ? '' : `?${new URLSearchParams(query.map(([name, value]) => [name, value])).toString()}`;
    return {
      route,
      scheme: token.scheme,
      striker,
      url: `${endpoints.api}${path}${search}`,
      headers: {
        accept: 'application/vnd.pagerduty+json;version=2',
        'content-type': 'application/json',
        'user-agent': userAgent,
        authorization: `${prefixes[token.scheme]}${token.value.reveal()}`,
      },
    };
  }

  async function send(call: HttpRequest, signal = session.signal): Promise<unknown> {
    const result = await tryRequest(call, contextFor(signal));
    if ('error' in result) throw result.error;
    return result.json;
  }

  return {
    session,
    get: (place, query, signal) => send({ method: 'GET', ...address(asPlace(place), query) }, signal),
    tryGet: (place, query) => tryRequest({ method: 'GET', ...address(place, query) }, contextFor(session.signal)),
    ask: (route, body) => send({ method: 'POST', ...address(asPlace(route), []), json: body }),
    async write({ method, place, json, from }) {
      const { headers, ...call } = address(place, []);
      const request = { ...call, method, headers: from === undefined ? headers : { ...headers, from } };
      return writeOnce(json === undefined ? request : { ...request, json }, { ...contextFor(session.signal), mayWrite: session.mayWrite });
    },
  };
}

function asPlace(place: string | Place): Place {
  return typeof place === 'string' ? { route: place, path: place } : place;
}

/**
 * True when the token may have the scope. An API token has none listed, its role decides; the scopes of Classic
 * OAuth are just `read` and `write`, and what they open is PagerDuty's to say (facts/pagerduty.md 1.1, 11).
 */
export function mayUse(session: Session, scope: string): boolean {
  const { scopes } = session.token;
  return scopes === undefined || scopes.includes(scope) || scopes.includes('read') || scopes.includes('write');
}
