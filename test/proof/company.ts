import { generateCompany, type CompanyState, type Person, type Role } from '../pagerduty-simulator/index.ts';
import type { Dice } from './dice.ts';

const dayMs = 86_400_000;
/** Whom a credential of a person acts for. */
export const selfId = 'PSELFADM';
export const stakeholderRole = 'read_only_user';

/** A believable company with people whom nothing holds, of every role, so that there is somebody to reclaim; and everything that protects. */
export function drawCompany(dice: Dice, now: number): CompanyState {
  const company = generateCompany({ seed: dice.between(1, 1e9), users: dice.between(4, 9), now });
  const free = Array.from({ length: dice.between(5, 11) }, (_, index) => drawFree(index, { dice, now, company }));
  const self = person(selfId, { now, company, patch: { role: 'admin', name: 'Toni Token' } });
  const tags = [...(company.tags ?? []), { id: 'PTAGKEEP', label: dice.pick(['license-keep', 'License-Keep ']) }];
  const users = [...company.users, ...free, self].map((one) => (dice.chance(0.08) ? { ...one, tagIds: [...(one.tagIds ?? []), 'PTAGKEEP'] } : one));
  // Seats enough, so that no reclaim fails for want of one.
  return { ...company, users, tags, licenses: company.licenses.map((license) => ({ ...license, seats: null })) };
}

export function stakeholderLicense({ licenses }: CompanyState): string {
  return licenses.find(({ roleGroup, validRoles }) => roleGroup === 'Stakeholder' && validRoles.includes(stakeholderRole))?.id ?? '';
}

const freeRoles: readonly Role[] = ['limited_user', 'limited_user', 'user', 'user', 'observer', 'admin', 'restricted_access'];

interface Town {
  readonly dice: Dice;
  readonly now: number;
  readonly company: CompanyState;
}

function drawFree(index: number, { dice, now, company }: Town): Person {
  const id = `PFREE${String(index).padStart(3, '0')}`;
  const patch: Partial<Person> = {
    role: dice.pick(freeRoles),
    jobTitle: dice.pick([null, 'Head', 'Engineer']),
    invitationSent: dice.chance(0.1),
    createdViaSso: dice.chance(0.3),
    teams: dice.some(company.teams, 0.3).map(({ id: teamId }) => ({ teamId, role: 'responder' as const })),
    allocatedAt: now - dice.pick([400, 400, 400, 100, 20]) * dayMs,
  };
  return person(id, { now, company, patch });
}

export function person(id: string, { now, company, patch = {} }: { now: number; company: CompanyState; patch?: Partial<Person> }): Person {
  const licenseId = company.licenses.find(({ roleGroup }) => roleGroup === 'FullUser')?.id ?? '';
  return {
    id,
    name: `Person ${id}`,
    email: `${id.toLowerCase()}@example.com`,
    role: 'limited_user',
    timeZone: 'Etc/UTC',
    color: 'teal',
    jobTitle: null,
    description: null,
    invitationSent: false,
    createdViaSso: false,
    teams: [],
    licenseId,
    allocatedAt: now - 400 * dayMs,
    createdAt: now - 400 * dayMs,
    webSignIns: [],
    mobileSignIns: [],
    story: 'never-on-call',
    ...patch,
  };
}
