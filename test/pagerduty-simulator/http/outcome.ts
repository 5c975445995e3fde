import type { RouteMatch } from '../routes/table.ts';
import type { Reply } from './replies.ts';

/** Whether a request other than GET was carried out, whatever became of its answer; `unserved` = it never reached the application. */
export type Outcome = 'done' | 'refused' | 'unserved';

export function outcomeOf(method: string, reply: Reply | undefined): { outcome?: Outcome } {
  if (method === 'GET') return {};
  return { outcome: reply === undefined ? 'unserved' : reply.status < 400 ? 'done' : 'refused' };
}

/** The id of the person that a request is about. */
export function personOf(match: RouteMatch | undefined, query: URLSearchParams, reply: Reply | undefined): { person?: string } {
  if (match === undefined) return {};
  const { route, params } = match;
  if (route.pattern === '/users' && route.method === 'POST') return createdId(reply);
  const id = route.pattern.startsWith('/users/{id}') ? params['id'] : (params['user_id'] ?? query.get('user_id') ?? undefined);
  return id === undefined ? {} : { person: id };
}

function createdId(reply: Reply | undefined): { person?: string } {
  if (reply?.status !== 201 || reply.body.kind !== 'json') return {};
  const { user } = reply.body.value as { user: { id: string } };
  return { person: user.id };
}
