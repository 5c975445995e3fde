import { OperatorError } from '../../operator/api/errors.ts';
import { reclamationRuleResource, type ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { Fault } from '../pagerduty-simulator/index.ts';
import { settle } from '../support/fake-clock.ts';
import { apiFault } from '../support/memory-cluster.ts';
import type { Focus } from './focus.ts';
import { letLateOnesCome } from './late.ts';
import { moveHand, type Hand } from './hands.ts';
import { mend } from './hands-objects.ts';
import { areClocksRight, setClocks } from './hands-time.ts';
import { refresh } from './hands-refresh.ts';
import { countEvaluation } from './oracle/ratio.ts';
import { startProcess, type Between, type Process } from './process.ts';
import { namespace } from './subscriptions.ts';
import { openWorld, type World } from './world.ts';

const minuteMs = 60_000;

/** Lives through a random story of a company: evaluations, decisions, reclaims, and everything that comes in between. */
export async function liveThrough(seed: number, focus: Focus = {}): Promise<World> {
  const world = openWorld(seed, focus);
  const { dice } = world;
  const leaders: Leaders = [startProcess(world, 'p1'), startProcess(world, 'p2')];
  for (const name of world.ruleNames) await evaluate(world, leaders, name);
  for (let step = dice.between(40, focus.steps ?? 90); step > 0; step -= 1) {
    await letLateOnesCome(world);
    const roll = dice.random();
    if (roll < 0.56) await look(world, leaders);
    else if (roll < 0.66) await moveHand(world, ['Candidate']);
    else if (roll < 0.76) await moveHand(world, ['Objects', 'Vendor', 'Person', 'Time']);
    else if (roll < 0.82) await settleDown(world, leaders);
    else if (roll < 0.93) await passTime(world, leaders);
    else await evaluate(world, leaders, dice.pick(world.ruleNames));
  }
  return world;
}

type Leaders = [Process, Process];

/** What was wrong is put right, and a refresh goes well. */
async function settleDown(world: World, leaders: Leaders): Promise<void> {
  mend(world);
  setClocks(world, { operator: 0, api: 0 });
  refresh(world);
  for (const name of world.ruleNames) await evaluate(world, leaders, name);
}

async function passTime(world: World, leaders: Leaders): Promise<void> {
  const { dice, clock } = world;
  await clock.sleep(dice.pick([5, 20, 60, 360, 1440, 1440, 4320]) * minuteMs);
  if (dice.chance(0.85)) refresh(world);
  if (dice.chance(0.6)) await evaluate(world, leaders, dice.pick(world.ruleNames));
}

/** One process evaluates a rule; it may die over it. */
async function evaluate(world: World, leaders: Leaders, name: string): Promise<void> {
  const timeOf = (): string | undefined => world.cluster.get<ReclamationRule>(reclamationRuleResource, { namespace, name })?.status?.evaluation?.time;
  const before = timeOf();
  leaders[0].catchUp();
  leaders[0].skew = 0;
  const counted = countEvaluation(world, name);
  await work(world, leaders, { at: 0, isCalm: true }, async (process) => process.lookAtRule(name));
  world.counts.evaluations += 1;
  // By a clock that is wrong, other people are found.
  if (timeOf() !== before) world.evaluated.set(name, areClocksRight(world) ? counted : { ...counted, ratio: 0 });
}

/** One or two processes look at candidates, each until nothing is due at once. */
async function look(world: World, leaders: Leaders): Promise<void> {
  const { dice, cluster, focus } = world;
  const all = cluster.list<RemovalCandidate>(removalCandidateResource);
  const open = all.filter(({ spec, status }) => status?.state?.startsWith('Closed') !== true || spec.restore !== undefined);
  const chosen = dice.chance(0.9) && open.length > 0 ? open : all;
  const names = chosen.map(({ metadata }) => metadata.name);
  if (names.length === 0) return;
  spoil(world);
  const first = dice.pick(names);
  const second = dice.chance(focus.isRace === true ? 1 : 0.5) ? first : dice.pick(names);
  const both = dice.chance(focus.leaders ?? 0.2);
  await Promise.all([lookAt(world, leaders, { at: 0, name: first }), ...(both ? [lookAt(world, leaders, { at: 1, name: second })] : [])]);
  world.simulator.faults.clear();
}

async function lookAt(world: World, leaders: Leaders, { at, name }: { at: 0 | 1; name: string }): Promise<void> {
  const { dice, focus, clock } = world;
  for (let pass = 0; pass < 9; pass += 1) {
    if (!dice.chance(focus.lag ?? 0.25)) leaders[at].catchUp();
    leaders[at].skew = dice.chance(0.1) ? dice.between(-30_000, 30_000) : 0;
    world.counts.passes += 1;
    // A look that fails is taken up again.
    let wish: number | undefined = 100;
    await work(world, leaders, { at, isCalm: false }, async (process) => {
      wish = await process.lookAtCandidate(name);
    });
    if (wish === undefined || wish > 10_000) return;
    await clock.sleep(Math.max(1, wish));
  }
}

interface Turn {
  readonly at: 0 | 1;
  /** Nobody else does anything meanwhile. */
  readonly isCalm: boolean;
}

/** Lets a process work until it is done or dead; who is dead is followed by another. */
async function work(world: World, leaders: Leaders, { at, isCalm }: Turn, piece: (process: Process) => Promise<void>): Promise<void> {
  const process = leaders[at];
  const fate = drawFate(world, isCalm);
  process.between = fate.between;
  world.lookers += 1;
  try {
    await Promise.race([piece(process), fate.died]);
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
  } finally {
    fate.end();
    world.lookers -= 1;
  }
  if (!fate.isDead()) return;
  world.counts.deaths += 1;
  leaders[at] = startProcess(world, `${process.name}x`);
}

interface Fate {
  readonly between: Between;
  /** Resolves when the process dies. */
  readonly died: Promise<void>;
  readonly isDead: () => boolean;
  readonly end: () => void;
}

/** All that comes in between the calls of one look. */
function drawFate(world: World, isCalm: boolean): Fate {
  const { dice } = world;
  const death = drawDeath(world);
  const seals = createSeals(world);
  const strike = isCalm ? undefined : createWeather(world, seals);
  return {
    died: death.died,
    isDead: death.isDead,
    end: () => seals.end(),
    async between(what, moment) {
      // Never goes on: a process that is dead tidies nothing up.
      if (death.comes(moment)) await new Promise<never>(() => undefined);
      seals.see(what, moment);
      for (let turn = dice.between(0, 3); turn > 0; turn -= 1) await Promise.resolve();
      await strike?.(what, moment);
    },
  };
}

function drawDeath({ dice, focus }: World): Pick<Fate, 'died' | 'isDead'> & { comes(moment: 'before' | 'after'): boolean } {
  const { promise: died, resolve } = Promise.withResolvers<void>();
  const at = dice.chance(focus.deaths ?? 0.1) ? { call: dice.between(1, 90), moment: dice.pick(['before', 'after'] as const) } : undefined;
  let calls = 0;
  let isDead = false;
  return {
    died,
    isDead: () => isDead,
    comes(moment) {
      if (moment === 'before') calls += 1;
      isDead ||= calls === at?.call && moment === at.moment;
      if (isDead) resolve();
      return isDead;
    },
  };
}

/** Other people's hands, a clock that leaps, and an API server that has bad moments. */
function createWeather(world: World, seals: Seals): Between {
  const { dice, focus, clock } = world;
  const rates = drawRates(world);
  // oxlint-disable-next-line complexity -- a list of what may happen, each by its own chance
  return async (what, moment) => {
    if (isSaved(what, moment) && dice.chance(rates.atMoment)) await moveHand(world, seals.open(), focus.momentHands);
    if (dice.chance(rates.stall)) await settle(dice.between(1, 60));
    if (dice.chance(rates.hand)) await moveHand(world, seals.open());
    if (mayLeap(world, what) && dice.chance(rates.leap)) await clock.sleep(dice.pick([1000, 30_000, 90_000, 400_000, 4_000_000]));
    if (/^(get|list|apply|create|replace|delete) /.test(what) && dice.chance(rates.weather)) throw apiFault();
  };
}

function isSaved(what: string, moment: string): boolean {
  return what.startsWith('create secrets') && what.endsWith('-undo') && moment === 'after';
}

/** Never between the last look at the clock and the request itself: no process can see that it was stopped there. */
function mayLeap({ underWay }: World, what: string): boolean {
  return underWay === 0 && !what.endsWith('/users/{id}');
}

function drawRates({ dice, focus }: World): Readonly<Record<'hand' | 'atMoment' | 'weather' | 'leap' | 'stall', number>> {
  return {
    hand: focus.between ?? dice.pick([0, 0, 0.01, 0.05]),
    atMoment: focus.atMoment ?? 0.1,
    weather: dice.pick([0, 0, 0.01]),
    leap: dice.pick([0, 0, 0, 0.01]),
    stall: focus.stalls ?? dice.pick([0, 0, 0.02]),
  };
}

interface Seals {
  see(what: string, moment: string): void;
  /** Whose hands may move. */
  open(): readonly Hand['of'][];
  end(): void;
}

/** What a process has read last before it writes, nobody can see change any more: hands are off it until the look is over. */
function createSeals(world: World): Seals {
  let sealed = 0;
  let vendorSealed = 0;
  let personSealed = 0;
  let bundled = 0;
  return {
    // oxlint-disable-next-line complexity -- each moment that is waited for
    see(what, moment) {
      if (moment === 'after' && bundled === 0 && what.startsWith('create secrets') && what.endsWith('-undo')) world.bundled += bundled = 1;
      if (moment === 'before' && vendorSealed === 0 && /^(create|replace) leases /.test(what)) world.vendorSealed += vendorSealed = 1;
      // The last look at the person comes after it.
      if (sealed > 0 && personSealed === 0 && moment === 'after' && what.startsWith('GET /users/')) world.personSealed += personSealed = 1;
      if (sealed === 0 && what === 'appended BundleSaved') world.sealed += sealed = 1;
    },
    open: () => ['Candidate', 'Time', ...(world.sealed === 0 ? ['Objects' as const] : []), ...(world.vendorSealed === 0 ? ['Vendor' as const] : []), ...(isPersonOpen(world) ? ['Person' as const] : [])],
    end() {
      world.sealed -= sealed;
      world.vendorSealed -= vendorSealed;
      world.personSealed -= personSealed;
      world.bundled -= bundled;
      sealed = vendorSealed = personSealed = bundled = 0;
    },
  };
}

const spoiled: readonly Fault[] = [
  { kind: 'reset', when: 'before-processing' },
  { kind: 'reset', when: 'before-headers' },
  { kind: 'reset', when: 'after-headers' },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 408 },
  { kind: 'status', status: 429 },
  { kind: 'status', status: 400 },
  { kind: 'html' },
  { kind: 'empty' },
  { kind: 'malformed-json' },
];

/** A write whose answer is lost or spoiled, or reads that fail. */
function spoil({ dice, focus, simulator: { faults } }: World): void {
  if (dice.chance(focus.faults ?? 0.2)) for (const method of ['DELETE', 'PUT']) faults.add({ method, route: '/users/*', count: dice.pick([1, 1, 3]), fault: dice.pick(focus.isRace === true ? spoiled.slice(0, 1) : spoiled) });
  if (dice.chance(0.06)) faults.add({ method: 'GET', route: dice.pick(['/users/*', '/oncalls', '/schedules', '/escalation_policies', '/incidents', '/v3/schedules', '/users']), skip: dice.between(0, 2), count: dice.pick([1, 8]), fault: dice.pick(spoiled) });
}

/** Who somebody is, is asked last of all before a reclaim; before an undo, with all the rest. */
function isPersonOpen({ personSealed, vendorSealed, bundled }: World): boolean {
  return personSealed === 0 && vendorSealed <= bundled;
}
