import { expect, it } from 'vitest';
import { catchAny, expectNoSecret, expectUnion, type ContractFault, type ContractSubject } from './contract-scene.ts';
import { actions, openReclaimer } from './reclaimer.ts';
import { undoCases } from './undo-contract.ts';


/** What every provider must hold to that reclaims, whatever its vendor (guards 2, 3, 4; D4). */
export function describeReclaim(subject: ContractSubject): void {
  describeInspect(subject);
  describeAct(subject);
  for (const { name, run } of undoCases) it(name, async () => run(subject));
}

function describeInspect(subject: ContractSubject): void {
  it('S2, guard 3: asks for the scopes of its guards', () => {
    const provider = subject.create();
    const { required, optional } = provider.scopes({ processes: ['ReclaimSubscription'], signals: [] });
    expect([...required, ...optional]).toEqual(expect.arrayContaining([...provider.reclaim.guardScopes]));
    expect(provider.reclaim.adminRoles).toContain(provider.reclaim.ownerRole);
  });

  it('guard 1: inspecting changes nothing, and finds nothing in the way of somebody whom nothing holds', async () => {
    await using scene = await subject.open();
    const { inspect, writes } = await openReclaimer(subject, scene);
    for (const action of actions) expect(await inspect(scene.reclaimable, action)).toMatchObject({ blockers: [], person: { externalUserId: scene.reclaimable, isOwner: false, isSelf: false } });
    expect(writes()).toBe(0);
  });

  it('guard 9: looking at somebody shows the same person as an inspection does, in a few requests, and changes nothing', async () => {
    await using scene = await subject.open();
    const { provider, session, inspect, writes } = await openReclaimer(subject, scene);
    const { person } = await inspect(scene.reclaimable);
    const before = scene.requests().length;
    const look = await provider.reclaim.look(scene.reclaimable, session);
    expect(look).toMatchObject({ externalUserId: scene.reclaimable, address: person.address, isOwner: false });
    expect({ ...person, ...(look as object) }).toEqual(person);
    expect(scene.requests().length - before).toBeLessThanOrEqual(2);
    expect(writes()).toBe(0);
  });

  it('guard 3: finds what holds somebody, and it is the vendor’s to refuse them', async () => {
    await using scene = await subject.open();
    if (scene.held === undefined) return;
    const { provider, session, inspect, plan } = await openReclaimer(subject, scene);
    const found = await inspect(scene.held);
    expect(found.blockers.length).toBeGreaterThan(0);
    for (const { kind, name } of found.blockers) expect([kind, name.length > 0]).toEqual([expect.not.stringMatching('Unverified'), true]);
    expect(await provider.reclaim.act(await plan(found, 'Remove'), session)).toMatchObject({ kind: 'Refused' });
  });

  const lasting: readonly ContractFault[] = ['ServerError', 'TooManyRequests', 'Garbage', 'CutOff', 'Reset', 'Unauthorized'];
  it.each(lasting)('guards 6, 7: inspecting and reading back under lasting %s give no verdict, and keep their secrets', async (fault) => {
    await using scene = await subject.open();
    const { provider, session, inspect, plan } = await openReclaimer(subject, scene);
    const request = await plan(await inspect(scene.reclaimable), 'Remove');
    scene.spoil(fault, 'All');
    const secrets = [...scene.secrets, session.token.value.reveal()];
    expectUnion(await catchAny(inspect(scene.reclaimable)), secrets);
    expectUnion(await catchAny(provider.reclaim.readBack(request, session)), secrets);
    expectUnion(await catchAny(provider.reclaim.look(scene.reclaimable, session)), secrets);
  });
}

