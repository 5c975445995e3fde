import { retryable } from '../api/errors.ts';
import type { RefreshResult } from '../api/integration-profile.ts';
import type { ActivityState } from '../api/software-subscription.ts';
import { SubscriptionDifference, type StoredSubscription, type SubscriptionPlan } from '../licensing/subscription-difference.ts';
import { toSubscriptionSpec, type SubscriptionSource } from '../licensing/subscription-facts.ts';
import { subscriptionName } from '../licensing/subscription-name.ts';
import { LicenseTally, SubscriptionTally } from '../licensing/subscription-summary.ts';
import type { DownloadedSubscription, DownloadPage } from '../providers/provider.ts';

/** What a succeeded run adds to its result. */
export type SubscriptionsSummary = Pick<RefreshResult, 'counts' | 'licenses' | 'licenseCount' | 'licenseData'>;

export interface KeptSubscription extends StoredSubscription {
  readonly activity: ActivityState | undefined;
}

/**
 * Takes the vendor's pages in and compares each person with what is stored. People who come before that is
 * known wait; of those who are unchanged nothing is kept.
 */
export class SubscriptionIntake {
  readonly #source: SubscriptionSource;
  readonly #licenses = new LicenseTally();
  readonly #counts = new SubscriptionTally();
  #licenseData: RefreshResult['licenseData'];
  #waiting: DownloadedSubscription[] = [];
  #stored: ReadonlyMap<string, KeptSubscription> | undefined;
  #difference: SubscriptionDifference;
  readonly #pulledAt: string;

  /** @param pulledAt when the pull began, RFC 3339. */
  constructor(source: SubscriptionSource, pulledAt: string) {
    this.#source = source;
    this.#pulledAt = pulledAt;
    this.#difference = new SubscriptionDifference(new Map(), pulledAt);
  }

  /** What is stored, whole. To be called once. */
  begin(stored: readonly KeptSubscription[]): void {
    this.#stored = new Map(stored.map((one) => [one.name, one]));
    this.#difference = new SubscriptionDifference(this.#stored, this.#pulledAt);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const facts of waiting) this.#add(facts, this.#stored);
  }

  /** Throws Retryable `DuplicatePerson`. */
  take(page: DownloadPage): void {
    switch (page.kind) {
      case 'Licenses':
        for (const license of page.licenses) this.#licenses.addLicense(license);
        break;
      case 'LicenseData':
        this.#licenseData = { available: page.available, reason: page.reason, message: page.message };
        break;
      case 'Subscriptions':
        for (const facts of page.subscriptions) this.#admit(facts);
        break;
    }
  }

  /**
   * Only after `begin` and the last page.
   * @param since version of the API server's store before the first page was asked for.
   */
  finish(since: string): { plan: SubscriptionPlan; summary: SubscriptionsSummary } {
    const licenseData = this.#licenseData === undefined ? {} : { licenseData: this.#licenseData };
    const summary = { counts: this.#counts.finish(), ...this.#licenses.finish(), ...licenseData };
    return { plan: this.#difference.finish(since), summary };
  }

  #admit(facts: DownloadedSubscription): void {
    if (this.#stored === undefined) this.#waiting.push(facts);
    else this.#add(facts, this.#stored);
  }

  #add(facts: DownloadedSubscription, stored: ReadonlyMap<string, KeptSubscription>): void {
    const name = subscriptionName(this.#source.profileName, facts.externalUserId);
    const spec = toSubscriptionSpec(facts, this.#source);
    if (!this.#difference.add({ name, spec })) {
      throw retryable('DuplicatePerson', 'The vendor listed a person twice, so the download is not complete; nothing was changed.');
    }
    this.#licenses.addSubscription(spec);
    this.#counts.add({ activity: stored.get(name)?.activity, invitationPending: spec.invitationPending });
  }
}
