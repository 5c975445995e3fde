import type { CompanyState, Person } from '../pagerduty-simulator/company/company.ts';
import type { JournalEntry } from '../pagerduty-simulator/http/journal.ts';
import type { Cluster } from './cluster.ts';
import { controlPort, names } from './manifests.ts';

/** What PagerDuty itself knows: asked inside its pod, since its control answers to nobody else. */
export interface Vendor {
  person(id: string): Promise<Person | undefined>;
  byAddress(email: string): Promise<Person | undefined>;
  /** Ids of people whom nothing stands in the way of: on no schedule and no policy, signed up, neither owner nor admin. */
  free(): Promise<ReadonlySet<string>>;
  /** `METHOD status` of each request that could change something about the person, oldest first. */
  writesOn(id: string): Promise<string[]>;
  /** Lets the answer to the next request of that method take so long; it is carried out whatever becomes of who asked. */
  delayNext(method: string, delayMs: number): Promise<void>;
}

export function openVendor(cluster: Cluster): Vendor {
  async function order<T>(method: string, path: string, body?: object): Promise<T> {
    const options = JSON.stringify({ method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const script = `fetch('http://127.0.0.1:${controlPort}/_simulator${path}', ${options}).then(async (answer) => process.stdout.write(await answer.text()))`;
    return JSON.parse(await cluster.kubectl('exec', '-n', names.vendorNamespace, 'deployment/simulator', '--', 'node', '-e', script)) as T;
  }
  const company = async (): Promise<CompanyState> => order<CompanyState>('GET', '/company');
  return {
    person: async (id) => (await company()).users.find((user) => user.id === id),
    byAddress: async (email) => (await company()).users.find((user) => user.email === email),
    free: async () => findFree(await company()),
    async writesOn(id) {
      const entries = await order<JournalEntry[]>('GET', `/journal?person=${id}`);
      return entries.filter(({ method }) => method !== 'GET').map(({ method, status }) => `${method} ${status}`);
    },
    async delayNext(method, delayMs) {
      await order('POST', '/faults', { method, count: 1, delayMs });
    },
  };
}

function findFree({ users, schedules, shiftSchedules, policies, incidents }: CompanyState): Set<string> {
  const places = JSON.stringify([schedules, shiftSchedules, policies, incidents]);
  return new Set(users.filter(({ id, role, invitationSent }) => role === 'user' && !invitationSent && !places.includes(`"${id}"`)).map(({ id }) => id));
}
