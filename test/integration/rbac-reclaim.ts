import { expect, vi } from 'vitest';
import type { AuditRecord } from '../../operator/api/audit-record.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { crossplaneDefinitions } from '../../operator/licensing/ownership/crossplane-user.ts';
import { askToRestore, confirmRule, decideOn, largestModel, type Story } from './story.ts';

const longAgo = '2020-01-01T00:00:00Z';

/** Takes every path of a reclaim that reads or writes an object: made, decided, reclaimed, restored, expired, deleted. */
export async function reclaimSomething(story: Story): Promise<void> {
  for (const name of crossplaneDefinitions) await story.kubectl(['apply', '-f', '-'], JSON.stringify(definitionOf(name)));
  const rule = (await largestModel(story)).metadata.name;
  const patch = async (resource: string, name: string, object: object, ...more: string[]): Promise<void> => {
    await story.kubectl(['patch', resource, name, '--type=merge', '-p', JSON.stringify(object), ...more]);
  };
  const candidates = () => story.list<RemovalCandidate>('remcand');
  const until = (name: string, holds: (one: RemovalCandidate) => boolean, what: string) => story.until<RemovalCandidate>('remcand', name, holds, what);
  const decide = async (name: string, verdict: string) => decideOn(story, name, { verdict });

  await vi.waitFor(async () => expect((await story.get<ReclamationRule>('recrule', rule))?.status?.evaluation).toBeDefined(), { timeout: 30_000, interval: 200 });
  await patch('recrule', rule, { spec: { action: 'Remove', downgradeTo: null, newSeatGraceDays: 0, limits: { maxCandidateRatio: 100, maxPercent: 100, minAdmins: 1 } } });
  await confirmRule(story, rule);
  await vi.waitFor(async () => expect((await candidates()).filter(({ spec, status }) => status?.state === 'Ready' && isFree(story, spec.subject.externalUserId)).length).toBeGreaterThan(3), { timeout: 30_000, interval: 200 });
  const free = (await candidates()).filter(({ spec, status }) => status?.state === 'Ready' && isFree(story, spec.subject.externalUserId)).map(({ metadata }) => metadata.name);
  const [removed = '', kept = '', last = ''] = free;
  await decide(removed, 'Reclaim');
  await until(removed, ({ status }) => status?.state === 'ClosedComplete', 'ClosedComplete');
  await askToRestore(story, removed);
  const restored = await until(removed, ({ status }) => status?.undo?.restoredAt !== undefined, 'restored');
  await patch('remcand', removed, { status: { undo: { ...restored.status?.undo, expiresAt: longAgo } } }, '--subresource=status');
  await story.kubectl(['label', 'remcand', removed, 'example.com/touched=1']);
  await until(removed, ({ status }) => status?.undo?.secret === '', 'forgotten');
  await decide(kept, 'CloseSkipped');
  await until(kept, ({ status }) => status?.state === 'ClosedSkipped', 'ClosedSkipped');
  await patch('remcand', kept, { status: { closedAt: longAgo } }, '--subresource=status');
  await story.kubectl(['label', 'remcand', kept, 'example.com/touched=1']);
  await vi.waitFor(async () => expect(await story.get('remcand', kept)).toBeUndefined(), { timeout: 30_000, interval: 200 });
  await forgeRecord(story);
  await decide(last, 'Reclaim');
  await vi.waitFor(async () => expect(await story.operatorLog()).toContain('AuditChainBroken'), { timeout: 30_000, interval: 200 });
  await story.kubectl(['delete', 'crd', ...crossplaneDefinitions]);
}

/** Somebody else’s record in the next place of the chain: the operator looks at it, and stops. */
async function forgeRecord(story: Story): Promise<void> {
  const records = (await story.list<AuditRecord>('auditrecords')).toSorted((a, b) => b.spec.sequence - a.spec.sequence);
  const head = records[0];
  if (head === undefined) throw new Error('nothing was recorded');
  const sequence = head.spec.sequence + 1;
  const metadata = { name: `audit-${String(sequence).padStart(10, '0')}`, namespace: story.namespace };
  await story.apply({ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'AuditRecord', metadata, spec: { ...head.spec, sequence } });
}

/** On no schedule or policy, and signed up. */
function isFree({ simulator }: Story, id: string): boolean {
  const { users, schedules, shiftSchedules, policies } = simulator.state.company;
  const person = users.find((user) => user.id === id);
  return person !== undefined && person.role !== 'owner' && !person.invitationSent && !JSON.stringify([schedules, shiftSchedules, policies]).includes(`"${id}"`);
}

/** As much of a User of Crossplane as tells that it is installed. */
function definitionOf(name: string): object {
  const group = name.slice(name.indexOf('.') + 1);
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const names = { kind: 'User', listKind: 'UserList', plural: 'users', singular: 'user' };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: { group, scope: group.includes('.m.') ? 'Namespaced' : 'Cluster', names, versions: [{ name: 'v1alpha1', served: true, storage: true, schema }] },
  };
}
