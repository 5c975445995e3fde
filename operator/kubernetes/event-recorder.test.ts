import { beforeEach, expect, it } from 'vitest';
import { createFakeClock, settle, type FakeClock } from '../../test/support/fake-clock.ts';
import { retryable } from '../api/errors.ts';
import type { KubernetesObject } from '../api/meta.ts';
import { createEventRecorder, type EventNote, type EventRecorder } from './event-recorder.ts';

interface SentEvent extends KubernetesObject {
  note?: string;
  eventTime?: string;
}

let clock: FakeClock;
let sent: SentEvent[];
let failures: string[];
let broken: boolean;
let recorder: EventRecorder;

beforeEach(() => {
  clock = createFakeClock();
  sent = [];
  failures = [];
  broken = false;
  recorder = createEventRecorder({
    client: {
      create: async <T extends KubernetesObject>(_type: unknown, object: T) => {
        if (broken) throw retryable('ApiServerUnreachable', 'x');
        sent.push(object);
        return object;
      },
    },
    reportingController: 'example.dev/test',
    reportingInstance: 'pod-1',
    clock,
    onError: (failure) => failures.push(failure.reason),
  });
});

const widget = (name: string): KubernetesObject => ({ apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { name, namespace: 'ns', uid: `uid-${name}` } });
const note = (text: string): EventNote => ({ type: 'Normal', reason: 'Said', action: 'Say', note: text });

it('says the same words about an object once in 10 minutes', async () => {
  recorder.record(widget('a'), note('x'));
  recorder.record(widget('a'), note('x'));
  recorder.record(widget('b'), note('x'));
  await clock.advance(599_999);
  recorder.record(widget('a'), note('x'));
  expect(sent).toHaveLength(2);
  await clock.advance(1);
  recorder.record(widget('a'), note('x'));
  await recorder.flush();
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map((each) => each.metadata.name)).size).toBe(3);
  expect(sent.at(-1)?.eventTime).toBe('2026-11-24T00:10:00.000000Z');
});

it('bounds the events about one object, and lets others speak', async () => {
  for (let n = 0; n < 100; n += 1) {
    recorder.record(widget('loud'), note(`${n}`));
    await settle(1);
  }
  expect(sent).toHaveLength(25);
  recorder.record(widget('quiet'), note('x'));
  expect(sent).toHaveLength(26);
  await clock.advance(300_000);
  recorder.record(widget('loud'), note('later'));
  recorder.record(widget('loud'), note('too soon'));
  await recorder.flush();
  expect(sent.map((each) => each.note).slice(26)).toEqual(['later']);
});

it('says again what could not be said, and throws to nobody', async () => {
  broken = true;
  recorder.record(widget('a'), note('x'));
  await recorder.flush();
  expect(failures).toEqual(['ApiServerUnreachable']);
  broken = false;
  recorder.record(widget('a'), note('x'));
  await recorder.flush();
  expect(sent).toHaveLength(1);
});

it('makes a name that fits, whatever the name of the object', async () => {
  recorder.record(widget('a'.repeat(253)), note('x'));
  await recorder.flush();
  expect(sent[0]?.metadata.name.length).toBeLessThanOrEqual(253);
  expect(sent[0]?.metadata.namespace).toBe('ns');
});
