import { defineConfig } from 'vitest/config';

/** Unit tests stand beside the source and need no server; integration tests run on a real control plane. */
export default defineConfig({
  test: {
    // The count comes last: it is what a CI reads.
    reporters: ['default', './test/tooling/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          // A busy machine must not fail a property test.
          testTimeout: 30_000,
          include: ['operator/**/*.test.ts', 'test/pagerduty-simulator/**/*.test.ts', 'test/control-plane/**/*.test.ts', 'test/tooling/**/*.test.ts', 'test/proof/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          globalSetup: ['./test/integration/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
      {
        // Needs Chromium, so it is not part of `npm test`: `npm run test:browser`.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['./test/integration/global-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
