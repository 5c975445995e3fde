import { writeSync } from 'node:fs';
import { recordError } from './error-record.ts';

/**
 * Lets an error that nobody caught end the process with one line on stderr, of the shape of a log line. Node itself would print the message and
 * all properties of the error, which can be what another side said (guard 7).
 */
export function reportCrashes(target: NodeJS.Process): void {
  target.on('uncaughtException', (error: unknown) => {
    const line = { level: 'fatal', time: new Date().toISOString(), err: recordError(error), msg: 'The process ends because of an uncaught error.' };
    writeSync(2, `${JSON.stringify(line)}\n`);
    target.exit(1);
  });
}
