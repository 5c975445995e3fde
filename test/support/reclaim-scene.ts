import { createReclaimVerbs } from '../../operator/providers/pagerduty/reclaim/index.ts';
import { createThrottles } from '../../operator/providers/pagerduty/throttle.ts';
import type { Session } from '../../operator/providers/provider.ts';
import type { ActRequest, InspectRequest, Inspection, ReclaimVerbs, RestoredPerson, RestoreReport, UndoBundle, VendorBlocker } from '../../operator/providers/reclaim.ts';
import { createSimulator, simulatorTransport, type CompanyState, type Person, type Settings, type Simulator } from '../pagerduty-simulator/index.ts';
import { NOW } from '../pagerduty-simulator/testing/open-account.ts';
import { makeStaff } from '../pagerduty-simulator/testing/write-scene.ts';
import { createLeapingClock, type LeapingClock } from './leaping-clock.ts';
import { createSession, type SessionOptions } from './provider-session.ts';

export const day = 86_400_000;

/** Everything that inspecting, acting and undoing can use. */
export const reclaimScopes = [
  'users.read', 'users.write', 'licenses.read', 'oncalls.read', 'schedules.read', 'escalation_policies.read', 'incidents.read', 'teams.read', 'teams.write',
  'tags.read', 'tags.write', 'subscribers.read', 'subscribers.write', 'users:contact_methods.read', 'users:contact_methods.write', 'audit_records.read',
];

export interface ReclaimScene {
  readonly simulator: Simulator;
  readonly verbs: ReclaimVerbs;
  readonly clock: LeapingClock;
  /** A session with the full account key unless told otherwise. */
  session(options?: Partial<SessionOptions>): Session;
  /** A session of an app or a person that has these scopes only. */
  scoped(scopes: readonly string[], userId?: string): Session;
  inspect(id: string, more?: Partial<InspectRequest>, session?: Session): Promise<Inspection>;
  /** What the inspection of somebody who is there found. */
  find(id: string, more?: Partial<InspectRequest>, session?: Session): Promise<Extract<Inspection, { kind: 'Found' }>>;
  /** `Kind name` of each blocker. */
  blockers(id: string, more?: Partial<InspectRequest>, session?: Session): Promise<string[]>;
  /** The request that carries an action out, with the person as they are, or were before they went. */
  request(id: string, action: ActRequest['action']): ActRequest;
  /** Undoes what a bundle was taken before; of the person in it, unless told otherwise. */
  restore(bundle: UndoBundle, session?: Session, person?: RestoredPerson): Promise<RestoreReport>;
}

export const stakeholder = { role: 'read_only_user', subscriptionIdentifier: 'PLSTAKE' } as const;

/** An account without a wire, on a clock that leaps over every wait. */
export function openReclaim(company: CompanyState = makeStaff(), settings: Partial<Settings> = {}): ReclaimScene {
  const clock = createLeapingClock(NOW);
  const simulator = createSimulator({ company, clock, settings: { perMinute: 1e9, oncallsPerMinute: 1e9, ...settings }, apiKeys: [{ key: 'full-key' }] });
  const verbs = createReclaimVerbs({ transport: simulatorTransport(simulator), throttles: createThrottles() }, () => undefined);
  const endpoints = { api: simulator.url, identity: simulator.url, app: simulator.url };
  const common = { settings: { subdomain: company.subdomain, endpoints }, clock };

  function session(options: Partial<SessionOptions> = {}): Session {
    return createSession({ ...common, token: 'full-key', scheme: 'ApiToken', scopes: undefined, ...options });
  }

  async function inspect(id: string, more: Partial<InspectRequest> = {}, as: Session = session()): Promise<Inspection> {
    const target = more.action === 'Downgrade' ? { downgradeTo: stakeholder } : {};
    return verbs.inspect({ externalUserId: id, evidenceTo: clock.now() - day, action: 'Remove', protectedTags: [], ...target, ...more }, as);
  }

  async function find(id: string, more?: Partial<InspectRequest>, as?: Session): Promise<Extract<Inspection, { kind: 'Found' }>> {
    const inspection = await inspect(id, more, as);
    if (inspection.kind === 'Found') return inspection;
    throw new Error(`${id} is gone`);
  }

  return {
    simulator,
    verbs,
    clock,
    session,
    scoped(scopes, userId = 'PADMIN1') {
      const token = simulator.credentials.grantUser({ userId, scopes, expiresAt: clock.now() + day });
      return session({ token, scheme: 'Bearer', scopes });
    },
    inspect,
    find,
    blockers: async (id, more, as) => (await find(id, more, as)).blockers.map(nameBlocker),
    request(id, action) {
      const person = simulator.state.user(id) ?? company.users.find((one) => one.id === id);
      const about = { displayName: person?.name ?? 'Nobody', address: person?.email ?? 'nobody@example.com' };
      return { externalUserId: id, action, person: about, ...(action === 'Downgrade' ? { downgradeTo: stakeholder } : {}) };
    },
    restore: async (bundle, as = session(), person = personOf(bundle)) => verbs.restore(bundle, person, as),
  };
}

/** As they were when the bundle was taken. */
export function personOf({ externalUserId, content }: UndoBundle): RestoredPerson {
  const { person } = content as { person?: { email: string } };
  return { externalUserId, address: person?.email ?? '' };
}

export function nameBlocker({ kind, name }: VendorBlocker): string {
  return `${kind} ${name}`;
}

/** Somebody by what they have, whatever its ids: equal before a removal and after its undo, but for what is declared as lost (D4). */
export function normalisePerson(person: Person, company: CompanyState): object {
  const contacts = person.contactMethods ?? [{ id: `${person.id}C`, type: 'email_contact_method', label: 'Default', address: person.email }];
  const rules = person.notificationRules ?? [{ id: `${person.id}N`, delayMinutes: 0, urgency: 'high', contactMethodId: `${person.id}C` }];
  const contact = (id: string): string => {
    const found = contacts.find((one) => one.id === id);
    return found === undefined ? 'none' : `${found.type} ${found.address}`;
  };
  const mobile = (id: string): boolean => contact(id).startsWith('push_');
  const sorted = (items: readonly (object | string)[]): string[] => items.map((item) => JSON.stringify(item)).toSorted();
  return {
    name: person.name,
    email: person.email,
    role: person.role,
    licence: person.licenseId,
    timeZone: person.timeZone,
    color: person.color,
    jobTitle: person.jobTitle,
    description: person.description,
    teams: sorted(person.teams),
    tags: sorted((person.tagIds ?? []).map((id) => company.tags?.find((tag) => tag.id === id)?.label ?? id)),
    subscriptions: sorted(person.subscriptions ?? []),
    // The mobile app is declared as lost, and so are the rules that use it.
    contacts: sorted(contacts.filter(({ id }) => !mobile(id)).map(({ type, label, address, countryCode }) => ({ type, label, address, countryCode }))),
    rules: sorted(rules.filter(({ contactMethodId: id }) => !mobile(id)).map(({ delayMinutes, urgency, contactMethodId }) => ({ delayMinutes, urgency, contact: contact(contactMethodId) }))),
    handoff: sorted((person.handoffRules ?? []).filter(({ contactMethodId: id }) => !mobile(id)).map(({ advanceMinutes, handoffType, contactMethodId }) => ({ advanceMinutes, handoffType, contact: contact(contactMethodId) }))),
    status: sorted((person.statusUpdateRules ?? []).filter(({ contactMethodId: id }) => !mobile(id)).map(({ contactMethodId }) => ({ contact: contact(contactMethodId) }))),
  };
}
