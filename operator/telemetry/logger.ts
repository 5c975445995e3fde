import { destination as openDestination, pino, type Logger as PinoLogger } from 'pino';
import { recordError } from './error-record.ts';
import { scrub, scrubFields } from './scrub.ts';

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields of a line: scalars, short lists, and the error in `err`. Objects do not go through. */
export interface LogFields {
  readonly [name: string]: unknown;
  /** Anything that was thrown; only what ErrorRecord names is written. */
  readonly err?: unknown;
}

/**
 * Structured logs for the people who run the operator (facts/operators.md B3.35). A reconcile works
 * with `child({ controller, kind, namespace, name, reconcileID })`.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go; stdout when left out. Writes are synchronous, so the last line before an exit is not lost. */
  readonly destination?: { write(line: string): void };
  /** Milliseconds since the epoch; the system clock when left out. */
  readonly now?: () => number;
}

/** One JSON object a line, ISO time, no pid or host name: the platform adds those. */
export function createLogger(options: LoggerOptions): Logger {
  const now = options.now ?? Date.now;
  const root = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: recordError },
    },
    options.destination ?? openDestination({ dest: 1, sync: true }),
  );
  return wrap(root);
}

/**
 * pino's own methods would take an Error as first argument and write its message; these take only
 * fields and a message of ours, and clean both.
 */
function wrap(inner: PinoLogger): Logger {
  const write = (level: LogLevel) => (fields: LogFields, message: string) => {
    if (inner.isLevelEnabled(level)) inner[level](clean(fields), scrub(message));
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => wrap(inner.child(clean(fields))),
  };
}

function clean(fields: LogFields): Record<string, unknown> {
  const { err, ...rest } = fields;
  return err === undefined ? scrubFields(rest) : { ...scrubFields(rest), err };
}
