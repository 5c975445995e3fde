import type { Transport } from '../../operator/providers/pagerduty/transport.ts';
import type { Witness } from './witness.ts';
import type { World } from './world.ts';

/** A request whose answer was lost, and which the vendor carries out later. */
export interface Late {
  readonly due: number;
  readonly carryOut: () => Promise<void>;
}

/** Whether the vendor takes its time with this one. */
export function isLate({ dice, focus, lateRate }: World): boolean {
  return dice.chance(focus.late ?? lateRate);
}

export function putOff(world: World, seen: Witness, send: () => ReturnType<Transport>): Awaited<ReturnType<Transport>> {
  const { dice, clock, simulator, late, moves } = world;
  const carryOut = async (): Promise<void> => {
    await send();
    const entry = simulator.journal.list().findLast(({ method, person }) => method === seen.method && person === seen.person);
    if (entry !== undefined) seen.entry = entry;
  };
  seen.isLate = true;
  late.push({ due: clock.now() + dice.pick([1, 3, 8, 30, 300]) * 60_000, carryOut });
  moves.set('lateEffect', (moves.get('lateEffect') ?? 0) + 1);
  return { kind: 'Fault', code: 'ECONNRESET', isUnsent: false };
}

/** While nobody is about to write: what comes between the last look and a request, no reading can see. */
export async function letLateOnesCome(world: World): Promise<void> {
  const due = world.late.filter((one) => one.due <= world.clock.now());
  for (const one of due) {
    world.late.splice(world.late.indexOf(one), 1);
    await one.carryOut();
  }
}
