import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { isTrue, listForMessage, type ConditionPart } from '../conditions.ts';
import type { ProfileInput } from './input.ts';

/**
 * What the licence position says of the profile (S84, L25). Neither holds Ready up: a company that lacks rights has a
 * profile that works. Absent before the first reconciliation.
 */
export function positionParts(input: Pick<ProfileInput, 'profile' | 'profilesOfNamespace' | 'accounts'>): ConditionPart[] {
  const position = input.profile.status?.position;
  return position === undefined ? [] : [compliantPart(position), recognizedPart(position), accountPart(input)];
}

type Position = NonNullable<NonNullable<IntegrationProfile['status']>['position']>;

function compliantPart({ compliance, products = [] }: Position): ConditionPart {
  const type = 'Compliant';
  if (compliance === 'Compliant') return isTrue(type, 'Compliant', 'Of every product at least as many rights are owned as used.');
  if (compliance === 'NoEntitlement') {
    return { type, status: 'Unknown', reason: 'NoEntitlement', message: 'No SoftwareEntitlement of its models is in force: there is nothing to compare with.' };
  }
  const short = products.filter((product) => product.compliance === 'NonCompliant');
  const names = listForMessage(short.map(({ product }) => product));
  const needed = short.reduce((sum, product) => sum + product.needed, 0);
  if (short.length === 0) return { type, status: 'False', reason: 'NonCompliant', message: 'Subscriptions that belong to no SoftwareModel use rights that no entitlement covers. See IdentifiersRecognized.' };
  return {
    type,
    status: 'False',
    reason: 'NonCompliant',
    message: `${names}: ${needed} rights more are used than owned, model by model. See kubectl get swmodel.`,
  };
}

/** Two profiles of one account count each of its people twice in the sums of the namespace, and ask for rights twice. */
function accountPart({ profile, profilesOfNamespace, accounts }: Parameters<typeof positionParts>[0]): ConditionPart {
  const type = 'AccountUnique';
  const others = profilesOfNamespace.filter(({ metadata, status }) => metadata.name !== profile.metadata.name && metadata.deletionTimestamp === undefined && status?.position !== undefined);
  const same = others.filter((other) => isSameAccount(profile, other, accounts));
  if (same.length === 0) return isTrue(type, 'AccountUnique', 'No other profile of the namespace counts the people of this account.');
  const names = listForMessage(same.map(({ metadata }) => metadata.name));
  return {
    type,
    status: 'False',
    reason: 'AccountShared',
    message: `${names}: counts the people of ${accounts.get(profile.metadata.name) ?? `ConnectionAlias ${profile.spec.connectionAliasRef.name}`} too, so that sums of the namespace have them twice. Delete one of the profiles.`,
  };
}

/** Several aliases may lead to one account. Where that of one cannot be told, at least the same alias is the same account. */
function isSameAccount(one: IntegrationProfile, other: IntegrationProfile, accounts: ProfileInput['accounts']): boolean {
  const [account, otherAccount] = [accounts.get(one.metadata.name), accounts.get(other.metadata.name)];
  if (account !== undefined && otherAccount !== undefined) return account === otherAccount;
  return one.spec.connectionAliasRef.name === other.spec.connectionAliasRef.name;
}

function recognizedPart({ unrecognized, unrecognizedIdentifiers = [] }: Position): ConditionPart {
  const type = 'IdentifiersRecognized';
  if (unrecognized === 0) return isTrue(type, 'IdentifiersRecognized', 'Every subscription belongs to a SoftwareModel.');
  const names = listForMessage(unrecognizedIdentifiers.map(({ identifier }) => identifier));
  return {
    type,
    status: 'False',
    reason: 'UnrecognizedIdentifiers',
    message: `${unrecognized} subscriptions belong to no SoftwareModel and count nowhere (${names}). Add the identifiers to spec.subscriptionIdentifiers of a SoftwareModel, or make one for them.`,
  };
}
