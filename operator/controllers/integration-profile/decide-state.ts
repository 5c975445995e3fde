import type { ProfileInput } from './input.ts';
import { isConnectionUnchanged, isValidationCurrent, validationId } from './decide-validation.ts';

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
    message: 'The profile is published; its refresh jobs are scheduled.',
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
 * wished; in Draft after Download Activity was cleared or while validation is repeated, subscriptions only.
 */
export function scheduledProcesses(input: ProfileInput, state: 'Draft' | 'Published'): ('subscriptions' | 'activity')[] {
  const { spec, status } = input.profile;
  if (state === 'Published') return spec.downloadActivity ? ['subscriptions', 'activity'] : ['subscriptions'];
  const wasPublished = status?.publishedDownloadActivity !== undefined;
  return wasPublished && spec.publish ? ['subscriptions'] : [];
}

/** Why scheduled jobs must not run now, if so: the wish to suspend, or a connection that nobody has validated. */
export function suspensionReason(input: ProfileInput): 'Suspended' | 'ConnectionChanged' | undefined {
  if (input.profile.spec.suspend) return 'Suspended';
  return isConnectionUnchanged(input) ? undefined : 'ConnectionChanged';
}
