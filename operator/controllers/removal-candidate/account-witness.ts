import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import { isOwned, selectSubscriptions } from '../../licensing/subscription-owner.ts';
import { askVendor } from './ask-vendor.ts';
import type { Standing } from './plan.ts';
import type { ReclaimSession } from './session.ts';
import type { Pass } from './settle.ts';

const askingMs = 30_000;
/** Some may have left since the last refresh. */
const mostWitnesses = 3;

export interface Place {
  readonly opened: ReclaimSession;
  readonly profile: IntegrationProfile;
}

type Reading = Pick<Pass['dependencies'], 'client'> & Pick<Pass, 'signal'>;

/**
 * Whether a token to which somebody is gone is of their account: it knows others of it, or the refresh does not find them either
 * (guard 6). What the vendor has confirmed, and what it shows of the person themselves, needs no witness.
 */
export async function recogniseAccount({ spec: { subject }, status, metadata }: RemovalCandidate, { opened, profile }: Place, { dependencies: { client }, signal }: Pass): Promise<'Ours' | 'Unknown' | Standing> {
  if (subject.action !== 'Remove' || status?.attempt?.phase === 'Done') return 'Ours';
  const key = { namespace: metadata.namespace ?? '', name: subject.subscriptionRef.name };
  if ((await client.get<SoftwareSubscription>(softwareSubscriptionResource, key, { signal })) === undefined) return 'Ours';
  for (const id of await findWitnesses(subject.externalUserId, profile, { client, signal })) {
    const answer = await askVendor(opened, { ms: askingMs, signal }, async (session) => ((await opened.provider.reclaim.look(id, session)) === 'Gone' ? 'Unknown' : 'Ours'));
    if (answer !== 'Unknown') return answer;
  }
  return 'Unknown';
}

/** Ids of others of the profile. */
async function findWitnesses(subject: string, profile: IntegrationProfile, { client, signal }: Reading): Promise<string[]> {
  for await (const page of client.pages<SoftwareSubscription>(softwareSubscriptionResource, { ...selectSubscriptions(profile), limit: 20, signal })) {
    const others = page.filter((one) => isOwned(one, profile) && one.spec.externalUserId !== subject);
    if (others.length > 0) return others.slice(0, mostWitnesses).map(({ spec }) => spec.externalUserId);
  }
  return [];
}
