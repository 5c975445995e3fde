import type { Ownership } from '../../api/removal-candidate-status.ts';
import { hideAddresses, storable } from '../text.ts';

/** What is wished for a person; left out of a proposal's making, both are described. */
export interface WishedChange {
  readonly action: 'Downgrade' | 'Remove';
  /** Of a Downgrade. */
  readonly downgradeTo?: { readonly role: string; readonly subscriptionIdentifier?: string | undefined } | undefined;
}

/** One thing that manages one account. Address and id say whose it is: at least one of them is there. */
export interface Owner {
  /** Lower-case e-mail address. */
  readonly address: string | undefined;
  readonly externalUserId: string | undefined;
  readonly ownership: Ownership;
}

/** Role that a person gets where nothing else is wished: it can look, and uses no full licence (C18). */
export const stakeholderRole = 'read_only_user';

/** Both ways, for whoever asks before an action is known. */
export const bothChanges: readonly WishedChange[] = [{ action: 'Remove' }, { action: 'Downgrade' }];

/** Lower case and without blanks around it, as addresses are compared; undefined for what is no text or none. */
export function comparable(address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined;
  const text = address.trim().toLowerCase();
  return text === '' ? undefined : text;
}

/** A text that is there; undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * As it is stored on a candidate: within the bounds of its schema, and with no address in it, since what is on a candidate goes into notices.
 * The proposal is made when it is read: of all whom a Terraform state manages, few become candidates.
 */
export function makeOwnership(managedBy: Ownership['managedBy'], reference: string, propose: () => readonly string[]): Ownership {
  return {
    managedBy,
    reference: storable(hideAddresses(reference), 512),
    get proposal() {
      return storable(hideAddresses(propose().join('\n')), 4096);
    },
  };
}
