import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBinary } from '../control-plane/binary.ts';
import type { CommandResult } from '../control-plane/contract.ts';
import { runCommand } from '../control-plane/command.ts';
import { cacheDirectory } from '../control-plane/directories.ts';
import { compileGoProgram, type BuildOptions } from '../control-plane/go-build.ts';

const LDFLAGS = '-s -w';

/** Programs that check the chart, each a Go module of its own in `go/`, with what a cold build of it takes on two cores. */
const tools = {
  helm: { minutes: 'two and a half minutes' },
  promtool: { minutes: 'five and a half minutes' },
} as const;

export type ToolName = keyof typeof tools;

/** What a tool's go.mod says. */
export interface ToolSource {
  /** Package that is compiled. */
  readonly package: string;
  /** Like v4.3.1. */
  readonly version: string;
  readonly goVersion: string;
  /** Name of its cache folder: version and hash of go.mod and go.sum. */
  readonly key: string;
}

/** Reads go.mod and go.sum. Throws on a go.mod without one tool. */
export function describeTool(files: { readonly goMod: string; readonly goSum: string }, platform: string): ToolSource {
  const find = (pattern: RegExp): string | undefined => pattern.exec(files.goMod)?.groups?.['found'];
  const program = find(/^tool (?<found>\S+)$/mu);
  const goVersion = find(/^go (?<found>\S+)$/mu);
  const required = [...files.goMod.matchAll(/^\s*(?:require )?(?<path>\S+) (?<version>v\S+)/gmu)].map(({ groups }) => ({ path: groups?.['path'] ?? '', version: groups?.['version'] ?? '' }));
  const module = required.find(({ path }) => program?.startsWith(`${path}/`));
  if (program === undefined || goVersion === undefined || module === undefined) throw new Error('go.mod names no tool, or no version of it or of Go');
  const hash = createHash('sha256').update([platform, LDFLAGS, files.goMod, files.goSum].join('\0'));
  return { package: program, version: module.version, goVersion, key: `${module.version}-${hash.digest('hex').slice(0, 12)}` };
}

/** Path of the tool, compiled once into the user's cache directory, as the control plane is. Throws ControlPlaneError. */
export async function ensureTool(name: ToolName, options: BuildOptions): Promise<string> {
  const folder = fileURLToPath(new URL(`go/${name}`, import.meta.url));
  const [goMod, goSum] = await Promise.all(['go.mod', 'go.sum'].map(async (file) => readFile(join(folder, file), 'utf8')));
  const source = describeTool({ goMod: goMod ?? '', goSum: goSum ?? '' }, `${process.platform}/${process.arch}`);
  const cache = join(dirname(cacheDirectory()), 'tools', name);
  return ensureBinary({
    cache,
    key: source.key,
    name,
    log: options.log,
    signal: options.signal,
    compile: async (target) => {
      options.log(`compiling ${name} ${source.version} from source: about ${tools[name].minutes} on two cores the first time, then kept in ${cache}`);
      await compileGoProgram({ folder, package: source.package, ldflags: LDFLAGS, goVersion: source.goVersion, what: name }, target, options);
    },
  });
}

/** Runs a tool, with nothing of this machine's own configuration of it. */
export async function runTool(path: string, args: readonly string[], options: { readonly input?: string; readonly env?: Record<string, string> } = {}): Promise<CommandResult> {
  const home = join(dirname(path), 'home');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
    ...options.env,
  };
  return runCommand([path, ...args], { env, ...(options.input === undefined ? {} : { input: options.input }) });
}
