import { createHash } from 'node:crypto';
import type { Clock } from '../api/clock.ts';
import { toFailure, type Failure } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import type { KubernetesClient } from './client.ts';
import { coreResources } from './core-resources.ts';
import { microTime } from './micro-time.ts';
import { truncateBytes } from './truncate.ts';

export interface EventNote {
  type: 'Normal' | 'Warning';
  /** CamelCase, from a fixed list; the same word as the condition's reason (facts/operators.md B3.34). */
  reason: string;
  /** What was being done, such as `Refresh`. */
  action: string;
  /** For people, cut at 1,024 bytes; never a secret or an e-mail address (guard 7). */
  note: string;
}

export interface EventRecorder {
  /** Records in the background; never throws and never makes the caller wait. */
  record(regarding: KubernetesObject, note: EventNote): void;
  /** Resolves when everything that was recorded has been sent or has failed; for the end of the process. */
  flush(): Promise<void>;
}

export interface EventRecorderOptions {
  client: Pick<KubernetesClient, 'create'>;
  /** Name of the controller, such as `example.dev/operator`. */
  reportingController: string;
  /** This process, such as the name of its pod. */
  reportingInstance: string;
  clock: Clock;
  onError?: (failure: Failure) => void;
}

/** The same words about the same object are said once in this many milliseconds; the repeats are dropped, not counted up. */
const quietMs = 600_000;
/** Events about one object that may come at once, and milliseconds for each further one, as client-go's spam filter. */
const burst = 25;
const refillMs = 300_000;
/** Bounds of memory: words and objects that are remembered, and events under way. */
const maxRemembered = 4096;
const maxUnderWay = 100;
const maxNote = 1024;

interface Bucket {
  tokens: number;
  at: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { clock } = options;
  const said = new Map<string, number>();
  const buckets = new Map<string, Bucket>();
  const underWay = new Set<Promise<void>>();
  let sequence = 0;

  function isRepeated(words: string): boolean {
    const last = said.get(words);
    return last !== undefined && clock.now() - last < quietMs;
  }

  function takeToken(object: string): boolean {
    const now = clock.now();
    const last = buckets.get(object) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, last.tokens + (now - last.at) / refillMs);
    remember(buckets, object, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  async function send(event: KubernetesObject, words: string): Promise<void> {
    try {
      await options.client.create(coreResources.Event, event);
    } catch (error) {
      // It was not said, so that the next try is no repeat.
      said.delete(words);
      options.onError?.(toFailure(error));
    }
  }

  return {
    record(regarding, note) {
      const object = regarding.metadata.uid ?? regarding.metadata.name;
      const words = [object, note.type, note.reason, note.note].join('\n');
      if (isRepeated(words) || underWay.size >= maxUnderWay || !takeToken(object)) return;
      remember(said, words, clock.now());
      sequence += 1;
      const sending = send(buildEvent(options, regarding, note, sequence), words);
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
    },
    async flush() {
      await Promise.all(underWay);
    },
  };
}

/** Sets the youngest entry and drops the oldest beyond the bound. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= maxRemembered) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

interface EventObject extends KubernetesObject {
  [field: string]: unknown;
}

function buildEvent(options: EventRecorderOptions, regarding: KubernetesObject, note: EventNote, sequence: number): EventObject {
  const { name, namespace = 'default', uid, resourceVersion } = regarding.metadata;
  const now = options.clock.now();
  const unique = createHash('sha256').update(`${options.reportingInstance} ${now} ${sequence} ${uid ?? name}`).digest('hex');
  return {
    apiVersion: coreResources.Event.apiVersion,
    kind: coreResources.Event.kind,
    metadata: { name: `${name.slice(0, 230)}.${unique.slice(0, 16)}`, namespace },
    eventTime: microTime(now),
    reportingController: options.reportingController,
    reportingInstance: truncateBytes(options.reportingInstance, 128),
    type: note.type,
    reason: truncateBytes(note.reason, 128),
    action: truncateBytes(note.action, 128),
    note: truncateBytes(note.note, maxNote),
    regarding: { apiVersion: regarding.apiVersion, kind: regarding.kind, name, namespace: regarding.metadata.namespace, uid, resourceVersion },
  };
}
