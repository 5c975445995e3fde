import { isOtherAddress } from '../../api/address.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';

export { isOtherAddress } from '../../api/address.ts';

type Person = Pick<SoftwareSubscription['spec'], 'externalUserId' | 'userPrincipalName'>;

/**
 * Whether the subscription still is the seat of the person whom the candidate is about: the same id at the vendor and the same address there,
 * without regard to case. A vendor hands a seat over by changing the address: the id stays, the person is another one (guard 9).
 * Where one of the two addresses is not known, the id decides, for there is nothing that says that it is somebody else.
 */
export function isSamePerson(subject: Pick<RemovalCandidate['spec']['subject'], 'externalUserId' | 'userPrincipalName'>, subscription: Person): boolean {
  return subject.externalUserId === subscription.externalUserId && !isOtherAddress(subject.userPrincipalName, subscription.userPrincipalName);
}
