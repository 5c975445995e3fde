import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { aNamespace, namespaceNow, signalsOf, aSnapshot } from '../../../test/support/position-namespace.ts';
import { gatherNamespace, openClusterReader } from './cluster-reader.ts';
import { recordSnapshot } from './record-snapshot.ts';

/** An API server that answers lists of these objects, two a page, and keeps what was asked of it. `forbid`: a plural that may not be listed. `later`: lists from the second time on that a plural is asked for. */
async function serve(lists: Record<string, object[]>, failures: { expireOnce?: string; forbid?: string; later?: Record<string, object[]> } = {}) {
  const requests: string[] = [];
  let expire = failures.expireOnce;
  const listOf = (plural: string): object[] => {
    const again = requests.filter((line) => line === `GET ${plural}`).length > 1;
    return (again ? failures.later?.[plural] : undefined) ?? lists[plural] ?? [];
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const plural = url.pathname.split('/').at(-1) ?? '';
    requests.push(`${request.method} ${plural}`);
    const from = Number(url.searchParams.get('continue') ?? 0);
    response.setHeader('content-type', 'application/json');
    if (plural === expire && from > 0) {
      expire = undefined;
      refuse(response, 410, 'Expired');
      return;
    }
    if (plural === failures.forbid) {
      refuse(response, 403, 'Forbidden');
      return;
    }
    const items = select(listOf(plural), url.searchParams.get('labelSelector'));
    const next = from + 2 < items.length ? { continue: String(from + 2) } : {};
    response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '7', ...next }, items: items.slice(from, from + 2) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  const credential = { tls: {} };
  const config = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'team-a', credentials: { current: async () => credential, renew: async () => credential } };
  return { requests, config };
}

function select(all: readonly object[], selector: string | null): object[] {
  const [label, value] = selector?.split('=') ?? [];
  return all.filter((item) => label !== 'saaslicense.dev/profile' || (item as { spec: { profileRef: { name: string } } }).spec.profileRef.name === value);
}

