import { runCommandLine } from './cli/command-line.ts';
import { reportCrashes } from './telemetry/crash-report.ts';

reportCrashes(process);
process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
