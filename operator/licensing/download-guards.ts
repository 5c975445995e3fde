import type { Failure } from '../api/errors.ts';
import { group } from '../api/group.ts';

/** Shrinking by no more subscriptions than this is never held. */
export const harmlessDeletions = 10;
/** Largest share of the stored subscriptions that one refresh may delete. */
export const largestShrink = 0.5;
/** Set on a profile to the vendor's own number of subscriptions, to let a refresh delete more than half. */
export const acceptShrinkAnnotation = `${group}/accept-shrink`;

/** Sizes of a complete download beside what is stored. */
export interface DownloadSizes {
  /** Subscriptions that the vendor has. */
  readonly total: number;
  readonly stored: number;
  readonly deletions: number;
}

/**
 * Why a complete download must still not be carried out (guards 5 and 6), or undefined. An account always
 * has at least its owner, so an empty list is a fault of the token or the vendor. A list that would delete
 * more than half, and more than ten, is held until a person confirms the vendor's number on the profile.
 * @param accepted value of the accept-shrink annotation.
 */
export function refuseDownload(sizes: DownloadSizes, accepted: string | undefined): Failure | undefined {
  if (sizes.total === 0 && sizes.stored > 0) {
    return {
      kind: 'Terminal',
      reason: 'EmptyDownload',
      message:
        'The vendor listed nobody although subscriptions are stored, so nothing was changed. Check that the token belongs to the right account and may read its users.',
    };
  }
  // Nobody of those stored is left: another account, however small; a vendor's ids are never used again.
  const isReplaced = sizes.stored > 1 && sizes.deletions >= sizes.stored;
  const shrinks = isReplaced || (sizes.deletions > harmlessDeletions && sizes.deletions > sizes.stored * largestShrink);
  if (!shrinks || accepted === String(sizes.total)) return undefined;
  return {
    kind: 'Terminal',
    reason: 'SuspiciousShrink',
    message: `The vendor lists ${sizes.total} subscriptions, which would delete more than half of those stored, so nothing was changed. If that is right, annotate the profile with ${acceptShrinkAnnotation}: "${sizes.total}".`,
  };
}

/** Set on a profile to the number of unknown people, to let an activity refresh pass that saw mostly people who left. */
export const acceptUnknownPeopleAnnotation = `${group}/accept-unknown-people`;

/** People of whom activity was seen. */
export interface ObservedPeople {
  readonly observed: number;
  /** Those of them who have a subscription. */
  readonly known: number;
}

/**
 * Why activity that was pulled whole must still not be believed, or undefined: when most of the people who were
 * active are not among the subscriptions, it is the activity of another account, in which everybody of ours would
 * look inactive (guard 6).
 * @param accepted value of the accept-unknown-people annotation.
 */
export function refuseActivity({ observed, known }: ObservedPeople, accepted: string | undefined): Failure | undefined {
  const unknown = observed - known;
  if (known * 2 >= observed || accepted === String(unknown)) return undefined;
  return {
    kind: 'Terminal',
    reason: 'PeopleNotKnown',
    message: `Of ${observed} active people, ${unknown} have no subscription, so nothing was changed. Check that the token belongs to the account of the subscriptions; if they left the company, annotate the profile with ${acceptUnknownPeopleAnnotation}: "${unknown}".`,
  };
}
