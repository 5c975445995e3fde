import { describe, expect, it } from 'vitest';
import { catchFailure, createSession } from '../../../../test/support/provider-session.ts';
import { openReclaim, reclaimScopes, type ReclaimScene } from '../../../../test/support/reclaim-scene.ts';
import { openIncident, placeOn, takeOff, type ErrorVariant, type Fault } from '../../../../test/pagerduty-simulator/index.ts';
import { makeStaff, POLICY } from '../../../../test/pagerduty-simulator/testing/write-scene.ts';
import type { ActOutcome, ActRequest } from '../../reclaim.ts';
import { createThrottles } from '../throttle.ts';
import type { Transport, TransportFault, VendorCall } from '../transport.ts';
import { createReclaimVerbs } from './index.ts';

const actions = ['Remove', 'Downgrade'] as const;

/** Acts, and holds that exactly so many writing requests reached the vendor (guard 4). */
async function act(scene: ReclaimScene, id: string, action: ActRequest['action'], writes = 1): Promise<ActOutcome> {
  const before = scene.simulator.journal.writes().length;
  const outcome = await scene.verbs.act(scene.request(id, action), scene.session());
  expect(scene.simulator.journal.writes().length - before).toBe(writes);
  return outcome;
}

describe('one writing request', () => {
  it('T17: removes by a deletion', async () => {
    const scene = openReclaim();
    expect(await act(scene, 'PFREE01', 'Remove')).toEqual({ kind: 'Done' });
    expect(scene.simulator.state.user('PFREE01')).toBeUndefined();
    expect(scene.simulator.journal.writes()).toMatchObject([{ method: 'DELETE', path: '/users/PFREE01', outcome: 'done' }]);
  });

  it('T12, C18: downgrades by role and licence in one request, name and address as they are', async () => {
    const scene = openReclaim();
    expect(await act(scene, 'PFREE01', 'Downgrade')).toEqual({ kind: 'Done' });
    expect(scene.simulator.state.user('PFREE01')).toMatchObject({ role: 'read_only_user', licenseId: 'PLSTAKE', name: 'Person PFREE01', email: 'pfree01@example.com' });
  });

  it('T12: leaves the licence to PagerDuty where none is named', async () => {
    const scene = openReclaim();
    const request = { ...scene.request('PFREE01', 'Downgrade'), downgradeTo: { role: 'read_only_limited_user' } };
    expect(await scene.verbs.act(request, scene.session())).toEqual({ kind: 'Done' });
    expect(scene.simulator.state.user('PFREE01')).toMatchObject({ role: 'read_only_limited_user', licenseId: 'PLSTAKE' });
  });

  it.each(actions)('%s of somebody gone is Gone', async (action) => {
    const scene = openReclaim();
    expect(await act(scene, 'PNOBODY', action)).toEqual({ kind: 'Gone' });
  });

  it.each(['', 'me', 'ME', '../users', 'P1/contact_methods/C1', 'P1?x=1', 'P1#', 'P%31', 'pfree01@example.com'])('guard 4: never sends %j anywhere: it is no id', async (id) => {
    const scene = openReclaim();
    for (const action of actions) expect(await act(scene, id, action, 0)).toEqual({ kind: 'Refused', reason: 'InvalidPerson', words: [], passing: false });
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it('guard 4: sends nothing for a downgrade to nowhere', async () => {
    const scene = openReclaim();
    const { downgradeTo: _, ...request } = scene.request('PFREE01', 'Downgrade');
    expect(await scene.verbs.act(request, scene.session())).toMatchObject({ kind: 'Refused', reason: 'NoDowngradeTarget' });
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it.each(['admin', 'owner'])('guard 2: makes nobody %s in the name of a downgrade', async (role) => {
    const scene = openReclaim();
    const request = { ...scene.request('PFREE01', 'Downgrade'), downgradeTo: { role } };
    expect(await scene.verbs.act(request, scene.session())).toEqual({ kind: 'Refused', reason: 'NotADowngrade', words: [], passing: false });
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it('guard 8: settings that cannot be used are a refusal, too', async () => {
    const scene = openReclaim();
    expect(await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session({ settings: {} }))).toMatchObject({ kind: 'Refused', reason: 'InvalidSettings', passing: false });
    expect(scene.simulator.journal.list()).toEqual([]);
  });
});

describe('what PagerDuty refuses (T9, facts 5.1, 5.4)', () => {
  const holders: Readonly<Record<string, (scene: ReclaimScene) => string>> = {
    OpenIncidents(scene) {
      openIncident(scene.simulator.state, { assigneeIds: ['PFREE01'], createdAt: scene.clock.now() });
      return 'PFREE01';
    },
    OnSchedule: () => 'PRESP01',
    OnEscalationPolicy: () => 'PTARGET',
    InOpenIncidentSnapshot(scene) {
      openIncident(scene.simulator.state, { assigneeIds: ['POBSERV'], policyId: POLICY.id, createdAt: scene.clock.now() });
      takeOff(scene.simulator.state, { userId: 'PTARGET', kind: 'policy' }, scene.clock.now());
      return 'PTARGET';
    },
  };
  const bodies = ['errors-only', 'empty-message', 'with-code', 'names-conflicts'] as const;

  it.each(Object.keys(holders).flatMap((reason) => bodies.map((body) => [reason, body] as const)))('T9: a deletion is refused as %s, in the body %s', async (reason, blockerBody) => {
    const scene = openReclaim(makeStaff(), { blockerBody });
    const id = holders[reason]?.(scene) ?? '';
    const outcome = await act(scene, id, 'Remove');
    expect(outcome).toMatchObject({ kind: 'Refused', reason, passing: false });
    expect(outcome.kind === 'Refused' && outcome.words.some((words) => words.includes('cannot be deleted'))).toBe(true);
    expect(scene.simulator.state.user(id)).toBeDefined();
  });

  it.each(['forbidden', 'invalid'] as const)('T11: the owner, whether %s', async (ownerDelete) => {
    const scene = openReclaim(makeStaff(), { ownerDelete });
    expect(await act(scene, 'POWNER1', 'Remove')).toMatchObject({ kind: 'Refused', passing: false });
    expect(await act(scene, 'POWNER1', 'Downgrade')).toMatchObject({ kind: 'Refused', reason: 'AccessDenied' });
  });

  it.each(['forbidden', 'invalid'] as const)('T11: oneself, where it is %s', async (selfDelete) => {
    const scene = openReclaim(makeStaff(), { selfDelete });
    expect(await scene.verbs.act(scene.request('PADMIN1', 'Remove'), scene.scoped(reclaimScopes))).toMatchObject({ kind: 'Refused', passing: false });
  });

  it('T12: a licence that is stale, or has no seat left', async () => {
    const scene = openReclaim();
    const request = { ...scene.request('PFREE01', 'Downgrade'), downgradeTo: { role: 'read_only_user', subscriptionIdentifier: 'PLGONE1' } };
    expect(await scene.verbs.act(request, scene.session())).toMatchObject({ kind: 'Refused', reason: 'LicenseUnavailable', passing: false });
    for (const id of ['PFREE01', 'PFORMER']) await act(scene, id, 'Downgrade');
    expect(scene.simulator.state.user('PFORMER')?.role).toBe('limited_user');
  });

  it('C18: a stakeholder on a schedule, and an account without stakeholders', async () => {
    const scene = openReclaim();
    expect(await act(scene, 'PRESP01', 'Downgrade')).toMatchObject({ kind: 'Refused', reason: 'OnSchedule' });
    expect(await act(scene, 'PTARGET', 'Downgrade')).toMatchObject({ kind: 'Refused', reason: 'OnEscalationPolicy' });
    scene.simulator.state.replace({ abilities: [] });
    expect(await act(scene, 'PFREE01', 'Downgrade')).toMatchObject({ kind: 'Refused', reason: 'PlanLacksFeature' });
  });

  it('T1: a scope that is missing', async () => {
    const scene = openReclaim();
    expect(await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.scoped(['users.read']))).toMatchObject({ kind: 'Refused', reason: 'ScopeMissing' });
  });

  it.each(actions)('guard 4: the lock of the account passes, and %s is not tried again', async (action) => {
    const scene = openReclaim(makeStaff(), { accountLock: 'always' });
    expect(await act(scene, 'PFREE01', action)).toMatchObject({ kind: 'Refused', reason: 'AccountLocked', passing: true });
  });

  it.each(actions)('guard 4: a 429 passes, says when, and %s is not tried again', async (action) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', count: null, fault: { kind: 'status', status: 429, headers: { 'retry-after': '7' } } });
    expect(await act(scene, 'PFREE01', action)).toMatchObject({ kind: 'Refused', reason: 'RateLimited', passing: true, retryAfterMs: 7000 });
    // The others of the credential wait as well.
    scene.simulator.faults.clear();
    const before = scene.clock.now();
    await act(scene, 'PNOBODY', 'Remove');
    expect(scene.clock.now() - before).toBeGreaterThanOrEqual(7000);
  });

  it('guard 4: a 429 without headers or body', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', fault: { kind: 'status', status: 429, body: 'empty' } });
    expect(await act(scene, 'PFREE01', 'Remove')).toEqual({ kind: 'Refused', reason: 'RateLimited', words: [], passing: true });
  });

  const variants: readonly ErrorVariant[] = ['normal', 'errors-string', 'errors-null', 'errors-object', 'error-array', 'error-string', 'no-code-no-message', 'code-is-status', 'not-json', 'html', 'empty'];
  it.each([400, 402, 403, 409, 422].flatMap((status) => variants.map((body) => [status, body] as const)))('a %d whose body is %s refuses for good, once', async (status, body) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', count: null, fault: { kind: 'status', status, body } });
    for (const action of actions) {
      const outcome = await act(scene, 'PFREE01', action);
      expect(outcome).toMatchObject({ kind: 'Refused', passing: false });
      if (outcome.kind === 'Refused') expect(outcome.words.every((words) => words.length <= 500)).toBe(true);
    }
  });

  it.each(['normal', 'error-string', 'no-code-no-message'] as const)('a 404 whose body is %s is PagerDuty’s own: gone', async (body) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', fault: { kind: 'status', status: 404, body } });
    expect(await act(scene, 'PFREE01', 'Remove')).toEqual({ kind: 'Gone' });
  });

  it.each(['html', 'empty', 'not-json'] as const)('guard 4: a 404 whose body is %s may be anybody’s: unclear', async (body) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', fault: { kind: 'status', status: 404, body } });
    expect(await act(scene, 'PFREE01', 'Remove')).toMatchObject({ kind: 'Unclear' });
  });

  it.each([2007, 2008, 2012])('a 404 about the account (code %d) does not say that the person is gone', async (code) => {
    const { outcome } = await answerWith({ kind: 'Reply', status: 404, headers: {}, body: JSON.stringify({ error: { message: 'Account Not Found', code } }) });
    expect(outcome).toMatchObject({ kind: 'Refused', reason: 'AccountUnavailable', passing: false });
  });

  it('a 401 passes with a new token, but not where a person has to replace it', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ route: '/users/*', count: null, fault: { kind: 'status', status: 401 } });
    expect(await act(scene, 'PFREE01', 'Remove')).toMatchObject({ kind: 'Refused', reason: 'CredentialsRejected', passing: false });
    expect(await scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.scoped(reclaimScopes))).toMatchObject({ kind: 'Refused', reason: 'TokenRejected', passing: true });
  });
});

