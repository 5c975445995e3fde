import type { Ownership } from '../../api/removal-candidate-status.ts';
import type { OwnershipIndex } from '../reclaim/facts.ts';
import type { Owner } from './owner.ts';

/** Key of an external user id in the index, beside lower-case addresses, which have an @ and no such beginning. */
export function idKey(externalUserId: string): string {
  return `id:${externalUserId}`;
}

/** Bound of status.ownership of a RemovalCandidate: more of one person are not kept. */
const mostOwners = 8;

/** Owners by address and by id: an address may have been changed since, and an id is never used again. */
export function indexOwners(owners: Iterable<Owner>): OwnershipIndex {
  const index = new Map<string, Ownership[]>();
  for (const { address, externalUserId, ownership } of owners) {
    for (const key of [address, externalUserId === undefined ? undefined : idKey(externalUserId)]) {
      if (key === undefined) continue;
      const known = index.get(key) ?? [];
      if (known.length < mostOwners && !known.some((one) => isSame(one, ownership))) index.set(key, [...known, ownership]);
    }
  }
  return index;
}

/** Who else manages an account: by any of the person's addresses or by the vendor's id; at most as many as a candidate holds. */
export function findOwners(index: OwnershipIndex, person: { readonly addresses: readonly string[]; readonly externalUserId: string }): readonly Ownership[] {
  const found: Ownership[] = [];
  for (const key of [idKey(person.externalUserId), ...person.addresses.map((address) => address.trim().toLowerCase())]) {
    for (const ownership of index.get(key) ?? []) if (!found.some((one) => isSame(one, ownership))) found.push(ownership);
  }
  return found.slice(0, mostOwners);
}

function isSame(a: Ownership, b: Ownership): boolean {
  return a.managedBy === b.managedBy && a.reference === b.reference;
}
