import type { Person } from '../company/company.ts';
import type { Call } from '../http/call.ts';
import { invalidInput, refuse } from '../http/replies.ts';

/** The moment that analytics show, and how times are written in a question's zone. */
export interface Moment {
  readonly asOf: number;
  /** Who was there. */
  readonly people: readonly Person[];
  readonly signInCounts: 'web' | 'web-and-mobile';
  /** Wall-clock time without a zone (facts 4.2). */
  write(at: number): string;
  /** A time of the question; without a zone it is in the question's. Not a time: 400. */
  read(text: string | undefined): number | undefined;
}

/** Analytics are made anew once in `analyticsLagHours`: what came later is not in them yet, and who was deleted since still is. */
export function makeMoment({ now, settings, account, zones }: Call, zone: string): Moment {
  if (!zones.isKnown(zone)) refuse(invalidInput('time_zone is not a valid time zone.'));
  const lag = settings.analyticsLagHours * 3_600_000;
  const asOf = lag === 0 ? now : Math.floor(now / lag) * lag;
  return {
    asOf,
    people: [...account.company.users, ...account.departures.since(asOf)].filter(({ createdAt }) => createdAt <= asOf),
    signInCounts: settings.signInCounts,
    write: (at) => new Date(at + zones.offsetMs(zone, at)).toISOString().slice(0, 19),
    read(text) {
      if (text === undefined) return undefined;
      const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(text);
      const at = Date.parse(zoned ? text : `${text.includes('T') ? text : `${text}T00:00`}Z`);
      if (Number.isNaN(at)) refuse(invalidInput('A time of the filters is not valid.'));
      return zoned ? at : zones.instantOf(zone, at);
    },
  };
}

/** Undefined = never, as far as analytics know. */
export function lastSignIn(user: Person, { asOf, signInCounts }: Moment): number | undefined {
  const all = signInCounts === 'web' ? user.webSignIns : [...user.webSignIns, ...user.mobileSignIns];
  const known = all.filter((at) => at <= asOf);
  return known.length === 0 ? undefined : Math.max(...known);
}
