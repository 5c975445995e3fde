import type { Session, TokenScheme } from '../provider.ts';
import { request, type HttpRequest } from './http.ts';
import { parseSettings } from './settings.ts';
import type { Throttles } from './throttle.ts';
import type { Transport } from './transport.ts';

/** What the provider value holds for all its users. */
export interface Equipment {
  readonly transport: Transport;
  readonly throttles: Throttles;
}

export type Query = readonly (readonly [name: string, value: string])[];

/** Reads the REST API with one session's token, in the budget of its credential. */
export interface Client {
  readonly session: Session;
  /** The answer as JSON. `signal` ends this one request, beside the session's own. */
  get(route: string, query: Query, signal?: AbortSignal): Promise<unknown>;
  /** The answer to a question that PagerDuty takes by POST and that changes nothing, so it may be asked again (facts/pagerduty.md 4.2). */
  ask(route: string, body: Readonly<Record<string, unknown>>): Promise<unknown>;
}

export const userAgent = 'saas-license-operator';

/** What comes before the token in the Authorization header (facts/pagerduty.md 1.1). */
const prefixes = { Bearer: 'Bearer ', ApiToken: 'Token token=' } as const satisfies Record<TokenScheme, string>;

/** Throws Terminal `InvalidSettings`. */
export function createClient(session: Session, { transport, throttles }: Equipment): Client {
  const { endpoints } = parseSettings(session.settings);
  const { token } = session;
  const lane = throttles.lane(session.credentialId, session.clock);

  async function send(call: Pick<HttpRequest, 'method' | 'route' | 'json'>, search: string, signal: AbortSignal): Promise<unknown> {
    const { json } = await request(
      {
        ...call,
        scheme: token.scheme,
        url: `${endpoints.api}${call.route}${search}`,
        headers: {
          accept: 'application/vnd.pagerduty+json;version=2',
          'content-type': 'application/json',
          'user-agent': userAgent,
          authorization: `${prefixes[token.scheme]}${token.value.reveal()}`,
        },
      },
      { clock: session.clock, random: session.random, onRequest: session.onRequest, signal, transport, lane },
    );
    return json;
  }

  return {
    session,
    async get(route, query, signal = session.signal) {
      const search = query.length === 0 ? '' : `?${new URLSearchParams(query.map(([name, value]) => [name, value])).toString()}`;
      return send({ method: 'GET', route }, search, signal);
    },
    async ask(route, body) {
      return send({ method: 'POST', route, json: body }, '', session.signal);
    },
  };
}

/**
 * True when the token may have the scope. An API token has none listed, its role decides; the scopes of Classic
 * OAuth are just `read` and `write`, and what they open is PagerDuty's to say (facts/pagerduty.md 1.1, 11).
 */
export function mayUse(session: Session, scope: string): boolean {
  const { scopes } = session.token;
  return scopes === undefined || scopes.includes(scope) || scopes.includes('read') || scopes.includes('write');
}
