import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { reclaimScopes } from './reclaim-scopes.ts';
import { askToRestore, confirmRule, decideOn, isSettled, largestModel, manifests, openStory, type Story } from './story.ts';

/**
 * Backups as docs/backup.md has them, put back on a real API server while the operator runs: lost memory is never permission (design section 2).
 * Each story is of a candidate of its own.
 */
describe('candidates that are put back from a backup', () => {
  let story: Story;
  let waiting: string[];

  beforeAll(async () => {
    story = await openStory('backup', { scopes: reclaimScopes });
    const { secret, alias, profile } = manifests(story);
    await story.apply(secret(), alias(), profile());
    await story.untilProfile(isSettled, 'published and refreshed');
    const rule = (await largestModel(story)).metadata.name;
    await vi.waitFor(async () => expect((await story.get<ReclamationRule>('recrule', rule))?.status?.evaluation).toBeDefined(), { timeout: 30_000, interval: 200 });
    const spec = { newSeatGraceDays: 0, limits: { maxCandidateRatio: 100, maxPercent: 100, maxPerRun: 50, minAdmins: 1 } };
    await story.kubectl(['patch', 'recrule', rule, '--type=merge', '-p', JSON.stringify({ spec })]);
    await confirmRule(story, rule);
    await vi.waitFor(async () => expect((await ready()).length).toBeGreaterThan(12), { timeout: 30_000, interval: 200 });
    waiting = await ready();
  });

  afterAll(async () => {
    await story.close();
  });

  const isFree = (id: string): boolean => {
    const { users, schedules, shiftSchedules, policies } = story.simulator.state.company;
    const person = users.find((user) => user.id === id);
    return person !== undefined && person.role !== 'owner' && !person.invitationSent && !JSON.stringify([schedules, shiftSchedules, policies]).includes(`"${id}"`);
  };
  const ready = async (): Promise<string[]> => {
    const all = await story.list<RemovalCandidate>('remcand');
    return all.filter(({ spec, status }) => status?.state === 'Ready' && isFree(spec.subject.externalUserId)).map(({ metadata }) => metadata.name);
  };
  const take = (): string => waiting.shift() ?? '';
  const backUp = async (name: string): Promise<RemovalCandidate> => JSON.parse(await story.kubectl(['get', 'remcand', name, '-o', 'json'])) as RemovalCandidate;
  const untilState = (name: string, state: string) => story.until<RemovalCandidate>('remcand', name, ({ status }) => status?.state === state, state);
  const writesOn = ({ spec }: RemovalCandidate) => story.simulator.journal.list({ person: spec.subject.externalUserId }).filter(({ method }) => method !== 'GET').length;

  /** What `velero restore` creates: another object of the same name; status only with restoreStatus. */
  async function putBack({ apiVersion, kind, metadata, spec, status }: RemovalCandidate, withStatus: boolean): Promise<void> {
    const { uid: _uid, resourceVersion: _version, ownerReferences: _owners, managedFields: _managers, ...kept } = metadata;
    await story.kubectl(['delete', 'remcand', metadata.name, '--ignore-not-found', '--wait=true']);
    await story.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion, kind, metadata: kept, spec }));
    if (withStatus) await story.kubectl(['patch', 'remcand', metadata.name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  }

  /** Once the operator has looked at it, and had time to do what it would. */
  async function settled(name: string): Promise<RemovalCandidate> {
    await story.until<RemovalCandidate>('remcand', name, ({ metadata, status }) => status?.uid === metadata.uid && status?.state !== undefined, 'looked at');
    await delay(2_000);
    return backUp(name);
  }

  describe.each([false, true])('with status: %s', (withStatus) => {
    it('a decision that waited: nobody is touched before somebody has looked, and then it goes on', async () => {
      const name = take();
      // What keeps it from being carried out at once.
      await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":false}}']);
      await decideOn(story, name);
      const backup = await backUp(name);
      await putBack(backup, withStatus);
      await story.kubectl(['patch', 'intprof', 'pagerduty', '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":true}}']);
      const after = await settled(name);
      expect(after.status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
      expect(writesOn(after)).toBe(0);
      await decideOn(story, name, { verdict: 'ResumeReclaim' });
      await untilState(name, 'ClosedComplete');
    });

    it('a downgrade that was undone: it is not sent again', async () => {
      const name = take();
      await decideOn(story, name);
      const backup = await backUp(name);
      await untilState(name, 'ClosedComplete');
      await askToRestore(story, name);
      await story.until<RemovalCandidate>('remcand', name, ({ status }) => status?.undo?.restoredAt !== undefined, 'restored');
      const writes = writesOn(backup);
      await putBack(backup, withStatus);
      const after = await settled(name);
      expect(after.status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
      expect(after.status?.undo?.restoredAt).toBeDefined();
      expect(writesOn(after)).toBe(writes);
    });

    it('one that was closed as excluded stays closed, though the exclusion is gone', async () => {
      const name = take();
      const { spec } = await backUp(name);
      const until = new Date(Date.now() + 86_400_000).toISOString();
      await story.apply({ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'SubscriptionExclusion', metadata: { name: `leave-${String(withStatus)}`, namespace: story.namespace }, spec: { user: { userPrincipalName: spec.subject.userPrincipalName }, until, reason: 'On leave' } });
      await untilState(name, 'ClosedSkipped');
      const backup = await backUp(name);
      await putBack(backup, withStatus);
      const after = await settled(name);
      expect(after.status).toMatchObject({ state: 'ClosedSkipped', reason: 'Excluded' });
      expect(writesOn(after)).toBe(0);
    });
  });

  it('kubectl replace --force, and an emptied status: the trail says what it had come to', async () => {
    const name = take();
    await decideOn(story, name);
    await untilState(name, 'ClosedComplete');
    const done = await backUp(name);
    const writes = writesOn(done);
    await story.kubectl(['replace', '--force', '-f', '-'], JSON.stringify(done));
    expect((await settled(name)).status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed', undo: { digest: done.status?.undo?.digest } });
    await story.kubectl(['patch', 'remcand', name, '--subresource=status', '--type=merge', '-p', '{"status":null}']);
    expect((await settled(name)).status).toMatchObject({ state: 'ClosedComplete', reason: 'Reclaimed' });
    expect(writesOn(done)).toBe(writes);
    // The way back is still open.
    await askToRestore(story, name);
    await story.until<RemovalCandidate>('remcand', name, ({ status }) => status?.undo?.restoredAt !== undefined, 'restored');
  });

  it('one that somebody creates by hand waits for a person', async () => {
    const template = await backUp(take());
    const { origin: _origin, ...spec } = template.spec;
    const name = 'made-by-hand';
    await story.kubectl(['create', '-f', '-'], JSON.stringify({ apiVersion: template.apiVersion, kind: template.kind, metadata: { name, namespace: story.namespace }, spec }));
    expect((await settled(name)).status).toMatchObject({ state: 'AttentionRequired', reason: 'StatusLost' });
    await story.kubectl(['delete', 'remcand', name]);
  });
});