describe('outcomes that nobody knows (guard 4)', () => {
  const lost: readonly (readonly [name: string, fault: Fault, isCarriedOut: boolean])[] = [
    ['a reset before the request was worked on', { kind: 'reset', when: 'before-processing' }, false],
    ['a reset after it was carried out', { kind: 'reset', when: 'before-headers' }, true],
    ['an answer that breaks off', { kind: 'reset', when: 'after-headers' }, true],
    ['a page of a proxy with a 200', { kind: 'html' }, true],
    ['a page of a proxy with a 502', { kind: 'html', status: 502 }, true],
    ['nothing with a 200', { kind: 'empty' }, true],
    ...[408, 500, 502, 503, 504].map((status) => [`a ${status} in front of PagerDuty`, { kind: 'status', status }, false] as const),
    ['a redirect', { kind: 'status', status: 302, body: 'html' }, false],
  ];
  it.each(lost.flatMap(([name, fault, isCarriedOut]) => actions.map((action) => [action, name, fault, isCarriedOut] as const)))('%s with %s is unclear, is not tried again, and is read back', async (action, _, fault, isCarriedOut) => {
    const scene = openReclaim();
    scene.simulator.faults.add({ method: action === 'Remove' ? 'DELETE' : 'PUT', fault });
    expect(await act(scene, 'PFREE01', action)).toMatchObject({ kind: 'Unclear' });
    const verdict = await scene.verbs.readBack(scene.request('PFREE01', action), scene.session());
    expect(verdict).toBe(isCarriedOut ? 'Carried' : 'NotCarried');
    expect(scene.simulator.journal.writes()).toHaveLength(1);
  });

  it('takes a changed person only with the role that was asked for as a yes', async () => {
    const user = (patch: object) => ({ kind: 'Reply', status: 200, headers: {}, body: JSON.stringify({ user: { id: 'PFREE01', role: 'read_only_user', ...patch } }) }) as const;
    expect((await answerWith(user({}), 'Downgrade')).outcome).toEqual({ kind: 'Done' });
    expect((await answerWith(user({ role: 'limited_user' }), 'Downgrade')).outcome).toMatchObject({ kind: 'Unclear' });
    expect((await answerWith(user({ id: 'PFREE02' }), 'Downgrade')).outcome).toMatchObject({ kind: 'Unclear' });
    expect((await answerWith({ kind: 'Reply', status: 202, headers: {}, body: '{}' }, 'Remove')).outcome).toMatchObject({ kind: 'Unclear' });
  });

  it('says that nothing was done where for certain no byte has left', async () => {
    expect(await answerWith({ kind: 'Fault', code: 'ECONNREFUSED', isUnsent: true })).toMatchObject({ calls: 1, outcome: { kind: 'Refused', reason: 'VendorUnreachable', passing: true } });
    expect(await answerWith({ kind: 'Fault', code: 'ETIMEDOUT', isUnsent: false })).toMatchObject({ calls: 1, outcome: { kind: 'Unclear' } });
  });

  it('sends nothing when aborted before, and throws', async () => {
    const scene = openReclaim();
    for (const action of actions) {
      const work = scene.verbs.act(scene.request('PFREE01', action), scene.session({ signal: AbortSignal.abort() }));
      expect((await catchFailure(work)).failure).toMatchObject({ kind: 'Retryable', reason: 'Aborted' });
    }
    expect(scene.simulator.journal.list()).toEqual([]);
  });

  it('is unclear when aborted while the vendor works', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ method: 'DELETE', delayMs: 20 });
    const stop = new AbortController();
    const work = scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session({ signal: stop.signal }));
    setImmediate(() => stop.abort());
    expect(await work).toEqual({ kind: 'Unclear', reason: 'AnswerLost' });
    await expect.poll(() => scene.simulator.state.user('PFREE01')).toBeUndefined();
  });

  it('sends nothing when aborted while another one has the lane', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ method: 'DELETE', delayMs: 20 });
    const stop = new AbortController();
    const first = scene.verbs.act(scene.request('PFREE01', 'Remove'), scene.session());
    const second = scene.verbs.act(scene.request('PFORMER', 'Remove'), scene.session({ signal: stop.signal }));
    setImmediate(() => stop.abort());
    expect((await catchFailure(second)).failure.reason).toBe('Aborted');
    expect(await first).toEqual({ kind: 'Done' });
    expect(scene.simulator.journal.writes()).toHaveLength(1);
  });
});

