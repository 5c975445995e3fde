import type { StoredAs } from '../../licensing/position/workbench.ts';
import { refreshTexts } from '../../licensing/refresh-runs.ts';
import type { RecordedProfile } from './snapshot-schema.ts';

/** Profiles that are named in one note. */
const maxNames = 5;

interface Told {
  readonly name: string;
  readonly storedAs?: StoredAs | undefined;
}

/** How a profile was stored when it was read; undefined = all of it at one time, as after a refresh that ended well. */
export function storedAs({ refreshing, refresh }: Pick<RecordedProfile, 'refreshing' | 'refresh'>): StoredAs | undefined {
  if (refreshing === true) return 'Refreshing';
  if (refresh?.subscriptions?.halfWritten === true) return 'HalfWritten';
  return refreshing === undefined ? 'NotSeen' : undefined;
}

/** Profiles whose figures may be of two halves, in the operator's words; it counts and judges nobody of them. */
export function noteMixed(profiles: readonly Told[]): string[] {
  return profiles.flatMap((profile) => {
    if (profile.storedAs === 'Refreshing') return [`Profile ${profile.name}: ${refreshTexts.running} The operator counts nothing until then; figures of it may be wrong.`];
    if (profile.storedAs === 'HalfWritten') return [`Profile ${profile.name}: ${refreshTexts.halfWritten} The operator counts nothing until then; figures of it may be wrong.`];
    return [];
  });
}

/** Profiles of which it could not be seen whether a refresh was running: that must not pass for none. */
export function noteUnseen(profiles: readonly Told[]): string[] {
  const names = profiles.filter((profile) => profile.storedAs === 'NotSeen').map(({ name }) => name);
  if (names.length === 0) return [];
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  return [
    `Whether a refresh of the subscriptions of ${names.slice(0, maxNames).join(', ')}${more} was running could not be seen, as that takes the right to list Jobs (the roles saas-license-operator-user and view have it). While one runs, what is stored is of two times.`,
  ];
}
