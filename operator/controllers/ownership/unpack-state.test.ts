import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { mostStateBytes, mostStateValues, unpackState } from './unpack-state.ts';

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64');

describe('a state in a Secret', () => {
  it('D7: is text, or gzipped text', async () => {
    expect(await unpackState(base64('{"version":4}'))).toEqual({ text: '{"version":4}' });
    expect(await unpackState(base64(gzipSync('{"version":4}')))).toEqual({ text: '{"version":4}' });
  });

  it.each<[string, Uint8Array | string, string]>([
    ['nothing', '', 'is empty'],
    ['gzip that is cut off', gzipSync('x'.repeat(1000)).subarray(0, 20), 'cut off or damaged'],
    ['no gzip at all', Buffer.from([0x1f, 0x8b, 1, 2, 3]), 'cut off or damaged'],
    ['more than fits', gzipSync(Buffer.alloc(mostStateBytes + 1)), 'more than 16 MiB'],
    ['more values than fit', gzipSync(`[${'{},'.repeat(mostStateValues / 2)}{}]`), `more than ${mostStateValues} values`],
    ['other bytes', Buffer.from([0xff, 0xfe, 0x00]), 'no text in UTF-8'],
    ['gzipped other bytes', gzipSync(Buffer.from([0xff, 0xfe, 0x00])), 'no text in UTF-8'],
  ])('guard 6: %s is a problem', async (_what, bytes, problem) => {
    expect(await unpackState(base64(bytes))).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it('guard 6: gzip that is cut off anywhere is a problem', async () => {
    const whole = gzipSync('{"version":4,"resources":[]}');
    for (let end = 0; end < whole.length; end += 1) expect([end, 'problem' in (await unpackState(base64(whole.subarray(0, end))))]).toEqual([end, end !== 1]);
  });
});