function describeAct(subject: ContractSubject): void {
  it.each(actions)('guard 4: a %s is one writing request, and can be read back', async (action) => {
    await using scene = await subject.open();
    const { provider, session, inspect, plan, writes } = await openReclaimer(subject, scene);
    const request = await plan(await inspect(scene.reclaimable, action), action);
    expect(await provider.reclaim.act(request, session)).toEqual({ kind: 'Done' });
    expect(await provider.reclaim.readBack(request, session)).toBe('Carried');
    expect(writes()).toBe(1);
    if (action === 'Downgrade') return;
    expect(await provider.reclaim.look(scene.reclaimable, session)).toBe('Gone');
    if (scene.held !== undefined) expect(await provider.reclaim.look(scene.held, session)).toMatchObject({ externalUserId: scene.held });
    expect(await provider.reclaim.act(request, session)).toEqual({ kind: 'Gone' });
    expect(await provider.reclaim.inspect({ externalUserId: scene.reclaimable, evidenceTo: scene.clock.now(), action, protectedTags: [] }, session)).toEqual({ kind: 'Gone' });
  });

  it.each(actions.flatMap((action) => [true, false].map((isCarriedOut) => [action, isCarriedOut] as const)))('guard 4: a %s whose answer is lost (carried out: %s) is unclear until it is read back', async (action, isCarriedOut) => {
    await using scene = await subject.open();
    const { provider, session, inspect, plan, writes } = await openReclaimer(subject, scene);
    const request = await plan(await inspect(scene.reclaimable, action), action);
    scene.loseNextWrite(isCarriedOut);
    expect(await provider.reclaim.act(request, session)).toMatchObject({ kind: 'Unclear' });
    expect(await provider.reclaim.readBack(request, session)).toBe(isCarriedOut ? 'Carried' : 'NotCarried');
    expect(writes()).toBe(1);
  });

  const faults: readonly ContractFault[] = ['ServerError', 'TooManyRequests', 'Garbage', 'CutOff', 'Reset', 'Unauthorized', 'Forbidden'];
  it.each(faults.flatMap((fault) => actions.map((action) => [action, fault] as const)))('guards 4, 7: a %s under lasting %s is one request, and its outcome a value without secrets', async (action, fault) => {
    await using scene = await subject.open();
    const { provider, session, inspect, plan, writes } = await openReclaimer(subject, scene);
    const request = await plan(await inspect(scene.reclaimable, action), action);
    scene.spoil(fault, 'All');
    const outcome = await provider.reclaim.act(request, session);
    expect(writes()).toBe(1);
    expectNoSecret(outcome, [...scene.secrets, session.token.value.reveal()]);
    // A vendor that refuses has done nothing; one that says yes has done it.
    const isThere = scene.normalise(scene.reclaimable) !== undefined;
    if (action === 'Remove' && outcome.kind !== 'Unclear') expect(isThere).toBe(outcome.kind === 'Refused');
  });

  it.each(actions)('guard 4: a %s that is aborted before sends nothing, and one that is aborted meanwhile is unclear', async (action) => {
    await using scene = await subject.open();
    const { provider, session, inspect, plan, writes } = await openReclaimer(subject, scene);
    const request = await plan(await inspect(scene.reclaimable, action), action);
    expect(await catchAny(provider.reclaim.act(request, { ...session, signal: AbortSignal.abort() }))).toMatchObject({ failure: { kind: 'Retryable', reason: 'Aborted' } });
    expect(writes()).toBe(0);
    const stop = new AbortController();
    const hanging = scene.hang();
    const acted = provider.reclaim.act(request, { ...session, signal: stop.signal });
    while (hanging() === 0) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await acted).toMatchObject({ kind: 'Unclear' });
    expect(hanging()).toBe(1);
  });

  it('guard 8: refuses settings that it cannot use, in every verb', async () => {
    await using scene = await subject.open();
    const { provider, session, inspect, plan, writes } = await openReclaimer(subject, scene);
    const found = await inspect(scene.reclaimable);
    const request = await plan(found, 'Remove');
    const broken = { ...session, settings: { nonsense: true } };
    const verbs = provider.reclaim;
    const question = { externalUserId: scene.reclaimable, evidenceTo: 0, action: 'Remove', protectedTags: [] } as const;
    for (const work of [verbs.inspect(question, broken), verbs.readBack(request, broken), verbs.look(scene.reclaimable, broken), verbs.restore(found.bundle, found.person, broken)]) {
      expect(await catchAny(work)).toMatchObject({ failure: { kind: 'Terminal', reason: 'InvalidSettings' } });
    }
    expect(await verbs.act(request, broken)).toMatchObject({ kind: 'Refused', reason: 'InvalidSettings' });
    expect(writes()).toBe(0);
  });
}
