import type { IntegrationProfile } from '../../api/integration-profile.ts';
import { isTrue, listForMessage, type ConditionPart } from '../conditions.ts';
import type { ProfileInput } from './input.ts';

/**
 * What the licence position says of the profile (S84, L25). Neither holds Ready up: a company that lacks rights has a
 * profile that works. Absent before the first reconciliation.
 */
export function positionParts({ profile, profilesOfNamespace }: Pick<ProfileInput, 'profile' | 'profilesOfNamespace'>): ConditionPart[] {
  const position = profile.status?.position;
  return position === undefined ? [] : [compliantPart(position), recognizedPart(position), accountPart(profile, profilesOfNamespace)];
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
function accountPart(profile: IntegrationProfile, all: readonly IntegrationProfile[]): ConditionPart {
  const type = 'AccountUnique';
  const alias = profile.spec.connectionAliasRef.name;
  const others = all.filter(({ metadata, spec, status }) => metadata.name !== profile.metadata.name && metadata.deletionTimestamp === undefined && spec.connectionAliasRef.name === alias && status?.position !== undefined);
  if (others.length === 0) return isTrue(type, 'AccountUnique', 'No other profile of the namespace counts the people of this connection.');
  const names = listForMessage(others.map(({ metadata }) => metadata.name));
  return {
    type,
    status: 'False',
    reason: 'AccountShared',
    message: `${names}: counts the people of ConnectionAlias ${alias} too, so that sums of the namespace have them twice. Delete one of the profiles.`,
  };
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
