import type { ProfileInput } from './input.ts';
import type { Failure } from '../../api/errors.ts';
import { connectionRefusal, isConnectionUnchanged, isValidationCurrent, validationId } from './decide-validation.ts';

/** Draft or Published, and why (S33, S34, S67–S71). */
export interface StateDecision {
  readonly state: 'Draft' | 'Published';
  readonly reason: string;
  readonly message: string;
  /** Something the user may notice happened: an event is due. */
  readonly changed: 'Published' | 'ReturnedToDraft' | undefined;
}

type DraftCheck = (input: ProfileInput) => { reason: string; message: string } | undefined;

/** What keeps a profile in Draft, the first reason first. */
const draftChecks: DraftCheck[] = [
  ({ profile }) =>
    profile.spec.publish ? undefined : { reason: 'NotRequested', message: 'spec.publish is false: set it to true to publish the profile.' },
  (input) =>
    wasActivityCleared(input) && !isValidationCurrent(input)
      ? { reason: 'ActivityCleared', message: 'Download Activity was cleared after publishing: the profile must be validated and published again.' }
      : undefined,
  (input) =>
    isValidationCurrent(input) ? undefined : { reason: 'NotValidated', message: 'The connection has not been validated yet: see ConnectionValidated.' },
  (input) =>
    input.profile.spec.publicationPolicy === 'Automatic' || input.profile.spec.confirmedValidation === validationId(input)
      ? undefined
      : {
          reason: 'AwaitingConfirmation',
          message: `Validated; set spec.confirmedValidation to ${validationId(input)} to confirm the publication.`,
        },
];

function wasActivityCleared({ profile }: ProfileInput): boolean {
  return profile.status?.publishedDownloadActivity === true && !profile.spec.downloadActivity;
}

/** The state of the profile, from what it wishes and what has been validated. */
export function decideState(input: ProfileInput): StateDecision {
  const before = input.profile.status?.state;
  for (const check of draftChecks) {
    const draft = check(input);
    if (draft !== undefined) {
      return { state: 'Draft', ...draft, changed: before === 'Published' ? 'ReturnedToDraft' : undefined };
    }
  }
  return {
    state: 'Published',
    reason: 'Published',
    message: 'The profile is published: RefreshScheduled says how its refresh jobs are.',
    changed: before === 'Published' ? undefined : 'Published',
  };
}

/** What a person may do now: Validate only shows in Draft (S71). */
export function allowedActions(input: ProfileInput, state: 'Draft' | 'Published'): string[] {
  if (input.profile.spec.suspend) return [];
  if (state === 'Published') return ['Refresh'];
  return isValidationCurrent(input) ? ['Publish', 'Validate'] : ['Validate'];
}

/**
 * Which refresh jobs there are (T16): none before the first publication or when publishing is no longer
 * wished; back in Draft those of the last publication that are still wished, so that clearing Download Activity
 * deletes that job and no other (S72).
 */
export function scheduledProcesses(input: ProfileInput, state: 'Draft' | 'Published'): ('subscriptions' | 'activity')[] {
  const { spec, status } = input.profile;
  if (state === 'Published') return spec.downloadActivity ? ['subscriptions', 'activity'] : ['subscriptions'];
  const published = status?.publishedDownloadActivity;
  if (published === undefined || !spec.publish) return [];
  return published && spec.downloadActivity ? ['subscriptions', 'activity'] : ['subscriptions'];
}

/**
 * Why no job may run now, if so: the wish to suspend, a connection that cannot or must not be used, or one that
 * nobody has validated. An alias whose token is merely being renewed suspends nothing.
 */
export function suspensionOf(input: ProfileInput): Failure | undefined {
  if (input.profile.spec.suspend) return held('Suspended', 'spec.suspend is true: no job runs and the vendor is not called.');
  const refusal = connectionRefusal(input);
  if (refusal !== undefined) return refusal;
  return isConnectionUnchanged(input) ? undefined : held('ConnectionChanged', 'The refresh jobs are suspended until the present connection is validated.');
}

/** It ends with what it waits for, which wakes the profile. */
function held(reason: string, message: string): Failure {
  return { kind: 'Waiting', reason, message, retryAfterMs: 60_000 };
}
