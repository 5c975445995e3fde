import { z } from 'zod';
import type { Person, Subscription } from '../company/company.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, CLASSIC_PAGES, listingOf } from '../http/paging.ts';
import type { Reply } from '../http/replies.ts';
import { json } from '../http/replies.ts';
import { findOwn, findUser } from './contacts.ts';

const pattern = '/users/{id}/notification_subscriptions';

/** What somebody wants to hear of. The answer has a total without being asked, as in the example. */
export const subscriptionRoutes: readonly Route[] = [
  { method: 'GET', pattern, scope: 'subscribers.read', handle: listSubscriptions },
  { method: 'POST', pattern, scope: 'subscribers.write', handle: subscribe },
];

const wish = z.object({
  subscribables: z.array(z.object({ subscribable_id: z.string().min(1), subscribable_type: z.enum(['incident', 'business_service']) })).min(1),
});

function listSubscriptions(call: Call): Reply {
  const user = findUser(call);
  return answerPage(call, 'subscriptions', {
    listing: listingOf(user.subscriptions ?? []),
    render: (one) => ({ subscription: renderSubscription(call, user, one), subscribable_name: null }),
    rules: { ...CLASSIC_PAGES, total: 'always' },
  });
}

/** Each one is told on its own: there already, or nothing that the person may see. */
function subscribe(call: Call): Reply {
  const user = findOwn(call);
  const known = [...(user.subscriptions ?? [])];
  const told = readJson(call, wish).subscribables.map(({ subscribable_id: id, subscribable_type: type }) => {
    const one: Subscription = { id, type };
    const result = known.some((other) => other.id === id && other.type === type) ? 'duplicate' : isThere(call, one) ? 'success' : 'unauthorized';
    if (result === 'success') known.push(one);
    return { ...renderSubscription(call, user, one), result };
  });
  call.account.updateUser(user.id, { subscriptions: known });
  return json({ subscriptions: told });
}

/** Business services are not simulated: any id is one. */
function isThere({ account }: Call, { id, type }: Subscription): boolean {
  return type === 'business_service' || account.company.incidents.some((incident) => incident.id === id);
}

function renderSubscription(call: Call, user: Person, { id, type }: Subscription): object {
  return { subscriber_id: user.id, subscriber_type: 'user', subscribable_id: id, subscribable_type: type, account_id: `P${call.account.company.subdomain.length}ACCT` };
}
