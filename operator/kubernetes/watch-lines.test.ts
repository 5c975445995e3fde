import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { MalformedLine, readWatchEvents, type WatchEvent } from './watch-lines.ts';

function event(version: number, note = ''): WatchEvent {
  return { type: 'MODIFIED', object: { metadata: { name: `ü${note}`, resourceVersion: String(version) } } };
}

async function* chunked(text: string | Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  let rest = Buffer.from(text);
  for (let at = 0; rest.length > 0; at += 1) {
    const size = sizes[at % sizes.length] ?? 1;
    yield rest.subarray(0, size);
    rest = rest.subarray(size);
  }
}

async function readAll(text: string, sizes = [1024]): Promise<{ events: WatchEvent[]; error?: unknown }> {
  const events: WatchEvent[] = [];
  try {
    for await (const each of readWatchEvents(chunked(text, sizes))) events.push(each);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

it('reads the same events however the network cuts them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 5 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }),
      async (notes, sizes) => {
        const expected = notes.map((note, index) => event(index, note));
        const text = expected.map((each) => `${JSON.stringify(each)}\n`).join('');
        expect(await readAll(text, sizes)).toEqual({ events: expected });
      },
    ),
    { seed: 5, numRuns: 200 },
  );
});

it.each([
  ['not JSON', '{"type":"ADDED","obj\n'],
  ['a truncated last line', JSON.stringify(event(2))],
  ['an unknown type', '{"type":"SURPRISE","object":{"metadata":{"resourceVersion":"2"}}}\n'],
  ['no object', '{"type":"ADDED"}\n'],
  ['no version', '{"type":"BOOKMARK","object":{"metadata":{}}}\n'],
  ['an HTML page', '<html>\n'],
])('gives what was whole, then refuses %s', async (_name, text) => {
  const { events, error } = await readAll(`${JSON.stringify(event(1))}\n${text}`);
  expect(events).toEqual([event(1)]);
  expect(error).toBeInstanceOf(MalformedLine);
});

it('bounds the memory that an endless line can take', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(1024 * 1024, 'x');
  }
  const reading = readWatchEvents(endless()).next();
  await expect(reading).rejects.toThrow(MalformedLine);
});
