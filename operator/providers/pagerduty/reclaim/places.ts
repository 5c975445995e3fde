import { terminal } from '../../../api/errors.ts';
import type { Place } from '../client.ts';

/**
 * Ids as PagerDuty makes them. Nothing else may become a part of an address that is written to: an empty one would
 * address everybody, `me` the token's own user, and one with a slash something else altogether.
 */
const idPattern = /^[A-Za-z0-9]{1,64}$/;

export function isPersonId(id: string): boolean {
  return idPattern.test(id) && id.toLowerCase() !== 'me';
}

/** Throws Terminal `InvalidPerson`. */
export function requirePersonId(id: string): string {
  if (isPersonId(id)) return id;
  throw terminal('InvalidPerson', 'The subscription’s externalUserId is not an id that PagerDuty gives people: refresh the subscriptions.');
}

/** A place under `/users/{id}`; throws Terminal `InvalidPerson`. */
export function personPlace(id: string, rest = ''): Place {
  return { route: `/users/{id}${rest}`, path: `/users/${requirePersonId(id)}${rest}` };
}

/** A place whose route has one id in it that PagerDuty itself named. */
export function placeOf(route: string, id: string): Place {
  return { route, path: route.replace('{id}', encodeURIComponent(id)) };
}
