import { assert, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { cutWindow, splitWindow } from './windows.ts';

const now = Date.parse('2026-11-24T00:00:00Z');

it('splits any window into parts without gap or overlap, none empty', () => {
  assert(
    property(integer({ min: 1, max: 365 * 86_400 }), integer({ min: 1, max: 500 }), integer({ min: 1, max: 3600 }), (seconds, wanted, least) => {
      const from = now - seconds * 1000;
      const parts = splitWindow({ from, to: now }, wanted, least * 1000);
      expect(parts[0]?.from).toBe(from);
      expect(parts.at(-1)?.to).toBe(now);
      expect(parts.length).toBeLessThanOrEqual(wanted);
      for (const [index, part] of parts.entries()) {
        expect(part.to).toBeGreaterThan(part.from);
        expect(part.from % 1000).toBe(0);
        if (index > 0) expect(part.from).toBe(parts[index - 1]?.to);
      }
    }),
    { seed: 5 },
  );
});

it('T5: cuts any window into the fewest parts of at most the longest question, rounded outwards to whole seconds', () => {
  const longest = 30 * 86_400_000;
  assert(
    property(integer({ min: 1, max: 400 * 86_400_000 }), integer({ min: 0, max: 999 }), (length, ms) => {
      const window = { from: now + ms - length, to: now + ms };
      const parts = cutWindow(window, { maxWindow: longest, minWindow: 1000 });
      expect(parts[0]?.from).toBe(Math.floor(window.from / 1000) * 1000);
      expect(parts.at(-1)?.to).toBe(Math.ceil(window.to / 1000) * 1000);
      for (const [index, part] of parts.entries()) {
        // The border may lie up to a second off, on a whole one.
        expect(part.to - part.from).toBeLessThanOrEqual(longest + 1000);
        if (index > 0) expect(part.from).toBe(parts[index - 1]?.to);
      }
      expect(parts.length).toBeLessThanOrEqual(Math.ceil((length + 2000) / longest));
    }),
    { seed: 5 },
  );
  expect(cutWindow({ from: now, to: now }, { maxWindow: longest, minWindow: 1000 })).toEqual([]);
  expect(cutWindow({ from: now, to: now - 1 }, { maxWindow: longest, minWindow: 1000 })).toEqual([]);
});
