import { comparableAddress, isOtherAddress } from '../../api/address.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';

export { isOtherAddress } from '../../api/address.ts';

type Subject = Pick<RemovalCandidate['spec']['subject'], 'externalUserId' | 'userPrincipalName'>;
type Person = Pick<SoftwareSubscription['spec'], 'externalUserId'> & { readonly userPrincipalName?: string | undefined };

/**
 * Whether the subscription still is the seat of the person whom the candidate is about: the same id at the vendor and the same address there,
 * without regard to case. A vendor hands a seat over by changing the address: the id stays, the person is another one (guard 9).
 * Where one of the two addresses is not known, the id decides, for there is nothing that says that it is somebody else.
 */
export function isSamePerson(subject: Subject, subscription: Person): boolean {
  return subject.externalUserId === subscription.externalUserId && !isOtherAddress(subject.userPrincipalName, subscription.userPrincipalName);
}

/** What a decision on a person is remembered by: the address, which stays when the person gets another id; the id where there is no address. */
export function personKey({ externalUserId, userPrincipalName }: Subject): string {
  return comparableAddress(userPrincipalName) || externalUserId;
}

/** Under which keys something may be remembered of the person who has a seat. */
export function personKeys({ person, aliases, externalUserId }: { readonly person: string; readonly aliases: readonly string[]; readonly externalUserId: string }): string[] {
  return [...new Set([person, ...aliases, externalUserId])];
}
