import { OperatorError } from '../api/errors.ts';
import type { SoftwareSubscription } from '../api/software-subscription.ts';
import { acceptShrinkAnnotation, refuseDownload } from '../licensing/download-guards.ts';
import { fingerprint, type SubscriptionPlan } from '../licensing/subscription-difference.ts';
import { defaultConcurrency, type Progress, type RefreshDependencies } from './dependencies.ts';
import type { RefreshSubject } from './gather.ts';
import { runTogether } from './run-together.ts';
import { readStored, readVersion } from './stored-subscriptions.ts';
import { SubscriptionIntake, type KeptSubscription, type SubscriptionsSummary } from './subscription-intake.ts';
import { createSubscriptionWriter, type SubscriptionWriter } from './subscription-writer.ts';
import { writeConcurrently } from './write-concurrently.ts';

interface Run {
  readonly dependencies: RefreshDependencies;
  readonly progress: Progress;
  /** Throws when what the pull relied on is no longer so; to be called before the first write. */
  readonly confirm: () => Promise<void>;
}

/**
 * Brings the profile's SoftwareSubscriptions to what the vendor has (S75): reads what is stored, pulls
 * every page, checks, decides, and only then writes the difference. Whatever fails before the first write
 * leaves everything as it was (guard 6, L21).
 */
export async function refreshSubscriptions(
  subject: RefreshSubject,
  run: Run,
): Promise<SubscriptionsSummary> {
  const { profile } = subject;
  const pulledAt = new Date(run.dependencies.clock.now()).toISOString();
  const { plan, summary } = await compareWithVendor(subject, pulledAt, run.dependencies);
  const sizes = { total: plan.total, stored: plan.stored, deletions: plan.gone };
  const refusal = refuseDownload(sizes, profile.metadata.annotations?.[acceptShrinkAnnotation]);
  if (refusal !== undefined) throw new OperatorError(refusal, { ...sizes });
  await run.confirm();
  await applyPlan(plan, createSubscriptionWriter({ profile, pulledAt, ...run }), run);
  return summary;
}

/** Reads what is stored while the vendor's pages come: the two wait for different servers. */
async function compareWithVendor(
  { profile, provider, session }: RefreshSubject,
  pulledAt: string,
  dependencies: RefreshDependencies,
): Promise<{ plan: SubscriptionPlan; summary: SubscriptionsSummary }> {
  // Read before the pull begins: what was written later may be of people who joined while the pull went on.
  const since = await readVersion(profile, dependencies);
  const source = {
    profileName: profile.metadata.name,
    publisher: provider.publisher,
    product: provider.product,
    ...(profile.spec.userResolution === undefined ? {} : { userResolution: profile.spec.userResolution }),
  };
  const intake = new SubscriptionIntake(source, pulledAt);
  await runTogether(
    async (signal) => intake.begin(await readStored(profile, compact, { ...dependencies, signal })),
    async (signal) => {
      for await (const page of provider.download({ ...session, signal })) intake.take(page);
    },
    dependencies.signal,
  );
  return intake.finish(since);
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

/** Deletes last: a run that is killed half-way has too many subscriptions rather than too few. */
async function applyPlan(
  plan: SubscriptionPlan,
  writer: SubscriptionWriter,
  { dependencies }: Run,
): Promise<void> {
  const options = { concurrency: dependencies.concurrency ?? defaultConcurrency, signal: dependencies.signal };
  await writeConcurrently(plan.create, (one) => writer.create(one), options);
  await writeConcurrently(plan.update, (one) => writer.update(one), options);
  await writeConcurrently(plan.delete, (one) => writer.remove(one), options);
}
