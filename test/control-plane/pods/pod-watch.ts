import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ApiClient } from '../http.ts';
import { podSchema, type Pod } from './pod.ts';

const LEAST_WAIT_MS = 100;
const MOST_WAIT_MS = 2000;

export interface PodHandler {
  /** All pods there are; those not in it are gone. */
  listed(pods: readonly Pod[]): void;
  changed(pod: Pod): void;
  deleted(uid: string): void;
}

const listSchema = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(podSchema) });
const eventSchema = z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK']), object: z.unknown() });

/** Tells the handler about all pods until the signal aborts: a list, then a watch, and again from the list after anything that goes wrong. */
export async function watchPods(client: ApiClient, handler: PodHandler, signal: AbortSignal): Promise<void> {
  let wait = LEAST_WAIT_MS;
  while (!signal.aborted) {
    try {
      const version = await list(client, handler, signal);
      wait = LEAST_WAIT_MS;
      await watch(client, version, handler, signal);
    } catch {
      await delay(wait, undefined, { signal }).catch(() => undefined);
      wait = Math.min(wait * 2, MOST_WAIT_MS);
    }
  }
}

async function list(client: ApiClient, handler: PodHandler, signal: AbortSignal): Promise<string> {
  const answer = await client.request('/api/v1/pods', { signal });
  if (answer.status !== 200) throw new Error(`the list of pods was answered ${answer.status}`);
  const { metadata, items } = listSchema.parse(answer.body);
  handler.listed(items);
  return metadata.resourceVersion;
}

/** Returns when the server ends the watch; a new list then costs little and leaves nothing to doubt. */
async function watch(client: ApiClient, resourceVersion: string, handler: PodHandler, signal: AbortSignal): Promise<void> {
  const query = new URLSearchParams({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion, timeoutSeconds: '600' });
  for await (const line of client.lines(`/api/v1/pods?${query.toString()}`, signal)) {
    const event = eventSchema.parse(JSON.parse(line));
    if (event.type === 'BOOKMARK') continue;
    const pod = podSchema.parse(event.object);
    if (event.type === 'DELETED') handler.deleted(pod.metadata.uid);
    else handler.changed(pod);
  }
}
