import { comparableAddress } from '../api/address.ts';
import type { SoftwareSubscriptionSpec } from '../api/software-subscription.ts';
import { canonicalText, hashText } from './hash.ts';

/** Every field of the spec that the vendor tells, in the fixed order in which a fingerprint holds their hashes. */
const fields = [
  'profileRef',
  'externalUserId',
  'displayName',
  'userPrincipalName',
  'publisher',
  'product',
  'edition',
  'resolvedEmail',
  'resolvedUserId',
  'subscriptionIdentifier',
  'role',
  'roleGroup',
  'jobTitle',
  'teams',
  'invitationPending',
  'assignedAt',
] as const satisfies readonly (keyof SoftwareSubscriptionSpec)[];

/** The refresh finds this one out by comparing: a vendor that hands a seat over does not say so. */
type FoundField = 'personSince';
type MissingField = Exclude<keyof SoftwareSubscriptionSpec, (typeof fields)[number] | FoundField>;
/** Fails to compile when the spec gains a field that is not listed above. */
const complete: MissingField extends never ? true : never = true;

/**
 * A hash a field, 0 for an absent one: about 140 bytes a subscription, and enough to tell which fields
 * differ without keeping or reading again what is stored (design section 3).
 */
export interface Fingerprint {
  readonly fields: readonly number[];
  /** Hash of the address without regard to case, 0 where it is not known: whether the seat still is the same person's. */
  readonly address: number;
}

/** What is kept of a stored subscription while the vendor's list goes by. */
export interface StoredSubscription {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly fingerprint: Fingerprint;
}

export interface WantedSubscription {
  readonly name: string;
  readonly spec: SoftwareSubscriptionSpec;
}

/** Fields to set; null removes one. */
export type SpecChanges = { [Field in keyof SoftwareSubscriptionSpec]?: SoftwareSubscriptionSpec[Field] | null };

export interface SubscriptionUpdate {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly changes: SpecChanges;
  /** The whole intent, to compare again when somebody else wrote first. */
  readonly spec: SoftwareSubscriptionSpec;
}

export interface SubscriptionPlan {
  readonly create: readonly WantedSubscription[];
  readonly update: readonly SubscriptionUpdate[];
  readonly delete: readonly StoredSubscription[];
  /** Subscriptions that the vendor has. */
  readonly total: number;
  /** Subscriptions that were stored before. */
  readonly stored: number;
  /** Those of them whom the vendor no longer lists, whether they are deleted now or left to the next run. */
  readonly gone: number;
}

export function fingerprint(spec: SoftwareSubscriptionSpec): Fingerprint {
  return { fields: fields.map((field) => fieldHash(spec[field])), address: addressHash(spec) };
}

/**
 * Fields of `wanted` that are stored otherwise, or stored and no longer wanted; undefined when none. Where the address is another
 * one than is stored, the seat was handed over to another person, who has it since now as far as anybody knows.
 * @param pulledAt when the vendor said so, RFC 3339.
 */
export function differingFields(stored: Fingerprint, wanted: SoftwareSubscriptionSpec, pulledAt: string): SpecChanges | undefined {
  const differing = complete && fields.filter((field, index) => stored.fields[index] !== fieldHash(wanted[field]));
  if (differing.length === 0) return undefined;
  const changes: SpecChanges = Object.fromEntries(differing.map((field) => [field, wanted[field] ?? null]));
  return isHandedOver(stored.address, addressHash(wanted)) ? { ...changes, personSince: pulledAt } : changes;
}

/** An address that comes to be known, or is hidden, is nobody else's. */
function isHandedOver(before: number, now: number): boolean {
  return before !== 0 && now !== 0 && before !== now;
}

/**
 * Compares what is wanted with what is stored, one subscription at a time as the vendor's pages arrive,
 * and keeps only what differs. Nothing is to be written before `finish` (guard 6).
 */
export class SubscriptionDifference {
  readonly #stored: ReadonlyMap<string, StoredSubscription>;
  readonly #seen = new Set<string>();
  readonly #create: WantedSubscription[] = [];
  readonly #update: SubscriptionUpdate[] = [];

  readonly #pulledAt: string;

  /**
   * @param stored by name.
   * @param pulledAt when the pull began, RFC 3339.
   */
  constructor(stored: ReadonlyMap<string, StoredSubscription>, pulledAt: string) {
    this.#stored = stored;
    this.#pulledAt = pulledAt;
  }

  /** False when a subscription of this name was added before: the pull is not to be trusted. */
  add(wanted: WantedSubscription): boolean {
    if (this.#seen.has(wanted.name)) return false;
    this.#seen.add(wanted.name);
    const stored = this.#stored.get(wanted.name);
    if (stored === undefined) {
      this.#create.push(wanted);
      return true;
    }
    const changes = differingFields(stored.fingerprint, wanted.spec, this.#pulledAt);
    const { name, uid, resourceVersion } = stored;
    if (changes !== undefined) this.#update.push({ name, uid, resourceVersion, changes, spec: wanted.spec });
    return true;
  }

  /**
   * Whoever was not listed is to be deleted, except what was written since the pull began: another run may have met that
   * person on a page that this one had read before, so the next run decides.
   * @param since version of the API server's store before the pull.
   */
  finish(since: string): SubscriptionPlan {
    const gone = [...this.#stored.values()].filter((stored) => !this.#seen.has(stored.name));
    return {
      create: this.#create,
      update: this.#update,
      delete: gone.filter((stored) => !isLater(stored.resourceVersion, since)),
      total: this.#seen.size,
      stored: this.#stored.size,
      gone: gone.length,
    };
  }
}

/** Versions are decimal numbers of any length that only grow (Kubernetes 1.35 promises it). */
function isLater(version: string, since: string): boolean {
  return version.length === since.length ? version > since : version.length > since.length;
}

function addressHash({ userPrincipalName }: SoftwareSubscriptionSpec): number {
  return fieldHash(comparableAddress(userPrincipalName) || undefined);
}

function fieldHash(value: unknown): number {
  return value === undefined ? 0 : hashText(canonicalText(value)) + 1;
}
