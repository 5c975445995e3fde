import type { Credential } from '../auth/credentials.ts';
import { authorize } from '../auth/credentials.ts';
import type { Core } from '../core.ts';
import type { Fault } from '../faults/rules.ts';
import type { RouteMatch } from '../routes/table.ts';
import type { Reply } from './replies.ts';
import { apiError, missingAbility, notFound, Refusal } from './replies.ts';

export interface Authenticated {
  readonly match: RouteMatch | undefined;
  readonly who: Credential;
  readonly url: URL;
  readonly method: string;
  readonly fault: Fault | undefined;
}

/** What PagerDuty would say to somebody it knows: rate limit, scope, plan, then the operation itself. */
export function answer(core: Core, request: Authenticated): Reply {
  const { match, who } = request;
  const now = core.clock.now();
  const taken = core.rateLimiter.take({ budget: who.budget, oncalls: match?.route.oncalls === true, now });
  const reply = taken.refused ?? refusal(core, request) ?? handle(core, request, now);
  return { ...reply, headers: { ...taken.headers, ...reply.headers } };
}

function refusal({ settings, account }: Core, { match, who, method }: Authenticated): Reply | undefined {
  const scope = match?.route.scope ?? null;
  const denied = authorize(who, method, typeof scope === 'function' ? scope(settings) : scope, settings);
  if (denied !== undefined) return denied;
  const ability = match?.route.ability;
  return ability === undefined || account.company.abilities.includes(ability) ? undefined : apiError(missingAbility());
}

function handle(core: Core, { match, who, url, fault }: Authenticated, now: number): Reply {
  if (match === undefined) return apiError(notFound);
  const { account, settings, zones, memory } = core;
  try {
    return match.route.handle({ params: match.params, query: url.searchParams, credential: who, account, settings, zones, now, fault, memory });
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}