function refuse(response: ServerResponse, code: number, reason: string): void {
  response.statusCode = code;
  response.end(JSON.stringify({ kind: 'Status', status: 'Failure', reason, code }));
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function listsOf(count: number): Record<string, object[]> {
  const { profiles, subscriptions, models, entitlements, exclusions, rules, candidates } = aNamespace(count);
  const owned = subscriptions.map((one) => ({
    ...one,
    metadata: { ...one.metadata, ownerReferences: [{ apiVersion: '', kind: 'IntegrationProfile', name: one.spec.profileRef.name, uid: profiles[0]!.metadata.uid! }] },
  }));
  return {
    integrationprofiles: profiles,
    softwaresubscriptions: owned,
    softwaremodels: models,
    softwareentitlements: entitlements,
    subscriptionexclusions: exclusions,
    reclamationrules: rules,
    removalcandidates: candidates,
  };
}

describe('what plan, snapshot and workbench can do on a cluster', () => {
  it('is to list and to read, and nothing else: they hold no verb that writes', async () => {
    const { config } = await serve({});
    const reader = openClusterReader(config);
    expect(Object.keys(reader).toSorted()).toEqual(['close', 'get', 'pages']);
    await reader.close();
  });

  it('reads the seven kinds and the Jobs of refreshes, page by page, by GET alone', async () => {
    const { requests, config } = await serve(listsOf(9));
    const reader = openClusterReader(config);
    const objects = await gatherNamespace(reader, 'team-a');
    await reader.close();
    expect(new Set(requests.map((request) => request.split(' ')[0]))).toEqual(new Set(['GET']));
    expect(new Set(requests.map((request) => request.split(' ')[1])).size).toBe(8);
    expect(requests.filter((request) => request === 'GET softwaresubscriptions').length).toBeGreaterThan(3);
    expect(recordSnapshot(objects, { at: namespaceNow, namespace: 'team-a', withPeople: false, signalsOf })).toEqual(aSnapshot(aNamespace(9)));
  });

  it('guard 6: a list that broke off is begun anew, so that a part of it never passes for the whole', async () => {
    const { requests, config } = await serve(listsOf(9), { expireOnce: 'softwaresubscriptions' });
    const reader = openClusterReader(config);
    const { profiles } = await gatherNamespace(reader, 'team-a');
    await reader.close();
    expect(profiles.map(({ seats }) => new Set(seats.map(({ name }) => name)).size)).toEqual([6, 3]);
    expect(profiles.map(({ seats }) => seats.length)).toEqual([6, 3]);
    expect(requests.filter((request) => request === 'GET softwaresubscriptions')).toHaveLength(7);
  });

  it('leaves out subscriptions of an earlier profile of the same name, and a profile that is being deleted', async () => {
    const lists = listsOf(9);
    const [first] = lists['softwaresubscriptions'] as { metadata: { ownerReferences: { uid: string }[] } }[];
    first!.metadata.ownerReferences[0]!.uid = 'of-an-earlier-one';
    (lists['integrationprofiles'] as { metadata: { deletionTimestamp?: string } }[])[1]!.metadata.deletionTimestamp = '2026-11-24T11:00:00Z';
    const { config } = await serve(lists);
    const reader = openClusterReader(config);
    const { profiles } = await gatherNamespace(reader, 'team-a');
    await reader.close();
    expect(profiles.map(({ profile, seats }) => [profile.metadata.name, seats.length])).toEqual([['pagerduty', 5]]);
  });

  describe('a refresh while they read', () => {
    const job = (name: string, conditions: object[] = []) => ({ metadata: { name, labels: { 'saaslicense.dev/profile': 'pagerduty', 'saaslicense.dev/process': 'subscriptions' } }, status: { conditions } });
    const ended = (type: string, at: string) => [{ type, status: 'True', lastTransitionTime: at }];

    async function refreshingOf(lists: Record<string, object[]>, failures: Parameters<typeof serve>[1] = {}) {
      const { config } = await serve({ ...listsOf(9), ...lists }, failures);
      const reader = openClusterReader(config);
      const objects = await gatherNamespace(reader, 'team-a');
      await reader.close();
      const { profiles } = recordSnapshot(objects, { at: namespaceNow, namespace: 'team-a', withPeople: false, signalsOf });
      return profiles.map(({ refreshing }) => refreshing);
    }

    it('is seen when it ran before, or after, or at both times; another profile is not touched by it', async () => {
      const done = [job('one', ended('Complete', '2026-11-24T11:00:00Z'))];
      expect(await refreshingOf({ jobs: done })).toEqual([false, false]);
      expect(await refreshingOf({ jobs: [job('one')] }, { later: { jobs: done } })).toEqual([true, false]);
      expect(await refreshingOf({ jobs: done }, { later: { jobs: [...done, job('two')] } })).toEqual([true, false]);
      expect(await refreshingOf({ jobs: [job('one')] })).toEqual([true, false]);
    });

    it('is seen by its result when it began and ended meanwhile', async () => {
      const [first, second] = aNamespace(9).profiles;
      const { subscriptions, ...refresh } = first!.status!.refresh!;
      const moved = { ...first, status: { ...first!.status, refresh: { ...refresh, subscriptions: { ...subscriptions, completionTime: '2026-11-24T12:00:01Z' } } } };
      for (const forbid of [undefined, 'jobs']) {
        expect(await refreshingOf({}, { later: { integrationprofiles: [moved, second!] }, ...(forbid === undefined ? {} : { forbid }) })).toEqual([true, forbid === undefined ? false : undefined]);
      }
    });

    it('is not known where Jobs may not be listed, which does not pass for none', async () => {
      expect(await refreshingOf({}, { forbid: 'jobs' })).toEqual([undefined, undefined]);
    });
  });
});
