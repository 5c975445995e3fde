import type { Credential } from '../auth/credentials.ts';
import { authorize } from '../auth/credentials.ts';
import type { Core } from '../core.ts';
import type { Fault } from '../faults/rules.ts';
import type { RouteMatch } from '../routes/table.ts';
import { couldNotLock } from './account-lock.ts';
import type { Route } from './call.ts';
import type { Reply } from './replies.ts';
import { apiError, missingAbility, notFound, Refusal } from './replies.ts';

export interface Authenticated {
  readonly match: RouteMatch | undefined;
  readonly who: Credential;
  readonly url: URL;
  readonly method: string;
  readonly body: string;
  readonly from: string | undefined;
  /** Another change of users is under way. */
  readonly locked: boolean;
  readonly fault: Fault | undefined;
}

/** What PagerDuty would say to somebody it knows: rate limit, scope, plan, then the operation itself. */
export function answer(core: Core, request: Authenticated): Reply {
  const { match, who } = request;
  const now = core.clock.now();
  const taken = core.rateLimiter.take({ budget: who.budget, oncalls: match?.route.oncalls === true, now });
  const reply = taken.refused ?? refusal(core, request) ?? (request.locked ? apiError(couldNotLock()) : undefined) ?? handle(core, request, now);
  return { ...reply, headers: { ...taken.headers, ...reply.headers } };
}

function refusal(core: Core, { match, who, method }: Authenticated): Reply | undefined {
  const { settings } = core;
  const scope = match?.route.scope ?? null;
  const denied = authorize(who, method, typeof scope === 'function' ? scope(settings) : scope, settings);
  if (denied !== undefined) return denied;
  return match === undefined || planHas(core, match.route) ? undefined : apiError(missingAbility());
}

function planHas({ settings, account }: Core, { ability, plan }: Route): boolean {
  return (ability === undefined || account.company.abilities.includes(ability)) && (plan === undefined || settings[plan]);
}

function handle(core: Core, request: Authenticated, now: number): Reply {
  const { match, who, url, body, from, fault } = request;
  if (match === undefined) return apiError(notFound);
  const { account, settings, zones, memory } = core;
  try {
    return match.route.handle({ params: match.params, query: url.searchParams, body, from, credential: who, account, settings, zones, now, fault, memory });
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}
