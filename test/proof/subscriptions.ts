import type { SoftwareSubscription, SoftwareSubscriptionStatus } from '../../operator/api/software-subscription.ts';
import type { CompanyState, Person } from '../pagerduty-simulator/index.ts';
import type { Dice } from './dice.ts';

export const dayMs = 86_400_000;
export const namespace = 'team-a';

export function iso(time: number): string {
  return new Date(time).toISOString();
}

export function subscriptionName(id: string): string {
  return `pagerduty-${id.toLowerCase()}`;
}

/** The subscription as a refresh would write it, without the activity. */
export function subscriptionOf(person: Person, company: CompanyState, { profileUid, firstSeen }: { profileUid: string; firstSeen: number }): SoftwareSubscription {
  const license = company.licenses.find(({ id }) => id === person.licenseId);
  const teams = person.teams.map(({ teamId }) => company.teams.find(({ id }) => id === teamId)?.name ?? teamId);
  return {
    apiVersion: 'saaslicense.dev/v1alpha1',
    kind: 'SoftwareSubscription',
    metadata: {
      name: subscriptionName(person.id),
      namespace,
      creationTimestamp: iso(firstSeen),
      ownerReferences: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'IntegrationProfile', name: 'pagerduty', uid: profileUid }],
    },
    spec: {
      profileRef: { name: 'pagerduty' },
      externalUserId: person.id,
      displayName: person.name,
      userPrincipalName: person.email,
      publisher: 'PagerDuty',
      product: 'PagerDuty',
      edition: license?.name ?? 'None',
      subscriptionIdentifier: person.licenseId,
      role: person.role,
      roleGroup: person.role.startsWith('read_only') ? 'Stakeholder' : 'FullUser',
      invitationPending: person.invitationSent,
      assignedAt: iso(person.allocatedAt),
      ...(person.jobTitle === null ? {} : { jobTitle: person.jobTitle }),
      ...(teams.length === 0 ? {} : { teams: teams.toSorted() }),
    },
  };
}

/** Histories of all kinds: long inactive, never, active, not looked for, and watched for too short a time. */
export function drawActivity(dice: Dice, now: number, inactive: number): SoftwareSubscriptionStatus {
  const evidenceFrom = iso(now - 200 * dayMs);
  if (dice.chance(inactive)) {
    return dice.chance(0.7) ? recorded(now - dice.between(125, 190) * dayMs, evidenceFrom, dice.chance(0.9) ? 'OnCall' : 'SignIn') : { activity: 'Never', evidenceFrom };
  }
  const kind = dice.pick(['Active', 'Active', 'Unknown', 'Short', 'Edge'] as const);
  if (kind === 'Unknown') return dice.chance(0.5) ? { activity: 'Unknown' } : {};
  if (kind === 'Short') return { activity: 'Never', evidenceFrom: iso(now - dice.between(1, 29) * dayMs) };
  if (kind === 'Edge') return recorded(now - dice.between(29, 91) * dayMs, evidenceFrom, 'OnCall');
  return recorded(now - dice.between(0, 25) * dayMs, evidenceFrom, 'OnCall');
}

export function recorded(at: number, evidenceFrom: string | undefined, signal: string): SoftwareSubscriptionStatus {
  const time = iso(at);
  return { activity: 'Recorded', lastActivity: { time, signal }, evidence: [{ signal, time, source: '/oncalls' }], ...(evidenceFrom === undefined ? {} : { evidenceFrom }) };
}
