import type { LicenseCount, SubscriptionCounts } from '../api/integration-profile.ts';
import type { ActivityState, RoleGroup, SoftwareSubscriptionSpec } from '../api/software-subscription.ts';
import { licenseIdentifier } from './subscription-facts.ts';
import { storable } from './text.ts';

/** A licence as the vendor lists it; the shape of a provider's DownloadedLicense. */
export interface LicenseFacts {
  readonly identifier: string;
  readonly name: string;
  readonly roleGroup: RoleGroup;
  readonly assigned: number;
  /** null = the vendor states no limit (C20). */
  readonly available: number | null;
}

export interface LicenseSummary {
  /** The first `shownLicenses` by number of subscriptions. */
  readonly licenses: LicenseCount[];
  /** How many licences there are in all. */
  readonly licenseCount: number;
}

export const shownLicenses = 20;

type CountedSpec = Pick<SoftwareSubscriptionSpec, 'subscriptionIdentifier' | 'edition' | 'roleGroup'>;

/** Counts subscriptions one by one, so that a summary needs no list of them. */
export class SubscriptionTally {
  readonly #counts = { total: 0, recorded: 0, never: 0, unknown: 0, pendingInvitation: 0 };

  /** @param activity undefined for a subscription that no activity refresh has seen: Unknown. */
  add(subscription: { activity: ActivityState | undefined; invitationPending: boolean }): void {
    this.#counts.total += 1;
    if (subscription.invitationPending) this.#counts.pendingInvitation += 1;
    if (subscription.activity === 'Recorded') this.#counts.recorded += 1;
    else if (subscription.activity === 'Never') this.#counts.never += 1;
    else this.#counts.unknown += 1;
  }

  finish(): SubscriptionCounts {
    return { ...this.#counts };
  }
}

/** Counts subscriptions per licence beside the seats that the vendor lists (C20, C28). */
export class LicenseTally {
  readonly #licenses = new Map<string, LicenseCount>();

  addSubscription(spec: CountedSpec): void {
    const identifier = spec.subscriptionIdentifier;
    const licence = this.#licenses.get(identifier) ?? {
      identifier,
      name: spec.edition ?? identifier,
      roleGroup: spec.roleGroup,
      subscriptions: 0,
    };
    licence.subscriptions += 1;
    this.#licenses.set(identifier, licence);
  }

  /** The vendor's own name and seats; pages of subscriptions may come before or after. */
  addLicense(facts: LicenseFacts): void {
    const identifier = licenseIdentifier(facts.identifier);
    const seats = facts.available === null ? { unlimited: true } : { available: facts.available, unlimited: false };
    this.#licenses.set(identifier, {
      identifier,
      name: storable(facts.name, 253),
      roleGroup: facts.roleGroup,
      subscriptions: this.#licenses.get(identifier)?.subscriptions ?? 0,
      assigned: facts.assigned,
      ...seats,
    });
  }

  finish(): LicenseSummary {
    const all = [...this.#licenses.values()].sort(
      (left, right) => right.subscriptions - left.subscriptions || (left.identifier < right.identifier ? -1 : 1),
    );
    return { licenses: all.slice(0, shownLicenses), licenseCount: all.length };
  }
}
