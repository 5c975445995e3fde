import { describe, expect, it } from 'vitest';
import { createAuditCluster, type AuditCluster } from '../../test/support/audit-cluster.ts';
import { firstKey, secondKey } from '../../test/support/audit-records.ts';
import { entry, failureOf, namespace, publicKeyOf, secretOf, signal, start, valuesOf, verdictOn } from '../../test/support/audit-trail-scene.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { dataOf, linkRecord, recordName, toObject } from './chain.ts';
import { auditKeyData, auditKeySecret } from './key-secret.ts';
import { writePrivateKey } from './keys.ts';
import type { AuditEntry } from './trail.ts';
import { verifyChain } from './verify-chain.ts';

describe('one process', () => {
  it('C24, D8: begins a chain with the public key in it, and goes on', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    for (const value of ['1', '2', '3']) await trail.append(namespace, entry(value), signal);
    expect(cluster.records().map(({ name, spec }) => [name, spec.event])).toEqual([
      [recordName(0), 'ChainStarted'],
      [recordName(1), 'RunHeld'],
      [recordName(2), 'RunHeld'],
      [recordName(3), 'RunHeld'],
    ]);
    expect(dataOf(cluster.records()[0]!.spec, 'keyId')).toBe(publicKeyOf(cluster).id);
    expect(verdictOn(cluster)).toMatchObject({ intact: true, count: 4 });
  });

  it('guard 7: the private key is in its Secret and nowhere else', async () => {
    const cluster = createAuditCluster();
    await start(cluster, 'a').trail.append(namespace, entry('1'), signal);
    expect(Buffer.from(secretOf(cluster).data[auditKeyData.privateKey] ?? '', 'base64').toString()).toContain('BEGIN PRIVATE KEY');
    const pem = Buffer.from(secretOf(cluster).data[auditKeyData.privateKey] ?? '', 'base64').toString().split('\n')[1] ?? '';
    expect(JSON.stringify(cluster.records())).not.toContain(pem);
  });

  it('appends at the same time come one after the other', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    const values = Array.from({ length: 20 }, (_, index) => String(index));
    await Promise.all(values.map(async (value) => trail.append(namespace, entry(value), signal)));
    expect(valuesOf(cluster).slice(1)).toEqual(values);
    expect(verdictOn(cluster)).toMatchObject({ intact: true, count: 21 });
  });

  it('namespaces have chains and keys of their own', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await Promise.all(['one', 'two'].map(async (each) => trail.append(each, entry(each), signal)));
    const ids = [...cluster.objects].filter(([key]) => key.startsWith('auditrecords/')).map(([key]) => key).toSorted();
    expect(ids).toEqual(['one', 'two'].flatMap((each) => [0, 1].map((n) => `auditrecords/${each}/${recordName(n)}`)));
  });

  it('finds the end of the chain after a restart once, and then adds with two requests each', async () => {
    const cluster = createAuditCluster();
    await start(cluster, 'a').trail.append(namespace, entry('1'), signal);
    const { trail } = start(cluster, 'b');
    await trail.append(namespace, entry('2'), signal);
    cluster.requests.length = 0;
    await trail.append(namespace, entry('3'), signal);
    expect(cluster.requests).toEqual(['get of secrets', 'create of auditrecords']);
    expect(verdictOn(cluster)).toMatchObject({ intact: true, count: 4 });
  });

  it('the time of a record is never before that of the one before it', async () => {
    const cluster = createAuditCluster();
    const { trail, clock } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    clock.jump(-3_600_000);
    await trail.append(namespace, entry('2'), signal);
    expect(new Set(cluster.records().map(({ spec }) => spec.time)).size).toBe(1);
    expect(verdictOn(cluster)).toMatchObject({ intact: true });
  });

  it('an append that is given up lets the next one go on', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    const first = trail.append(namespace, entry('1'), signal);
    const stop = new AbortController();
    const second = trail.append(namespace, entry('2'), stop.signal);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await Promise.all([first, trail.append(namespace, entry('3'), signal)]);
    expect(valuesOf(cluster)).toEqual([undefined, '1', '3']);
  });
});

