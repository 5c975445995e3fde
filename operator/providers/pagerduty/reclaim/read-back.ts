import type { ActRequest } from '../../reclaim.ts';
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
export async function readBackAction(request: ActRequest, client: Client): Promise<'Carried' | 'NotCarried'> {
  for (const waitMs of waitsMs) {
    if (await isCarried(request, client)) return 'Carried';
    await pause(waitMs, client);
  }
  return (await isCarried(request, client)) ? 'Carried' : 'NotCarried';
}

export async function pause(ms: number, { session: { clock, signal } }: Client): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch {
    throw aborted();
  }
}

async function isCarried({ externalUserId: id, action, downgradeTo }: ActRequest, client: Client): Promise<boolean> {
  const person = await readPerson(id, client);
  if (action === 'Remove') return person === undefined;
  if (person === undefined || downgradeTo === undefined || person.role !== downgradeTo.role) return false;
  if (downgradeTo.subscriptionIdentifier === undefined) return true;
  // Where licences are hidden, the role has to do.
  const held = known(await readLicence(id, client));
  return held === undefined || held.identifier === downgradeTo.subscriptionIdentifier;
}
