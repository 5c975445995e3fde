import { ControlPlaneError } from '../control-plane/contract.ts';
import { ensureTool } from './tools.ts';

/** Compiles the tools ahead of the tests, where the progress is seen: `node test/chart/build-tools.ts`. */
try {
  const options = { log: (line: string) => void process.stderr.write(`${line}\n`), signal: new AbortController().signal };
  for (const name of ['helm', 'promtool'] as const) process.stdout.write(`${await ensureTool(name, options)}\n`);
} catch (error) {
  if (!(error instanceof ControlPlaneError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