describe('what is recorded of people', () => {
  it('guard 7, D12: addresses are stand-ins, the same for the same person', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    const decided: AuditEntry = { event: 'Decided', actor: 'Anna.Alba@example.com', externalUserId: 'PABC', data: { reason: 'told me so: anna.alba@example.com (and bo@example.com)' } };
    await trail.append(namespace, decided, signal);
    const { actor, data } = cluster.records()[1]!.spec;
    expect(actor).toMatch(/^person-[0-9a-f]{12}$/);
    expect(dataOf({ data }, 'reason')).toMatch(new RegExp(`^told me so: ${actor} \\(and person-[0-9a-f]{12}\\)$`));
    expect(JSON.stringify(cluster.records())).not.toMatch(/@|alba|example/i);
  });

  it('guard 7: no stand-in can be compared between namespaces', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    for (const each of ['one', 'two']) await trail.append(each, { event: 'Decided', actor: 'anna@example.com' }, signal);
    const actors = cluster.records().filter(({ spec }) => spec.event === 'Decided').map(({ spec }) => spec.actor);
    expect(new Set(actors).size).toBe(2);
  });

  it('nothing is too long to be recorded, and what does not fit is counted', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    const data = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key-${String(index).padStart(2, '0')}-${'k'.repeat(100)}`, '\u{1F600}'.repeat(4000)]));
    await trail.append(namespace, { event: 'Decided', actor: '', rule: 'r'.repeat(400), data }, signal);
    const { spec } = cluster.records()[1]!;
    expect(spec.data).toHaveLength(32);
    expect(dataOf(spec, 'leftOut')).toBe('20');
    expect(spec.actor).toBe('unknown');
    expect(spec.data?.every(({ key, value }) => key.length <= 64 && value.length <= 2048 && value.isWellFormed())).toBe(true);
    expect(verdictOn(cluster)).toMatchObject({ intact: true });
  });
});

describe('the key', () => {
  it('D8: one that is lost stops the trail, and is never made anew', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    const kept = secretOf(cluster);
    cluster.objects.delete(`secrets/${namespace}/${auditKeySecret}`);
    for (const process of [trail, start(cluster, 'b').trail]) {
      expect(await failureOf(process.append(namespace, entry('2'), signal))).toMatchObject({ kind: 'Terminal', reason: 'AuditKeyMissing' });
    }
    expect(cluster.records()).toHaveLength(2);
    cluster.objects.set(`secrets/${namespace}/${auditKeySecret}`, kept);
    await trail.append(namespace, entry('2'), signal);
    expect(verdictOn(cluster)).toMatchObject({ intact: true, count: 3 });
  });

  it('D8: another one in its place stops the trail', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    setKey(cluster, auditKeyData.privateKey, writePrivateKey(secondKey));
    for (const process of [trail, start(cluster, 'b').trail]) {
      expect(await failureOf(process.append(namespace, entry('2'), signal))).toMatchObject({ kind: 'Terminal', reason: 'AuditKeyMissing' });
    }
    expect(cluster.records()).toHaveLength(2);
  });

  it('guard 7: a spoilt one is told without a word of it', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    setKey(cluster, auditKeyData.privateKey, '-----BEGIN PRIVATE KEY-----\nspoilt\n-----END PRIVATE KEY-----\n');
    const failure = await failureOf(trail.append(namespace, entry('2'), signal));
    expect(failure).toMatchObject({ kind: 'Terminal', reason: 'AuditKeyInvalid' });
    expect(JSON.stringify(failure)).not.toContain('spoilt');
  });

  it('D8: a next one is handed over to, also with the old one gone afterwards', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    const first = publicKeyOf(cluster);
    setKey(cluster, auditKeyData.next, writePrivateKey(secondKey));
    await trail.append(namespace, entry('2'), signal);
    setKey(cluster, auditKeyData.privateKey, writePrivateKey(secondKey));
    setKey(cluster, auditKeyData.next, undefined);
    await trail.append(namespace, entry('3'), signal);
    await start(cluster, 'b').trail.append(namespace, entry('4'), signal);
    expect(cluster.records().map(({ spec }) => spec.event)).toEqual(['ChainStarted', 'RunHeld', 'KeyChanged', 'RunHeld', 'RunHeld', 'RunHeld']);
    expect(verifyChain(cluster.records(), { publicKeys: [first] })).toMatchObject({ intact: true, keyIds: [first.id, secondKey.id] });
  });

  it('a namespace that was made anew begins a chain anew', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    cluster.objects.clear();
    await trail.append(namespace, entry('2'), signal);
    expect(valuesOf(cluster)).toEqual([undefined, '2']);
    expect(verdictOn(cluster)).toMatchObject({ intact: true, count: 2 });
  });

  function setKey(cluster: AuditCluster, name: string, text: string | undefined): void {
    const secret = secretOf(cluster);
    const { [name]: _old, ...others } = secret.data;
    const data = text === undefined ? others : { ...others, [name]: Buffer.from(text).toString('base64') };
    cluster.objects.set(`secrets/${namespace}/${auditKeySecret}`, { ...secret, metadata: { ...secret.metadata, resourceVersion: `${secret.metadata.resourceVersion}1` }, data } as KubernetesObject);
  }
});

describe('records of others', () => {
  it('D8: a forged record at the end is not linked to', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    await trail.append(namespace, entry('1'), signal);
    const head = cluster.records()[1]!.spec;
    const forged = { ...linkRecord(head, entry('forged'), { now: 0, signer: firstKey }), keyId: publicKeyOf(cluster).id };
    cluster.objects.set(`auditrecords/${namespace}/${recordName(2)}`, toObject(namespace, forged));
    for (const process of [trail, start(cluster, 'b').trail]) {
      expect(await failureOf(process.append(namespace, entry('2'), signal))).toMatchObject({ kind: 'Terminal', reason: 'AuditChainBroken' });
    }
    expect(cluster.records()).toHaveLength(3);
    expect(verdictOn(cluster)).toMatchObject({ intact: false, fault: 'Signature', record: recordName(2) });
  });

  it('D8: records that were taken away leave a gap that is seen', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    for (const value of ['1', '2', '3']) await trail.append(namespace, entry(value), signal);
    cluster.objects.delete(`auditrecords/${namespace}/${recordName(3)}`);
    await trail.append(namespace, entry('4'), signal);
    expect(verdictOn(cluster)).toMatchObject({ intact: false, fault: 'Gap', record: recordName(4) });
  });
});

describe('the memory of a candidate whose status was lost', () => {
  const about = (origin: string, value: string): AuditEntry => ({ event: 'StateChanged', actor: 'operator', candidate: 'sub-1.1', origin, data: { value } });
  const recalled = async (cluster: AuditCluster): Promise<(string | undefined)[]> => (await start(cluster, 'b').trail.recall(namespace, 'origin-of-one-0001', signal)).map((spec) => dataOf(spec, 'value'));

  it('gives its records back, oldest first, and nobody else’s', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    for (const value of ['1', '2']) await trail.append(namespace, about('origin-of-one-0001', value), signal);
    await trail.append(namespace, about('origin-of-two-0001', 'other'), signal);
    expect(await recalled(cluster)).toEqual(['1', '2']);
    expect(verdictOn(cluster)).toMatchObject({ intact: true, count: 4 });
  });

  it('guard 10: leaves out one that somebody forged in the place of another: an undo would trust what it says of the bundle', async () => {
    const cluster = createAuditCluster();
    const { trail } = start(cluster, 'a');
    for (const value of ['1', '2']) await trail.append(namespace, about('origin-of-one-0001', value), signal);
    const [started, first] = cluster.records();

    const forged = linkRecord(started!.spec, about('origin-of-one-0001', 'forged'), { now: Date.parse(first!.spec.time), signer: secondKey });
    cluster.objects.set(`auditrecords/${namespace}/${first!.name}`, toObject(namespace, forged));
    expect(await recalled(cluster)).toEqual(['2']);
  });

  it('knows nothing where the key is not there', async () => {
    const cluster = createAuditCluster();
    await start(cluster, 'a').trail.append(namespace, about('origin-of-one-0001', '1'), signal);
    cluster.objects.delete(`secrets/${namespace}/${auditKeySecret}`);
    expect(await recalled(cluster)).toEqual([]);
  });
});
