import { compact } from '../../../api/compact.ts';
import type { InspectRequest, UndoBundle } from '../../reclaim.ts';
import type { Belongings } from './belongings.ts';
import { labelOf } from './blockers.ts';
import { bundleProvider, bundleVersion, type BundleContent } from './bundle.ts';
import { known, type Checked } from './checked.ts';
import type { Places } from './gather.ts';
import type { HeldLicence } from './person.ts';
import { listPositions } from './positions.ts';
import type { PersonRow, TagRow } from './schemas.ts';

/** All that was read of somebody. */
export interface Findings {
  readonly person: PersonRow;
  readonly licence: Checked<HeldLicence>;
  readonly belongings: Pick<Belongings, 'teams'> & Partial<Belongings>;
  readonly tags: Checked<readonly TagRow[]>;
  readonly places: Places;
}

/** What the reclaim is to do. */
type Planned = Pick<InspectRequest, 'action' | 'downgradeTo'>;

/** What `restore` needs (D4). A part that could not be read is named in it, so that nobody takes it for empty. Pure. */
export function takeBundle(findings: Findings, request: Planned, now: number): UndoBundle {
  const { person } = findings;
  return {
    version: bundleVersion,
    provider: bundleProvider,
    externalUserId: person.id,
    takenAt: new Date(now).toISOString(),
    content: { ...listContent(findings, request) },
  };
}

function listContent({ person, licence, belongings, tags, places }: Findings, { action, downgradeTo }: Planned): BundleContent {
  return {
    action,
    ...(downgradeTo === undefined ? {} : { left: compact({ role: downgradeTo.role, licenseId: downgradeTo.subscriptionIdentifier }) }),
    person: describeProfile(person),
    ...(licence.kind === 'Known' ? { licenseId: licence.value.identifier } : {}),
    teams: known(belongings.teams) ?? (person.teams ?? []).map(({ id, name, summary }) => ({ id, name: name ?? summary ?? id })),
    contactMethods: knownOr(belongings.contactMethods),
    notificationRules: knownOr(belongings.notificationRules),
    handoffRules: knownOr(belongings.handoffRules),
    statusUpdateRules: knownOr(belongings.statusUpdateRules),
    subscriptions: knownOr(belongings.subscriptions),
    tags: action === 'Remove' ? (known(tags) ?? []).map(labelOf).filter((label) => label !== '') : [],
    positions: listPositions(places, person.id),
    unread: listUnread(action === 'Remove' ? { licence, ...namesOf(belongings), tags } : { licence, 'team roles': belongings.teams }),
  };
}

function describeProfile(person: PersonRow): BundleContent['person'] {
  return compact({
    name: person.name,
    email: person.email,
    role: person.role,
    timeZone: person.time_zone ?? undefined,
    color: person.color ?? undefined,
    jobTitle: person.job_title ?? undefined,
    description: person.description ?? undefined,
  });
}

function namesOf({ teams, contactMethods, notificationRules, handoffRules, statusUpdateRules, subscriptions }: Findings['belongings']): Record<string, Checked<unknown> | undefined> {
  return {
    'team roles': teams,
    'contact methods': contactMethods,
    'notification rules': notificationRules,
    'handoff rules': handoffRules,
    'status update rules': statusUpdateRules,
    'notification subscriptions': subscriptions,
  };
}

function knownOr<T>(checked: Checked<T[]> | undefined): T[] {
  return checked === undefined ? [] : (known(checked) ?? []);
}

function listUnread(parts: Readonly<Record<string, Checked<unknown> | undefined>>): BundleContent['unread'] {
  return Object.entries(parts).flatMap(([part, checked]) => (checked?.kind === 'Unknown' ? [{ part, why: `it could not be read before: ${checked.why}` }] : []));
}
