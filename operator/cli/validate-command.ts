import { parseArgs } from 'node:util';
import { terminal } from '../api/errors.ts';
import type { Clock } from '../api/clock.ts';
import { systemClock } from '../api/system-clock.ts';
import { createProviders } from '../providers/registry.ts';
import { print, runCommand } from './position/run-command.ts';
import { oneOf } from './position/source-options.ts';
import { parseManifests } from './validate/parse-manifests.ts';
import { readManifestTexts } from './validate/read-files.ts';
import { renderReportJson, renderReportText } from './validate/render-report.ts';
import { validateManifests } from './validate/validate-manifests.ts';

export const validateUsage = `usage: saaslicense validate -f PATH... [OPTION]...

Checks manifests of saaslicense.dev by the rules of the API server, and by what only the operator would find, such as a
condition that cannot be compiled. It needs no cluster, calls nobody and writes nothing.

  -f, --filename PATH    file or directory (all *.yaml, *.yml and *.json in it); - is the standard input; may be given
                         several times
  --strict               warnings are errors
  -o, --output FORMAT    text (default), json

Objects of other groups are passed over and counted.

exit codes: 0 nothing is wrong, 1 something is or it failed, 2 bad command line`;

export interface ValidateCommandOptions {
  readonly paths: readonly string[];
  readonly isStrict: boolean;
  readonly format: 'text' | 'json';
}

export interface ValidateContext {
  readonly clock: Pick<Clock, 'now'>;
  readonly stdin: NodeJS.ReadableStream;
}

/** `saaslicense validate`: manifests without a cluster, for pull requests (design section 6). */
export async function runValidateCommand(argv: readonly string[], context: ValidateContext = { clock: systemClock, stdin: process.stdin }): Promise<number> {
  return runCommand({ name: 'validate', usage: validateUsage, read: readValidateOptions, run: async (options) => validate(options, context) }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readValidateOptions(argv: readonly string[]): ValidateCommandOptions {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: true,
    allowPositionals: true,
    options: {
      filename: { type: 'string', short: 'f', multiple: true, default: [] },
      strict: { type: 'boolean', default: false },
      output: { type: 'string', short: 'o', default: 'text' },
    },
  });
  // As a shell spreads them: -f rules/*.yaml gives the option its first file only.
  const paths = [...values.filename, ...positionals];
  if (values.filename.length === 0) throw new Error('-f must name a file or a directory of manifests, or be - for the standard input');
  if (paths.filter((path) => path === '-').length > 1) throw new Error('-f - must be given once: the standard input can be read only once');
  return { paths, isStrict: values.strict, format: oneOf('--output', values.output, ['text', 'json']) };
}

async function validate({ paths, isStrict, format }: ValidateCommandOptions, { clock, stdin }: ValidateContext): Promise<number> {
  const texts = await readManifestTexts(paths, stdin);
  // A path that is mistyped, or a folder that was moved, would otherwise pass for good.
  if (texts.length === 0) throw terminal('NoManifests', `There is no *.yaml, *.yml or *.json in ${paths.join(', ')}: name files or directories of manifests.`);
  const manifests = texts.flatMap(({ file, text }) => parseManifests(file, text));
  const report = validateManifests(manifests, { providers: createProviders(), now: clock.now() });
  await print(format === 'json' ? renderReportJson(report) : renderReportText(report));
  return report.problems.some(({ severity }) => severity === 'error' || isStrict) ? 1 : 0;
}