describe('writes of one credential', () => {
  it('guard 4: go one after the other, so the account is never found locked', async () => {
    const scene = openReclaim();
    scene.simulator.faults.add({ method: 'DELETE', count: null, delayMs: 5 });
    for (const kind of ['policy', 'classic'] as const) placeOn(scene.simulator.state, { userId: 'POBSERV', kind }, scene.clock.now());
    const ids = ['PFREE01', 'PFORMER', 'PSTAKE1', 'POBSERV'];
    const outcomes = await Promise.all(ids.map((id) => scene.verbs.act(scene.request(id, 'Remove'), scene.session())));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['Done', 'Done', 'Done', 'Refused']);
    expect(JSON.stringify(outcomes)).not.toContain('locked');
  });
});

/** Acts against a transport that answers in one way, and counts. */
async function answerWith(reply: Awaited<ReturnType<Transport>> | TransportFault, action: ActRequest['action'] = 'Remove'): Promise<{ outcome: ActOutcome; calls: number }> {
  const calls: VendorCall[] = [];
  const verbs = createReclaimVerbs({ transport: async (call) => (calls.push(call), reply), throttles: createThrottles() }, () => undefined);
  const session = createSession({ settings: { subdomain: 'acme' } });
  const downgradeTo = { role: 'read_only_user' };
  const outcome = await verbs.act({ externalUserId: 'PFREE01', action, downgradeTo, person: { displayName: 'Ann', address: 'ann@example.com' } }, session);
  return { outcome, calls: calls.length };
}
