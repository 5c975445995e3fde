import { expect } from 'vitest';
import type { ActRequest, InspectedPerson, UndoBundle } from '../../operator/providers/reclaim.ts';
import { catchAny, expectNoSecret, type ContractScene, type ContractSubject } from './contract-scene.ts';
import { actions, openReclaimer, throughSecret, type Reclaimer } from './reclaimer.ts';

/** What an undo must hold to. Data, so that the same cases are run against providers that are broken on purpose. */
export interface ContractCase {
  readonly name: string;
  readonly run: (subject: ContractSubject) => Promise<void>;
}

interface Reclaimed extends Reclaimer {
  readonly scene: ContractScene;
  /** Without ids. */
  readonly before: object | undefined;
  readonly person: InspectedPerson;
  readonly request: ActRequest;
  readonly bundle: UndoBundle;
  readonly restore: (of?: Partial<InspectedPerson>) => ReturnType<Reclaimer['provider']['reclaim']['restore']>;
}

/** Somebody who was reclaimed, unless it is to be planned only. */
async function reclaim(subject: ContractSubject, { scene, action, isSent = true }: { scene: ContractScene; action: ActRequest['action']; isSent?: boolean }): Promise<Reclaimed> {
  const reclaimer = await openReclaimer(subject, scene);
  const before = scene.normalise(scene.reclaimable);
  const found = await reclaimer.inspect(scene.reclaimable, action);
  const request = await reclaimer.plan(found, action);
  if (isSent) expect(await reclaimer.provider.reclaim.act(request, reclaimer.session)).toEqual({ kind: 'Done' });
  const bundle = throughSecret(found.bundle);
  const restore: Reclaimed['restore'] = async (of = {}) => reclaimer.provider.reclaim.restore(bundle, { ...found.person, ...of }, reclaimer.session);
  return { ...reclaimer, scene, before, person: found.person, request, bundle, restore };
}

const roundTrips = actions.map((action): ContractCase => ({
  name: `D4, C7: what a ${action} takes, its undo brings back, but for what it declares as lost`,
  async run(subject) {
    await using scene = await subject.open();
    const { before, restore } = await reclaim(subject, { scene, action });
    expect(scene.normalise(scene.reclaimable)).not.toEqual(before);
    const report = await restore();
    expect(scene.normalise(report.externalUserId)).toEqual(before);
    expect(report.restored.length).toBeGreaterThan(0);
    expect(report.kept).toEqual([]);
    if (action === 'Remove') expect(report.notRestored.length).toBeGreaterThan(0);
    // Again, and nothing is made twice.
    expect(await restore()).toEqual(report);
    expect(scene.normalise(report.externalUserId)).toEqual(before);
  },
}));

/** Fields that differ. */
function changed(one: object | undefined, other: object | undefined): string[] {
  const [a, b] = [one, other] as [Record<string, unknown>, Record<string, unknown>];
  return Object.keys(a).filter((field) => JSON.stringify(a[field]) !== JSON.stringify(b[field]));
}

const handMade: ContractCase = {
  name: 'guard 10: the undo of a Downgrade keeps whatever was changed by hand since, lists it, and brings back the rest',
  async run(subject) {
    await using look = await subject.open();
    for (const hand of Object.keys(look.hands)) {
      await using scene = await subject.open();
      const { restore, writes, before } = await reclaim(subject, { scene, action: 'Downgrade' });
      const left = scene.normalise(scene.reclaimable);
      scene.hands[hand]?.(scene.reclaimable);
      const made = scene.normalise(scene.reclaimable);
      const ofHand = changed(left, made);
      const report = await restore();
      const now = scene.normalise(scene.reclaimable);
      expect(changed(made, now).filter((field) => ofHand.includes(field)), hand).toEqual([]);
      const untouched = Object.keys(left ?? {}).filter((field) => !ofHand.includes(field));
      // Role and licence are one thing to a vendor, so where either was changed both may stay.
      expect(changed(before, now).filter((field) => untouched.includes(field) && !scene.seatFields.includes(field)), hand).toEqual([]);
      const isOfUndo = changed(before, left).some((field) => ofHand.includes(field));
      expect(report.kept.length > 0, hand).toBe(isOfUndo);
      const after = writes();
      expect(await restore()).toEqual(report);
      expect(writes()).toBe(after);
    }
  },
};

const invited: ContractCase = {
  name: 'guard 10: the undo of a Remove keeps role and teams of somebody whom others have invited again, and lists them',
  async run(subject) {
    await using scene = await subject.open();
    const { person, restore } = await reclaim(subject, { scene, action: 'Remove' });
    const { id, gave } = scene.invite(person);
    const made = scene.normalise(id);
    const report = await restore();
    expect(report.externalUserId).toBe(id);
    expect(changed(made, scene.normalise(id)).filter((field) => gave.includes(field))).toEqual([]);
    expect(report.kept.length).toBeGreaterThanOrEqual(gave.length);
  },
};

const handedOver = actions.flatMap((action) => [true, false].map((isSent): ContractCase => ({
  name: `guard 9: nobody is given anything of another, whose seat they have since (${action}, carried out: ${isSent})`,
  async run(subject) {
    await using scene = await subject.open();
    const { restore, writes, provider, request, session } = await reclaim(subject, { scene, action, isSent });
    const isGone = action === 'Remove' && isSent;
    if (!isGone) scene.handOver(scene.reclaimable);
    const [now, sent] = [scene.normalise(scene.reclaimable), writes()];
    if (!isGone) expect(await provider.reclaim.readBack(request, session)).toBe('OtherPerson');
    const failure = await catchAny(isGone ? restore({ address: 'somebody.else@example.com' }) : restore());
    expect(failure).toMatchObject({ failure: { kind: 'Terminal', reason: 'PersonChanged' } });
    expect(writes()).toBe(sent);
    expect(scene.normalise(scene.reclaimable)).toEqual(now);
  },
})));

const nothingDone = actions.map((action): ContractCase => ({
  name: `guard 10: where a ${action} changed nothing, its undo changes nothing`,
  async run(subject) {
    await using scene = await subject.open();
    const { before, restore, writes } = await reclaim(subject, { scene, action, isSent: false });
    const report = await restore();
    expect(writes()).toBe(0);
    expect(report).toMatchObject({ externalUserId: scene.reclaimable, notRestored: [], kept: [] });
    expect(scene.normalise(scene.reclaimable)).toEqual(before);
  },
}));

const quiet: ContractCase = {
  name: 'guard 7: the bundle has the person and no secret, the report neither',
  async run(subject) {
    await using scene = await subject.open();
    const { session, bundle, person, restore } = await reclaim(subject, { scene, action: 'Downgrade' });
    expect(JSON.stringify(bundle)).toContain(person.address);
    expectNoSecret(bundle, [...scene.secrets, session.token.value.reveal()]);
    for (const hand of Object.values(scene.hands)) hand(scene.reclaimable);
    expectNoSecret(await restore(), [...scene.secrets, session.token.value.reveal(), person.address, person.displayName]);
  },
};

export const undoCases: readonly ContractCase[] = [...roundTrips, handMade, invited, ...handedOver, ...nothingDone, quiet];
