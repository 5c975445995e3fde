import type { ClassicSchedule, CompanyState, Policy, Settings, ShiftSchedule } from '../index.ts';
import type { Answer, TestAccount } from './open-account.ts';
import { FULL_LICENSE, makeCompany, makePerson, NOW, openAccount, STAKEHOLDER_LICENSE, WRITE_SCOPES } from './open-account.ts';

const now = Date.parse(NOW);
const start = Date.parse('2026-10-05T09:00:00Z');
const week = 604_800;

export const CLASSIC: ClassicSchedule = {
  kind: 'classic',
  id: 'PSCHED1',
  name: 'Web rota',
  description: '',
  timeZone: 'Etc/UTC',
  teamIds: ['PTEAM01'],
  layers: [
    { id: 'PLAYER0', name: 'Former', start: start - 90 * 86_400_000, end: start, rotationVirtualStart: start, turnSeconds: week, userIds: ['PFORMER'], restrictions: [] },
    { id: 'PLAYER1', name: 'Now', start, end: null, rotationVirtualStart: start, turnSeconds: week, userIds: ['POWNER1', 'PRESP01'], restrictions: [] },
  ],
  overrides: [{ userId: 'PFORMER', start: now - 86_400_000, end: now - 80_000_000 }],
};

export const SHIFTS: ShiftSchedule = {
  kind: 'v3',
  id: 'PSCHED3',
  name: 'Data rota',
  description: '',
  timeZone: 'Etc/UTC',
  teamIds: [],
  rotations: [
    {
      id: 'ROTATION1',
      events: [
        { id: 'EVENT1', name: 'Weekly', start, end: start + week * 1000, effectiveSince: start, effectiveUntil: null, frequency: 'weekly', strategy: 'rotating', shiftsPerMember: 1, members: ['POWNER1', 'PSHIFT1'] },
      ],
    },
  ],
};

export const POLICY: Policy = {
  id: 'PPOLICY',
  name: 'Web',
  description: null,
  teamIds: ['PTEAM01'],
  loops: 0,
  rules: [
    { id: 'PRULE01', delayMinutes: 30, targets: [{ kind: 'classic', id: CLASSIC.id }] },
    { id: 'PRULE02', delayMinutes: 30, targets: [{ kind: 'user', id: 'PTARGET' }] },
  ],
};

/**
 * PFREE01 nothing holds; PRESP01 is on a classic schedule, PSHIFT1 on a shift-based one, PTARGET a direct target, PFORMER in a
 * layer that has ended; PADMIN1 administers.
 */
export function makeStaff(patch: Partial<CompanyState> = {}): CompanyState {
  const { users, ...rest } = makeCompany();
  const teams = [{ teamId: 'PTEAM01', role: 'responder' as const }];
  const more = ['PFREE01', 'PSHIFT1', 'PTARGET', 'PFORMER'].map((id) => makePerson(id, { teams }));
  return {
    ...rest,
    users: [...users, ...more, makePerson('PADMIN1', { role: 'admin' })],
    teams: [{ id: 'PTEAM01', name: 'Web', description: null, parentId: null }],
    licenses: [FULL_LICENSE, { ...STAKEHOLDER_LICENSE, seats: 2 }],
    schedules: [CLASSIC],
    shiftSchedules: [SHIFTS],
    policies: [POLICY],
    ...patch,
  };
}

export interface WriteScene extends TestAccount {
  remove(id: string, authorization?: string): Promise<Answer<unknown>>;
  /** PUT with name, e-mail and type as they are. */
  change(id: string, user: object, authorization?: string): Promise<Answer<unknown>>;
  /** The texts of a refusal. */
  errorsOf(answer: Answer<unknown>): readonly string[];
}

/** An account with blockers of every kind, an administrator's key and an observer's. */
export async function openWrites(settings: Partial<Settings> = {}, company: CompanyState = makeStaff()): Promise<WriteScene> {
  const pd = await openAccount({
    company,
    settings,
    apps: [{ clientId: 'client', clientSecret: 'secret', scopes: ['users.read', ...WRITE_SCOPES] }],
    apiKeys: [{ key: 'full-key' }, { key: 'read-key', access: 'read-only' }, { key: 'admin', userId: 'PADMIN1' }, { key: 'observer', userId: 'POBSERV' }],
  });
  const withKey = (authorization: string | undefined): { authorization?: string } => (authorization === undefined ? {} : { authorization });
  return Object.assign(pd, {
    remove: async (id: string, authorization?: string) => await pd.send('DELETE', `/users/${id}`, withKey(authorization)),
    change: async (id: string, user: object, authorization?: string) => {
      const person = pd.simulator.state.user(id);
      const body = { user: { type: 'user', name: person?.name ?? 'Nobody', email: person?.email ?? 'nobody@example.com', ...user } };
      return await pd.send('PUT', `/users/${id}`, { body, ...withKey(authorization) });
    },
    errorsOf: (answer: Answer<unknown>) => (answer.body as { error: { errors: readonly string[] } }).error.errors,
  });
}
