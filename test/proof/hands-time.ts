import type { Hand } from './hands.ts';
import type { World } from './world.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** Beyond a minute, within which clocks may differ. */
const skews = [3 * minuteMs, 40 * minuteMs, 7 * 60 * minuteMs, 3 * dayMs, 95 * dayMs].flatMap((ms) => [ms, -ms]);

/** Clocks that go wrong: that of the operator's node, or that of the API server; one at a time, since two that err alike look right. */
export const timeHands = [
  { name: 'skewOperator', weight: 0.5, of: 'Time', act: (world) => setClocks(world, { operator: world.dice.pick(skews), api: 0 }) },
  { name: 'skewApi', weight: 0.4, of: 'Time', act: (world) => setClocks(world, { operator: 0, api: world.dice.pick(skews) }) },
  { name: 'hideApiTime', weight: 0.1, of: 'Time', act: (world) => setClocks(world, { operator: 0, api: undefined }) },
  { name: 'setClocks', weight: 1.5, of: 'Time', act: (world) => (isAsItShouldBe(world) ? false : setClocks(world, { operator: 0, api: 0 })) },
] as const satisfies readonly Hand[];

export function setClocks(world: World, { operator, api }: { operator: number; api: number | undefined }): void {
  world.skewMs = operator;
  world.cluster.aheadMs = api;
}

function isAsItShouldBe({ skewMs, cluster }: World): boolean {
  return skewMs === 0 && cluster.aheadMs === 0;
}

/** Whether the operator and the API server agree on the time, as far as anybody can tell. */
export function areClocksRight({ skewMs, cluster: { aheadMs } }: Pick<World, 'skewMs' | 'cluster'>): boolean {
  return aheadMs !== undefined && Math.abs(skewMs - aheadMs) <= minuteMs;
}
