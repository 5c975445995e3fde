import { OperatorError, retryable } from '../api/errors.ts';
import type { RefreshResult } from '../api/integration-profile.ts';
import type { ActivityState, SoftwareSubscription } from '../api/software-subscription.ts';
import { acceptShrinkAnnotation, refuseDownload } from '../licensing/download-guards.ts';
import { fingerprint, SubscriptionDifference, type StoredSubscription, type SubscriptionPlan } from '../licensing/subscription-difference.ts';
import { toSubscriptionSpec, type SubscriptionSource } from '../licensing/subscription-facts.ts';
import { subscriptionName } from '../licensing/subscription-name.ts';
import { LicenseTally, SubscriptionTally } from '../licensing/subscription-summary.ts';
import type { DownloadedSubscription } from '../providers/provider.ts';
import { defaultConcurrency, type Progress, type RefreshDependencies } from './dependencies.ts';
import type { RefreshSubject } from './gather.ts';
import { readStored } from './stored-subscriptions.ts';
import { createSubscriptionWriter } from './subscription-writer.ts';
import { writeConcurrently } from './write-concurrently.ts';

/** What a succeeded run adds to its result. */
export type SubscriptionsSummary = Pick<RefreshResult, 'counts' | 'licenses' | 'licenseCount' | 'licenseData'>;

interface KeptSubscription extends StoredSubscription {
  readonly activity: ActivityState | undefined;
}

/**
 * Brings the profile's SoftwareSubscriptions to what the vendor has (S75): reads what is stored, pulls
 * every page, checks, decides, and only then writes the difference. Whatever fails before the first write
 * leaves everything as it was (guard 6, L21).
 */
export async function refreshSubscriptions(
  subject: RefreshSubject,
  run: { readonly dependencies: RefreshDependencies; readonly progress: Progress },
): Promise<SubscriptionsSummary> {
  const { profile } = subject;
  const stored = await readStored(profile, compact, run.dependencies);
  const { plan, summary } = await pull(subject, new Map(stored.map((one) => [one.name, one])));
  const refusal = refuseDownload(
    { total: plan.total, stored: plan.stored, deletions: plan.delete.length },
    profile.metadata.annotations?.[acceptShrinkAnnotation],
  );
  if (refusal !== undefined) throw new OperatorError(refusal, { total: plan.total, stored: plan.stored, deletions: plan.delete.length });
  await applyPlan(plan, subject, run);
  return summary;
}

function compact({ metadata, spec, status }: SoftwareSubscription): KeptSubscription {
  return {
    name: metadata.name,
    uid: metadata.uid ?? '',
    resourceVersion: metadata.resourceVersion ?? '',
    fingerprint: fingerprint(spec),
    activity: status?.activity,
  };
}

async function pull(
  { profile, provider, session }: RefreshSubject,
  stored: ReadonlyMap<string, KeptSubscription>,
): Promise<{ plan: SubscriptionPlan; summary: SubscriptionsSummary }> {
  const source = { profileName: profile.metadata.name, publisher: provider.publisher, product: provider.product };
  const intake = createIntake(source, stored);
  let licenseData: RefreshResult['licenseData'];
  for await (const page of provider.download(session)) {
    switch (page.kind) {
      case 'Licenses':
        for (const license of page.licenses) intake.licenses.addLicense(license);
        break;
      case 'LicenseData':
        licenseData = { available: page.available, reason: page.reason, message: page.message };
        break;
      case 'Subscriptions':
        for (const facts of page.subscriptions) intake.add(facts);
        break;
    }
  }
  const counts = intake.counts.finish();
  const summary = { counts, ...intake.licenses.finish(), ...(licenseData === undefined ? {} : { licenseData }) };
  return { plan: intake.difference.finish(), summary };
}

function createIntake(source: SubscriptionSource, stored: ReadonlyMap<string, KeptSubscription>) {
  const difference = new SubscriptionDifference(stored);
  const licenses = new LicenseTally();
  const counts = new SubscriptionTally();
  return {
    difference,
    licenses,
    counts,
    add(facts: DownloadedSubscription): void {
      const name = subscriptionName(source.profileName, facts.externalUserId);
      const spec = toSubscriptionSpec(facts, source);
      if (!difference.add({ name, spec })) {
        throw retryable('DuplicatePerson', 'The vendor listed a person twice, so the download is not complete; nothing was changed.');
      }
      licenses.addSubscription(spec);
      counts.add({ activity: stored.get(name)?.activity, invitationPending: spec.invitationPending });
    },
  };
}

/** Deletes last: a run that is killed half-way has too many subscriptions rather than too few. */
async function applyPlan(
  plan: SubscriptionPlan,
  { profile }: RefreshSubject,
  { dependencies, progress }: { readonly dependencies: RefreshDependencies; readonly progress: Progress },
): Promise<void> {
  const writer = createSubscriptionWriter({ profile, dependencies, progress });
  const options = { concurrency: dependencies.concurrency ?? defaultConcurrency, signal: dependencies.signal };
  await writeConcurrently(plan.create, (one) => writer.create(one), options);
  await writeConcurrently(plan.update, (one) => writer.update(one), options);
  await writeConcurrently(plan.delete, (one) => writer.remove(one), options);
}
