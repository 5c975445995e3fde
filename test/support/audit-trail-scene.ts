import { OperatorError } from '../../operator/api/errors.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import { createAuditTrail } from '../../operator/audit/audit-trail.ts';
import { dataOf } from '../../operator/audit/chain.ts';
import { auditKeyData, auditKeySecret } from '../../operator/audit/key-secret.ts';
import { readPublicKey, type PublicAuditKey } from '../../operator/audit/keys.ts';
import type { AuditEntry, AuditTrail } from '../../operator/audit/trail.ts';
import { verifyChain, type VerifyReport } from '../../operator/audit/verify-chain.ts';
import type { AuditCluster, Weather } from './audit-cluster.ts';
import { createFakeClock, settle, type FakeClock } from './fake-clock.ts';

export const namespace = 'tenant';
export const signal = new AbortController().signal;
export const entry = (value: string): AuditEntry => ({ event: 'RunHeld', actor: 'operator', data: { value } });

interface Process {
  readonly trail: AuditTrail;
  readonly clock: FakeClock;
}

export function start(cluster: AuditCluster, identity: string, { weather, pace, clock = createFakeClock() }: { weather?: () => Weather; pace?: () => number; clock?: FakeClock } = {}): Process {
  let secrets = 0;
  return { clock, trail: createAuditTrail({ client: cluster.client(weather, pace), clock, identity, createSecret: () => `${identity}-secret-${(secrets += 1)}-of-32-random-bytes` }) };
}

/** What the work gives, while time goes on for as long as it takes. */
export async function whileTimeGoesOn<T>(work: Promise<T>, clock?: FakeClock): Promise<T> {
  const state = { isDone: false };
  const watched = work.finally(() => {
    state.isDone = true;
  });
  // What it throws is taken below.
  watched.catch(() => undefined);
  while (!state.isDone) {
    if ((await clock?.advanceToNext()) !== true) await settle();
  }
  return watched;
}

/** The failure of an append, while time goes on. */
export async function failureOf(work: Promise<unknown>, clock?: FakeClock): Promise<OperatorError['failure']> {
  try {
    await whileTimeGoesOn(work, clock);
  } catch (error) {
    if (error instanceof OperatorError) return error.failure;
    throw error;
  }
  throw new Error('nothing failed');
}

export function secretOf(cluster: AuditCluster): KubernetesObject & { data: Record<string, string> } {
  return cluster.objects.get(`secrets/${namespace}/${auditKeySecret}`) as KubernetesObject & { data: Record<string, string> };
}

export function publicKeyOf(cluster: AuditCluster): PublicAuditKey {
  return readPublicKey(Buffer.from(secretOf(cluster).data[auditKeyData.publicKey] ?? '', 'base64').toString(), 'the Secret');
}

export const valuesOf = (cluster: AuditCluster): (string | undefined)[] => cluster.records().map(({ spec }) => dataOf(spec, 'value'));
export const verdictOn = (cluster: AuditCluster): VerifyReport => verifyChain(cluster.records(), { publicKeys: [publicKeyOf(cluster)] });
