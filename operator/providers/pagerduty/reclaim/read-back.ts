import { isOtherAddress } from '../../../api/address.ts';
import type { ActRequest, ReadBack } from '../../reclaim.ts';
import { aborted } from '../failures.ts';
import type { Client } from '../client.ts';
import { known } from './checked.ts';
import { readLicence, readPerson } from './person.ts';

/**
 * Milliseconds between looks: reads go on showing the old state for a while (facts/pagerduty.md 5.1), and a request whose answer was
 * lost may still be under way.
 */
const waitsMs = [1000, 2000, 4000, 8000, 15_000] as const;

/** Looks until it is done, half a minute at most. Throws what reading throws: no answer is no verdict. */
export async function readBackAction(request: ActRequest, client: Client): Promise<ReadBack> {
  for (const waitMs of waitsMs) {
    const answer = await readOnce(request, client);
    if (answer !== 'NotCarried') return answer;
    await pause(waitMs, client);
  }
  return readOnce(request, client);
}

export async function pause(ms: number, { session: { clock, signal } }: Client): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch {
    throw aborted();
  }
}

async function readOnce({ externalUserId: id, action, downgradeTo, person: { address } }: ActRequest, client: Client): Promise<ReadBack> {
  const person = await readPerson(id, client, []);
  if (person === undefined) return action === 'Remove' ? 'Carried' : 'NotCarried';
  // A seat that was handed over says nothing of its former holder (guard 9).
  if (isOtherAddress(address, person.email)) return 'OtherPerson';
  if (action === 'Remove' || downgradeTo === undefined || person.role !== downgradeTo.role) return 'NotCarried';
  if (downgradeTo.subscriptionIdentifier === undefined) return 'Carried';
  // Where licences are hidden, the role has to do.
  const held = known(await readLicence(id, client));
  return held === undefined || held.identifier === downgradeTo.subscriptionIdentifier ? 'Carried' : 'NotCarried';
}
