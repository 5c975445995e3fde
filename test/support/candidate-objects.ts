import { connectionAliasResource } from '../../operator/api/connection-alias.ts';
import { annotations, labels, product } from '../../operator/api/group.ts';
import { integrationProfileResource, type IntegrationProfile } from '../../operator/api/integration-profile.ts';
import { reclamationRuleResource, type ReclamationRuleSpec } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import { softwareSubscriptionResource, type SoftwareSubscription } from '../../operator/api/software-subscription.ts';
import type { AuditRecordSpec } from '../../operator/api/audit-record.ts';
import type { AuditEntry } from '../../operator/audit/trail.ts';
import { encodeTokenSecret, type Secret } from '../../operator/controllers/secrets.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import { connectionId } from '../../operator/licensing/connection-id.ts';
import type { CompanyState } from '../pagerduty-simulator/index.ts';
import { NOW } from '../pagerduty-simulator/testing/open-account.ts';
import { aProfile, anAlias } from './builders.ts';
import type { MemoryCluster } from './memory-cluster.ts';
import { aReclamationRule } from './rule-builders.ts';

const namespace = 'team-a';
/** Of the simulator: it may do everything. */
export const apiKey = 'full-key';

/** What a candidate's cluster is filled with. */
export interface Contents {
  readonly company: CompanyState;
  readonly person: string;
  readonly action: 'Downgrade' | 'Remove';
  readonly rule: Partial<ReclamationRuleSpec>;
  readonly confirmed: boolean;
  readonly settings: object;
}

const downgradeTo = { role: 'read_only_user', subscriptionIdentifier: 'PLSTAKE' };

/** Puts everything into the cluster that one candidate needs. */
export function fill(cluster: MemoryCluster, { company, person, action, rule, confirmed, settings }: Contents): void {
  const profile = fillConnection(cluster, settings);
  const judging = cluster.put(reclamationRuleResource, aReclamationRule({ confirmed, spec: { action, ...(action === 'Downgrade' ? { downgradeTo } : {}), ...rule } }));
  const user = userOf(company, person);
  const { role, email } = user;
  const licence = user.licenseId ?? 'PLFULL1';
  putSubscription(cluster, { name: 'sub-1', profile, user });
  const colleague = company.users.find(({ id }) => id !== person);
  if (colleague !== undefined) putSubscription(cluster, { name: 'sub-colleague', profile, user: colleague });
  cluster.put<RemovalCandidate>(removalCandidateResource, {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'RemovalCandidate',
    metadata: { name: 'sub-1.1', namespace, creationTimestamp: NOW, annotations: { [annotations.evidence]: JSON.stringify({ evidence: { thresholdDays: 60, windowFrom: NOW, windowTo: NOW }, savingsText: 'USD 492.00' }) } },
    spec: {
      subject: {
        profileRef: { name: 'pagerduty' },
        ruleRef: { name: 'business' },
        subscriptionRef: { name: 'sub-1' },
        externalUserId: person,
        displayName: user.name,
        userPrincipalName: email,
        subscriptionIdentifier: licence,
        role,
        action,
        ...(action === 'Downgrade' ? { downgradeTo } : {}),
      },
      justification: 'LowUsage',
      assignmentGroup: 'Software managers',
      origin: { id: 'origin-of-sub-1-1', at: NOW, ruleUid: judging.metadata.uid ?? '' },
    },
  });
}

function putSubscription(cluster: MemoryCluster, { name, profile, user }: { name: string; profile: IntegrationProfile; user: CompanyState['users'][number] }): void {
  cluster.put<SoftwareSubscription>(softwareSubscriptionResource, {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SoftwareSubscription',
    metadata: { name, namespace, labels: { [labels.profile]: 'pagerduty' }, ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: 'pagerduty', uid: profile.metadata.uid ?? '' }] },
    spec: {
      profileRef: { name: 'pagerduty' },
      externalUserId: user.id,
      displayName: user.name,
      userPrincipalName: user.email,
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      edition: 'Business (Full User)',
      subscriptionIdentifier: user.licenseId ?? 'PLFULL1',
      role: user.role,
      roleGroup: 'FullUser',
      invitationPending: false,
    },
  });
}

function userOf(company: CompanyState, person: string): CompanyState['users'][number] {
  const user = company.users.find(({ id }) => id === person);
  if (user === undefined) throw new Error(`nobody is ${person}`);
  return user;
}

/** Alias, token and published profile. */
function fillConnection(cluster: MemoryCluster, settings: object): IntegrationProfile {
  const credentialHash = 'hash-1';
  const alias = cluster.put(connectionAliasResource, anAlias({ spec: { pagerduty: settings }, status: { token: { credentialHash } as never } }));
  const connection = connectionId({ type: 'PagerDuty', aliasUid: alias.metadata.uid ?? '', settings });
  const run = { result: 'Succeeded', connection } as never;
  const profile = cluster.put(integrationProfileResource, aProfile({ status: { state: 'Published', subscriptions: { total: 1000, recorded: 0, never: 1000, unknown: 0, pendingInvitation: 0 }, refresh: { subscriptions: run, activity: run } } }));
  cluster.put<Secret>(coreResources.Secret, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'pagerduty-token',
      namespace,
      labels: { [labels.managedBy]: product },
      annotations: { [annotations.intentHash]: credentialHash },
      ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ConnectionAlias', name: 'pagerduty', uid: alias.metadata.uid ?? '', controller: true }],
    },
    data: encodeTokenSecret({ token: new SecretValue(apiKey), scheme: 'ApiToken', scopes: undefined, credentialId: 'c1', expiresAt: undefined, issuedAt: undefined }),
  });
  cluster.put<Secret>(coreResources.Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'slack', namespace }, data: {} });
  return profile;
}

/** As the audit trail would give them back. */
export function recordsOf(entries: readonly AuditEntry[], times: ReadonlyMap<AuditEntry, string>): AuditRecordSpec[] {
  return entries.map(({ data, ...entry }, sequence) => ({ ...entry, sequence, time: times.get(entry as AuditEntry) ?? NOW, data: Object.entries(data ?? {}).map(([key, value]) => ({ key, value })), previous: '', hash: '', keyId: 'k', signature: 's' }));
}
