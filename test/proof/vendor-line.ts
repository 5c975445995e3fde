import type { Transport } from '../../operator/providers/pagerduty/transport.ts';
import { simulatorTransport } from '../pagerduty-simulator/index.ts';
import { settle } from '../support/fake-clock.ts';
import { areClocksRight } from './hands-time.ts';
import type { Process } from './process.ts';
import { witness, type Witness } from './witness.ts';
import type { World } from './world.ts';

/** The line of one process to the vendor: each request that changes an account has a witness. */
export function createVendorLine(world: World, process: Process): Transport {
  const base = simulatorTransport(world.simulator);
  return async (call) => {
    const path = new URL(call.url).pathname;
    const person = call.method === 'GET' ? undefined : /^\/users\/([^/]+)$/.exec(path)?.[1];
    const isTimely = areClocksRight(world);
    await process.between(`${call.method} ${person === undefined ? path : '/users/{id}'}`, 'before');
    if (person === undefined) {
      const reply = await base(call);
      await process.between(`${call.method} ${path}`, 'after');
      return reply;
    }
    const seen = witness(world, { person, method: call.method, candidate: process.current, target: targetOf(call.json), areClocksRight: isTimely });
    const reply = await carry(world, seen, async () => base(call));
    await process.between(`${call.method} /users/{id}`, 'after');
    return reply;
  };
}

async function carry<T>(world: World, seen: Witness, send: () => Promise<T>): Promise<T> {
  world.underWay += 1;
  try {
    // The way there and back takes time, in which others may come.
    await travel(world);
    const reply = await send();
    const entry = world.simulator.journal.list().findLast(({ method, person }) => method === seen.method && person === seen.person);
    if (entry !== undefined) seen.entry = entry;
    seen.after = world.simulator.state.company;
    await travel(world);
    return reply;
  } finally {
    world.underWay -= 1;
  }
}

async function travel({ dice }: World): Promise<void> {
  if (dice.chance(0.3)) await settle(dice.between(1, 40));
  else for (let turn = dice.between(0, 12); turn > 0; turn -= 1) await Promise.resolve();
}

function targetOf(json: unknown): Witness['target'] {
  const { user } = (json ?? {}) as { user?: { role: string; license?: { id: string } } };
  return user === undefined ? undefined : { role: user.role, subscriptionIdentifier: user.license?.id };
}
