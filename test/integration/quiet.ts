import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Story } from './story.ts';

const operatorUser = 'system:serviceaccount:saas-license-operator:saas-license-operator';
const writes = ['create', 'update', 'patch', 'delete'];

interface AuditEvent {
  verb: string;
  user: { username: string };
  objectRef?: { resource: string; namespace?: string };
}

/** Every write of the operator in the namespace, from the API server's own log; Kubernetes writes Jobs too. */
async function operatorWrites({ plane, namespace }: Story): Promise<string[]> {
  const lines = (await readFile(plane.auditLog, 'utf8')).split('\n').filter((line) => line.includes(operatorUser));
  return lines
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({ user, verb, objectRef }) => user.username === operatorUser && objectRef?.namespace === namespace && writes.includes(verb))
    .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ''}`)
    .filter((write) => write !== 'create events');
}

async function passes({ operator }: Story): Promise<number> {
  const text = await (await fetch(`${operator.telemetryUrl}/metrics`)).text();
  const counts = [...text.matchAll(/controller_runtime_reconcile_total\{controller="integrationprofile",result="\w+"\} (\d+)/g)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** What was asked for a moment ago has been carried out: the operator has not written for six looks in a row. */
async function untilAtRest(story: Story): Promise<void> {
  let last = '';
  let same = 0;
  const look = async (): Promise<number> => {
    const now = JSON.stringify(await operatorWrites(story));
    same = now === last ? same + 1 : 0;
    last = now;
    return same;
  };
  await expect.poll(look, { timeout: 30_000, interval: 250 }).toBeGreaterThanOrEqual(6);
}

/** Makes the operator look twice, by a label that is none of its business, and sees it write nothing. */
export async function expectNoWrites(story: Story): Promise<void> {
  await untilAtRest(story);
  const before = await operatorWrites(story);
  const count = await passes(story);
  const look = async () => passes(story);
  await story.kubectl(['label', 'serviceaccount', 'saas-license-operator-refresh', 'example.com/touched=1', '--overwrite']);
  await expect.poll(look, { timeout: 20_000 }).toBeGreaterThan(count);
  await story.kubectl(['label', 'serviceaccount', 'saas-license-operator-refresh', 'example.com/touched-']);
  await expect.poll(look, { timeout: 20_000 }).toBeGreaterThan(count + 1);
  expect(before.length).toBeGreaterThan(10);
  expect(await operatorWrites(story)).toEqual(before);
}
