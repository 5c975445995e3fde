import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

const shown = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('saaslicense_clock_'));

it('guard 11: how far the clock is off is read at each scrape, and is absent while nobody knows', async () => {
  const metrics = createMetrics();
  expect(shown(await metrics.render())).toEqual([]);
  let skewMs: number | undefined;
  metrics.setClockTrust({ skewMs: () => skewMs, isTrusted: () => skewMs === 250 });
  expect(shown(await metrics.render())).toEqual(['saaslicense_clock_trusted 0']);
  skewMs = 250;
  expect(shown(await metrics.render())).toEqual(['saaslicense_clock_skew_seconds 0.25', 'saaslicense_clock_trusted 1']);
  skewMs = -7_862_400_000;
  expect(shown(await metrics.render())).toEqual(['saaslicense_clock_skew_seconds -7862400', 'saaslicense_clock_trusted 0']);
  skewMs = undefined;
  expect(shown(await metrics.render())).toEqual(['saaslicense_clock_trusted 0']);
});
