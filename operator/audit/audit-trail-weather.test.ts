import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuditCluster, type Weather } from '../../test/support/audit-cluster.ts';
import { entry, failureOf, namespace, signal, start, valuesOf, verdictOn, whileTimeGoesOn } from '../../test/support/audit-trail-scene.ts';
import { createFakeClock, settle } from '../../test/support/fake-clock.ts';
import { createSeededRandom } from '../../test/support/seeded-random.ts';
import { OperatorError } from '../api/errors.ts';
import type { AuditTrail } from './trail.ts';

describe('lost replies', () => {
  it('guard 4: a record whose answer was lost is stored once', async () => {
    const cluster = createAuditCluster();
    await start(cluster, 'z').trail.append(namespace, entry('0'), signal);
    const weather: Weather[] = ['Fine', 'Fine', 'Fine', 'LostReply'];
    const { trail, clock } = start(cluster, 'a', { weather: () => weather.shift() ?? 'Fine' });
    const appended = trail.append(namespace, entry('1'), signal);
    await clock.whenSleeping();
    await clock.advanceToNext();
    await appended;
    expect(valuesOf(cluster)).toEqual([undefined, '0', '1']);
  });

  it('an append that failed unclearly and was stored is recognised when it is made again', async () => {
    const cluster = createAuditCluster();
    let isBad = false;
    const { trail, clock } = start(cluster, 'a', { weather: () => (isBad ? 'LostReply' : 'Fine') });
    await trail.append(namespace, entry('0'), signal);
    const failing = failureOf((async () => {
      const open = trail.append(namespace, entry('1'), signal);
      await settle(3);
      isBad = true;
      await open;
    })(), clock);
    expect(await failing).toMatchObject({ kind: 'Retryable', reason: 'TimedOut' });
    isBad = false;
    await trail.append(namespace, entry('1'), signal);
    await trail.append(namespace, entry('2'), signal);
    expect(valuesOf(cluster)).toEqual([undefined, '0', '1', '2']);
    expect(verdictOn(cluster)).toMatchObject({ intact: true });
  });
});

/** Percent of requests on which something goes wrong, most often a little. */
const badPercent = fc.constantFrom(0, 3, 10, 20, 35);

describe('any weather, several processes', () => {
  it('C24, D8, guard 4: the chain is never broken, and what was acknowledged is in it', async () => {
    let appended = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }), fc.nat(), badPercent, async (processes, each, seed, percent) => {
        const cluster = createAuditCluster();
        const random = createSeededRandom(seed);
        const bad: Weather[] = ['LostReply', 'LostRequest', 'Late'];
        const weather = (): Weather => (random() * 100 < percent ? bad[Math.floor(random() * bad.length)]! : 'Fine');
        const pace = (): number => 1 + Math.floor(random() * 4);
        const clock = createFakeClock();
        const failed = new Set<string>();
        const acknowledged: string[] = [];

        /** False when it failed with something that may pass. */
        async function tryToAppend(trail: AuditTrail, value: string): Promise<boolean> {
          try {
            await trail.append(namespace, entry(value), signal);
            acknowledged.push(value);
            return true;
          } catch (error) {
            if (!(error instanceof OperatorError) || error.failure.kind === 'Terminal') throw error;
            failed.add(value);
            return false;
          }
        }

        async function work(index: number): Promise<void> {
          let { trail } = start(cluster, `p${index}`, { weather, pace, clock });
          for (let number = 0; number < each; number += 1) {
            for (let tried = 1; tried <= 4; tried += 1) {
              if (await tryToAppend(trail, `${index}/${number}`)) break;
              // Now and then it dies of it, and knows nothing any more.
              if (random() < 0.3) ({ trail } = start(cluster, `p${index}-${number}-${tried}`, { weather, pace, clock }));
            }
            if (random() < 0.5) cluster.deliver();
          }
        }

        await whileTimeGoesOn(Promise.all(Array.from({ length: processes }, async (_, index) => work(index))), clock);
        cluster.deliver();
        if (cluster.records().length > 0) expect(verdictOn(cluster)).toMatchObject({ intact: true });
        for (const value of acknowledged) {
          const times = valuesOf(cluster).filter((one) => one === value).length;
          if (failed.has(value)) expect(times).toBeGreaterThanOrEqual(1);
          else expect(times).toBe(1);
        }
        if (percent === 0) expect(acknowledged).toHaveLength(processes * each);
        appended += acknowledged.length;
      }),
      { numRuns: 400 },
    );
    expect(appended).toBeGreaterThan(1000);
  });
});
