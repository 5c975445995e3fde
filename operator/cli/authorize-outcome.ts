import type { ConnectionAlias } from '../api/connection-alias.ts';

/** How an attempt to authorize ended, as the alias's status tells; undefined while it is open. */
export interface AuthorizeOutcome {
  readonly kind: 'Authorized' | 'Denied' | 'AccountMismatch' | 'Failed';
  /** What to do, unless all is well. */
  readonly message: string;
}

/** What is remembered of the alias from before. */
export interface Before {
  readonly authorizedAt: string | undefined;
}

/** The state that a URL asks the vendor to send back. */
export function stateOf(url: string): string | undefined {
  return URL.parse(url)?.searchParams.get('state') ?? undefined;
}

/**
 * Reads the outcome of the attempt that was made with the URL of this state. The operator takes the URL out of status
 * in the same write that says how it ended.
 */
export function readOutcome({ status }: ConnectionAlias, state: string, before: Before): AuthorizeOutcome | undefined {
  const authorization = status?.authorization;
  const condition = status?.conditions?.find(({ type }) => type === 'Authorized');
  if (authorization === undefined || condition === undefined || condition.status === 'Unknown' || isOpen(authorization, state)) return undefined;
  const message = condition.status === 'False' ? condition.message : 'An earlier consent goes on being used.';
  return { kind: kindOf(authorization, before), message };
}

type Authorization = NonNullable<NonNullable<ConnectionAlias['status']>['authorization']>;

function kindOf({ state, authorizedAt }: Authorization, before: Before): AuthorizeOutcome['kind'] {
  if (state === 'Denied') return 'Denied';
  if (state === 'Refused') return 'AccountMismatch';
  return authorizedAt !== undefined && authorizedAt !== before.authorizedAt ? 'Authorized' : 'Failed';
}

function isOpen({ url }: { readonly url?: string | undefined }, state: string): boolean {
  return url !== undefined && stateOf(url) === state;
}

/** Why the operator shows no URL, in its own words. */
export function explainSilence({ status }: ConnectionAlias): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready === undefined) return 'The operator has not looked at the ConnectionAlias: is it running, and does it watch this namespace?';
  if (ready.reason === 'NotUsed') return 'No IntegrationProfile uses the ConnectionAlias, so it is not known what to consent to: create one first.';
  return `The operator shows no address to open: ${ready.message}`;
}
