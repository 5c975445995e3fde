import { describe, expect, it } from 'vitest';
import { openCandidateScene } from '../../../test/support/candidate-scene.ts';
import { step } from '../../../test/support/candidate-steps.ts';
import { echoing, echoStatuses, places, type Echo, type Place } from '../../../test/support/echo-vendor.ts';
import { findShown, spellings } from '../../../test/support/spell-secret.ts';
import { simulatorTransport } from '../../../test/pagerduty-simulator/index.ts';
import { removalCandidateResource } from '../../api/removal-candidate.ts';
import { createPagerDutyProvider } from '../../providers/pagerduty/index.ts';
import type { Provider } from '../../providers/provider.ts';
import { createLogger } from '../../telemetry/logger.ts';

const token = 'full-key';

/** A decided candidate whose vendor repeats the token wherever `choose` says; gives all that anybody can read of it, and its status. */
async function reclaimThrough(choose: (method: string) => Echo | undefined) {
  const scene = openCandidateScene();
  await step(scene);
  scene.decide('Reclaim');
  const worker = scene.worker();
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', now: () => 0, destination: { write: (line) => lines.push(line) } });
  const requests: unknown[] = [];
  Object.assign(worker.dependencies, { logger, metrics: { onVendorRequest: (...labels: unknown[]) => requests.push(labels) } });
  (worker.dependencies.providers as Map<string, Provider>).set('PagerDuty', createPagerDutyProvider({ transport: echoing(simulatorTransport(scene.simulator), ({ method }) => choose(method)) }));
  await worker.settle(6).catch((error: unknown) => logger.error({ err: error }, 'Failed'));
  const { status } = scene.candidate();
  const shown = JSON.stringify([scene.cluster.list(removalCandidateResource), scene.events, scene.trail, scene.sent, requests, lines]);
  return { status, shown, writes: scene.simulator.journal.list().filter(({ method }) => method !== 'GET') };
}

describe('guard 7: a refused reclaim', () => {
  it('whose answer repeats the Authorization header keeps the vendor’s words, without the token', async () => {
    const { status, shown } = await reclaimThrough((method) => (method === 'DELETE' ? { status: 400, place: 'error.message', spelled: ['as PagerDuty’s own scheme'] } : undefined));
    expect(status).toMatchObject({ state: 'AttentionRequired', attempt: { phase: 'Refused' }, vendorMessage: 'Token token=[secret].' });
    expect(findShown(shown, [token])).toEqual([]);
  });

  const cases = echoStatuses.flatMap((status) => (Object.keys(places) as Place[]).map((place) => [status, place] as const));
  it.each(cases)('answered %i with the token in %s, in every spelling: no status, event, record, label or debug line has it', async (status, place) => {
    const { shown } = await reclaimThrough((method) => (method === 'DELETE' ? { status, place } : undefined));
    expect(shown).toContain('sub-1');
    expect(findShown(shown, [token])).toEqual([]);
  });

  it.each(echoStatuses)('that cannot be checked, as every question is answered %i with the token, shows it nowhere', async (status) => {
    const { shown } = await reclaimThrough(() => ({ status, place: 'error.errors[]', spelled: Object.keys(spellings) }));
    expect(findShown(shown, [token])).toEqual([]);
  });
});
