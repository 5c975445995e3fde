import type { Session } from '../provider.ts';
import { request } from './http.ts';
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
}

export const userAgent = 'saas-license-operator';

/** Throws Terminal `InvalidSettings`. */
export function createClient(session: Session, { transport, throttles }: Equipment): Client {
  const { endpoints } = parseSettings(session.settings);
  const { token } = session;
  const lane = throttles.lane(session.credentialId, session.clock);
  return {
    session,
    async get(route, query, signal = session.signal) {
      const text = query.length === 0 ? '' : `?${new URLSearchParams(query.map(([name, value]) => [name, value])).toString()}`;
      const scheme = token.scheme === 'ApiToken' ? 'Token token=' : 'Bearer ';
      const { json } = await request(
        {
          method: 'GET',
          route,
          scheme: token.scheme,
          url: `${endpoints.api}${route}${text}`,
          headers: {
            accept: 'application/vnd.pagerduty+json;version=2',
            'content-type': 'application/json',
            'user-agent': userAgent,
            authorization: `${scheme}${token.value.reveal()}`,
          },
        },
        { clock: session.clock, random: session.random, onRequest: session.onRequest, signal, transport, lane },
      );
      return json;
    },
  };
}

/** True when the token may have the scope: an API token has none listed, its role decides. */
export function mayUse(session: Session, scope: string): boolean {
  return session.token.scopes === undefined || session.token.scopes.includes(scope);
}
