import { generateCompany, type ClassicSchedule, type CompanyState, type Person } from '../pagerduty-simulator/index.ts';
import { sceneStart } from './refresh-scene.ts';

const hour = 3_600_000;
const day = 24 * hour;

const drawn = generateCompany({ seed: 11, users: 60, now: sceneStart });
export const fullUsers = drawn.users.filter((person) => !person.role.startsWith('read_only'));
export const stakeholders = drawn.users.filter((person) => person.role.startsWith('read_only'));
export const [rotatedOff, permanent, idle, coming] = fullUsers as [Person, Person, Person, Person];

/** One was on call 40 days ago, one is a permanent target, one comes on call tomorrow, nobody else ever. */
export const schedule: ClassicSchedule = {
  kind: 'classic',
  id: 'PSCHED1',
  name: 'Rota',
  description: '',
  timeZone: 'Etc/UTC',
  teamIds: [],
  layers: [],
  overrides: [
    { userId: rotatedOff.id, start: sceneStart - 40 * day, end: sceneStart - 40 * day + 8 * hour },
    { userId: coming.id, start: sceneStart + 6 * hour, end: sceneStart + 14 * hour },
  ],
};
const targets = [
  { kind: 'classic', id: schedule.id },
  { kind: 'user', id: permanent.id },
] as const;
const policy = { id: 'PPOL1', name: 'Policy', description: null, teamIds: [], loops: 0, rules: [{ id: 'PRULE1', delayMinutes: 30, targets }] };
/** 60 people with one schedule and one policy. */
export const company: CompanyState = { ...drawn, schedules: [schedule], shiftSchedules: [], policies: [policy] };
