import type { Reporter, TestModule, TestRunEndReason, Vitest } from 'vitest/node';

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The part of a finished module that is counted. */
export type CountedModule = Pick<TestModule, 'children' | 'errors'>;

/**
 * Counts tests. A suite or file that fails by itself (an import, a hook) counts as one failure, because
 * none of its tests could; a test that was never reached counts as skipped, never as passed.
 */
export function countTests(modules: readonly CountedModule[]): Counts {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) counts.failed += 1;
    for (const suite of module.children.allSuites()) {
      if (suite.errors().length > 0) counts.failed += 1;
    }
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'skipped' : state] += 1;
    }
  }
  return counts;
}

/** `N passed, N failed`, and the skipped ones only if there are any. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped > 0 ? `${line}, ${skipped} skipped` : line;
}

/**
 * Prints the counts alone on the very last line of a run, so that any CI can read them. It prints when
 * the process exits: other reporters and the teardown of the control plane have had their say by then.
 * A run that fails without a failed test (a global set-up, an unhandled rejection) counts one failure.
 */
export default class CountReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(_vitest: Vitest): void {
    process.once('exit', (code) => {
      if (code !== 0 && this.#counts.failed === 0) this.#counts.failed = 1;
      process.stdout.write(`${formatCounts(this.#counts)}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[], reason: TestRunEndReason): void {
    this.#counts = countTests(modules);
    if (this.#counts.failed === 0 && (unhandled.length > 0 || reason !== 'passed')) this.#counts.failed = 1;
  }
}
