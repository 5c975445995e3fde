import { integrationProfileResource, type IntegrationProfile } from '../../api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../api/removal-candidate.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../api/software-subscription.ts';
import type { CandidateScene } from '../../licensing/candidate/facts.ts';
import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { resolveAlias } from '../../api/effective-alias.ts';
import { decisionIdOf, personFacts } from '../../licensing/candidate/decision-id.ts';
import { aliasesOfProfile } from '../connection-alias/enabled-processes.ts';
import { sha256 } from '../../api/sha256.ts';
import { isClosed } from '../../licensing/candidate/transitions.ts';
import { isOwned } from '../../licensing/subscription-owner.ts';
import type { ObjectKey } from '../../kubernetes/client.ts';
import type { GuardFacts } from './guards.ts';
import type { CandidateDependencies } from './input.ts';
import type { Standing } from './plan.ts';
import { readSiblings, uidOf } from './siblings.ts';

type Reading = Pick<CandidateDependencies, 'client' | 'stores' | 'judge' | 'clock' | 'providers' | 'clockTrust'> & { readonly signal: AbortSignal };

/** Whose turn it is, and who of the account was reclaimed, can be told once its name is known. */
type LiveReading = Reading & Pick<CandidateDependencies, 'turns'> & { readonly account?: string };

/** The candidate as it is; of its cache there is only a part. */
export async function readCandidate(key: ObjectKey, { client, signal }: Pick<Reading, 'client' | 'signal'>): Promise<RemovalCandidate | undefined> {
  return client.get<RemovalCandidate>(removalCandidateResource, key, { signal });
}

/** What a pass is decided from: rule and profile from caches, the subscription live. Whatever is sent to the vendor is decided anew, live. */
export async function gatherScene(candidate: RemovalCandidate, reading: Reading): Promise<CandidateScene> {
  const { stores } = reading;
  const namespace = candidate.metadata.namespace ?? '';
  const { ruleRef, profileRef } = candidate.spec.subject;
  const rule = stores.rules.get(`${namespace}/${ruleRef.name}`);
  const profile = stores.profiles.get(`${namespace}/${profileRef.name}`);
  if (isClosed(candidate.status?.state)) return { ...unjudged(reading), candidate, rule, profile, subscription: undefined };
  return judgeScene({ candidate, rule, profile }, 'Cached', reading);
}

async function judgeScene(
  { candidate, rule, profile }: Pick<CandidateScene, 'candidate' | 'rule' | 'profile'>,
  kind: 'Cached' | 'Live',
  reading: Reading,
): Promise<CandidateScene> {
  const { client, judge, signal } = reading;
  const subscription = profile === undefined ? undefined : await readSubscription(candidate, profile, { client, signal });
  if (profile === undefined || subscription === undefined) return { ...unjudged(reading), candidate, rule, profile, subscription };
  const account = accountOf(profile, reading);
  const person = account === undefined ? undefined : personFacts({ account, subscription: subscription.spec });
  const known = { ...unjudged(reading), candidate, rule, profile, subscription, person, decisionId: decisionIdOf(candidate, person, sha256) };
  return rule === undefined ? known : { ...known, verdict: await judge({ candidate, rule, profile, subscription }, kind, signal) };
}

function unjudged({ clockTrust }: Pick<Reading, 'clockTrust'>): Pick<CandidateScene, 'verdict' | 'person' | 'decisionId' | 'isClockTrusted'> {
  return { verdict: undefined, person: undefined, decisionId: undefined, isClockTrusted: clockTrust.isTrusted() };
}

/** Name of the account that the everyday alias reaches, with the type of its provider; undefined where settings do not say. */
function accountOf(profile: IntegrationProfile, { stores, providers }: Pick<Reading, 'stores' | 'providers'>): string | undefined {
  const provider = providers.get(profile.spec.type);
  const find = (name: string): ConnectionAlias | undefined => stores.aliases.get(`${profile.metadata.namespace ?? ''}/${name}`);
  const alias = find(aliasesOfProfile(profile).everyday);
  const resolved = alias === undefined ? undefined : resolveAlias(alias, find);
  if (provider === undefined || resolved === undefined || 'failure' in resolved) return undefined;
  try {
    return `${profile.spec.type} ${provider.describeAccount(resolved.spec[provider.fragment.settingsKey])}`;
  } catch {
    return undefined;
  }
}

async function readSubscription({ metadata, spec }: RemovalCandidate, profile: IntegrationProfile, { client, signal }: Pick<Reading, 'client' | 'signal'>): Promise<SoftwareSubscription | undefined> {
  const key = { namespace: metadata.namespace ?? '', name: spec.subject.subscriptionRef.name };
  const found = await client.get<SoftwareSubscription>(softwareSubscriptionResource, key, { signal });
  return found !== undefined && isOwned(found, profile) ? found : undefined;
}

/** Everything that the guards are asked about, read at the API server now (guard 1); a standing when something is not there at all. */
export async function gatherLive(of: RemovalCandidate, reading: LiveReading): Promise<GuardFacts | Standing> {
  const { client, signal, clock, turns } = reading;
  const namespace = of.metadata.namespace ?? '';
  const { ruleRef, profileRef } = of.spec.subject;
  const candidate = await readCandidate({ namespace, name: of.metadata.name }, reading);
  const rule = await client.get<ReclamationRule>(reclamationRuleResource, { namespace, name: ruleRef.name }, { signal });
  const profile = await client.get<IntegrationProfile>(integrationProfileResource, { namespace, name: profileRef.name }, { signal });
  if (candidate === undefined || candidate.metadata.uid !== of.metadata.uid) return gone('The candidate is gone, or another one by now.');
  const scene = await judgeScene({ candidate, rule, profile }, 'Live', reading);
  const { subscription, verdict } = scene;
  if (rule === undefined || profile === undefined || subscription === undefined || verdict === undefined) return gone('Rule, profile or subscription are gone.');
  return { scene: { ...scene, rule, profile, subscription, verdict }, ...(await gatherOthers(candidate, profile, reading)), holder: turns.holderOf(candidate.metadata), now: clock.now() };
}

/** What is done for others: under the rule, for the profile, in the account. */
async function gatherOthers(candidate: RemovalCandidate, profile: IntegrationProfile, reading: LiveReading): Promise<Pick<GuardFacts, 'started' | 'startedOfProfile' | 'accountReclaims' | 'recentAdmins' | 'turn'>> {
  const { client, signal, clock, turns, account } = reading;
  const { admins, ...started } = await readSiblings(candidate, { client, account, adminRoles: adminRolesOf(profile, reading), now: clock.now(), signal });
  if (account === undefined) return { ...started, recentAdmins: admins.length, accountReclaims: undefined, turn: undefined };
  const state = await turns.read(account, signal);
  return { ...started, recentAdmins: state.countAdmins({ self: uidOf(candidate), siblings: admins }), accountReclaims: state.reclaims(uidOf(candidate)), turn: state.turn };
}

function adminRolesOf({ spec }: IntegrationProfile, { providers }: Pick<LiveReading, 'providers'>): readonly string[] {
  return providers.get(spec.type)?.reclaim.adminRoles ?? [];
}

function gone(message: string): Standing {
  return { kind: 'Waiting', reason: 'StateChanged', message };
}
