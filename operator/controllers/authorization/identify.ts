import { toFailure } from '../../api/errors.ts';
import type { GrantIdentity } from '../../providers/provider.ts';
import { callVendor, providerContext } from '../vendor-call.ts';
import { credentialIdOf } from '../hash.ts';
import { refusedAttempt } from './attempts.ts';
import { isExpectedAccount, type AuthorizationDependencies, type Parties } from './parties.ts';
import { listOf, spend } from './pending.ts';
import type { Grant, RecordChange } from './record.ts';
import { persist } from './store.ts';

/** Asks the vendor whose token it is (S60, S61); undefined when it does not tell. */
export async function identify(
  { alias, provider, spec }: Pick<Parties, 'alias' | 'provider' | 'spec'>,
  grant: Grant,
  dependencies: AuthorizationDependencies,
  signal: AbortSignal,
): Promise<GrantIdentity | undefined> {
  const token = { value: grant.accessToken, scheme: 'Bearer', scopes: grant.scopes } as const;
  const session = { ...providerContext(provider, spec, dependencies), token, credentialId: credentialIdOf(alias) };
  return callVendor(signal, (callSignal) => provider.consent.identify({ ...session, signal: callSignal }));
}

/**
 * Asks whose the candidate is, and keeps it as the grant or forgets it (S61); the first of several that is of the account is kept, and the
 * others go. Throws what asking fails with, and then nothing has changed.
 */
export async function checkCandidate(
  parties: Parties,
  candidate: Grant,
  dependencies: AuthorizationDependencies,
  signal: AbortSignal,
): Promise<'Kept' | 'Refused' | 'Replaced'> {
  const identity = await askOrRefuse(parties, candidate, dependencies, signal);
  const isKept = identity !== 'Foreign' && isExpectedAccount(identity?.account, parties.account);
  let isReplaced = false;
  await persist(
    parties.alias,
    (record) => {
      const { candidates = [], grant } = record;
      isReplaced = grant?.id !== candidate.id && !candidates.some(({ id }) => id === candidate.id);
      if (isReplaced || grant?.id === candidate.id) return undefined;
      if (isKept) return { ...spend(record), ...inUse(withIdentity(candidate, identity)) };
      return { candidates: listOf(candidates.filter(({ id }) => id !== candidate.id)), attempt: refusedAttempt(parties.account, dependencies.clock.now()) };
    },
    dependencies,
  );
  if (!isKept) return 'Refused';
  return isReplaced ? 'Replaced' : 'Kept';
}

/** A grant takes the place of whatever was there. */
export function inUse(grant: Grant): RecordChange {
  return { grant, candidates: undefined, rotation: undefined, attempt: undefined };
}

/** A token that was issued just now and is not taken belongs elsewhere: to an account of another region (facts/pagerduty.md 1.7). */
async function askOrRefuse(
  parties: Parties,
  candidate: Grant,
  dependencies: AuthorizationDependencies,
  signal: AbortSignal,
): Promise<GrantIdentity | 'Foreign' | undefined> {
  try {
    return await identify(parties, candidate, dependencies, signal);
  } catch (error) {
    if (toFailure(error).reason === 'TokenRejected') return 'Foreign';
    throw error;
  }
}

export function withIdentity(grant: Grant, identity: GrantIdentity | undefined): Grant {
  return {
    ...grant,
    account: identity?.account ?? grant.account,
    userId: identity?.userId ?? grant.userId,
    role: identity?.role ?? grant.role,
    isIdentified: true,
  };
}
