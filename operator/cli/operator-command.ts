import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { toFailure } from '../api/errors.ts';
import { systemClock } from '../api/system-clock.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { startOperator } from '../controllers/start-operator.ts';
import { operatorUsage, parseOperatorOptions, type OperatorOptions } from './operator-options.ts';
import { misuse } from './read-options.ts';

/** After SIGTERM: this long for what is in flight, then the rest is cut off; the pod has 30 s (design section 4). */
const graceMs = 20_000;

/** Runs the controllers until SIGTERM or SIGINT; the exit code is 0 after a graceful end. */
export async function runOperatorCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (argv.includes('--help')) {
    console.log(operatorUsage);
    return 0;
  }
  const options = parseOperatorOptions(argv);
  if ('problem' in options) {
    console.error(`saaslicense operator: ${options.problem}\n${operatorUsage}`);
    return misuse;
  }
  const logger = createLogger({ level: options.logLevel });
  const { signal, hardSignal, dispose } = listenForTheEnd(logger);
  try {
    await startOperator(toStart(options, env), { clock: systemClock, random: Math.random, logger, signal, hardSignal });
    return 0;
  } catch (error) {
    const failure = toFailure(error);
    logger.error({ err: error, reason: failure.reason }, `the operator ends: ${failure.message}`);
    return 1;
  } finally {
    dispose();
  }
}

function toStart(options: OperatorOptions, env: NodeJS.ProcessEnv): Parameters<typeof startOperator>[0] {
  // The pod's name when in a pod: it tells people who leads.
  const identity = `${env['POD_NAME'] ?? hostname()}_${randomUUID().slice(0, 8)}`;
  return { ...options, env, identity };
}

/** The first signal asks for a graceful end; a second one, or the end of the grace, cuts off. */
function listenForTheEnd(logger: Logger): { signal: AbortSignal; hardSignal: AbortSignal; readonly dispose: () => void } {
  const soft = new AbortController();
  const hard = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const stop = (name: NodeJS.Signals): void => {
    if (soft.signal.aborted) {
      hard.abort(new Error(`second ${name}`));
      return;
    }
    logger.info({ signal: name }, 'ending: no new work is taken up');
    timer = setTimeout(() => hard.abort(new Error('grace period is over')), graceMs);
    soft.abort(new Error(name));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return {
    signal: soft.signal,
    hardSignal: hard.signal,
    dispose: () => {
      clearTimeout(timer);
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
    },
  };
}
