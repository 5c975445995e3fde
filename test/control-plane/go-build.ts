import { createHash } from 'node:crypto';
import { readdir, readFile, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { diskFull, errorCode, explainBuildOutput, goMissing, goTooOld, LEAST_FREE_BYTES, unsupportedPlatform } from './problems.ts';

const CONTROL_PLANE = fileURLToPath(new URL('./go', import.meta.url));
const SAY_EVERY_MS = 10_000;

/** What the binary is made of. */
export interface GoSource {
  /** Kubernetes' version, like v1.37.2. */
  readonly version: string;
  /** Least version of Go, like 1.26.0. */
  readonly goVersion: string;
  /** Version and content hash: the name of the cache folder. */
  readonly key: string;
}

export interface BuildOptions {
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Reads the Go module beside this file. */
export async function readSource(folder: string = CONTROL_PLANE): Promise<GoSource> {
  const names = (await readdir(folder)).filter((name) => /\.go$|^go\.(?:mod|sum)$/u.test(name)).sort();
  const files = new Map<string, string>();
  for (const name of names) files.set(name, await readFile(join(folder, name), 'utf8'));
  return describeSource(files, `${process.platform}/${process.arch}`);
}

/** Pure part of `readSource`. Throws on a go.mod without the version of Go or of k8s.io/kubernetes. */
export function describeSource(files: ReadonlyMap<string, string>, platform: string): GoSource {
  const goMod = files.get('go.mod') ?? '';
  const version = /^\s*k8s\.io\/kubernetes (?<version>v\S+)$/mu.exec(goMod)?.groups?.['version'];
  const goVersion = /^go (?<version>\S+)$/mu.exec(goMod)?.groups?.['version'];
  if (version === undefined || goVersion === undefined) throw new Error('go.mod names no version of Go or of k8s.io/kubernetes');
  const hash = createHash('sha256').update(`${platform}\n${linkFlags(version)}\n`);
  for (const [name, text] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${name}\0${text}\0`);
  return { version, goVersion, key: `${version}-${hash.digest('hex').slice(0, 12)}` };
}

/** Kubernetes takes its version from the linker; without it, clients refuse features of "v0.0.0". */
export function linkFlags(version: string): string {
  const [major = '', minor = ''] = version.replace(/^v/u, '').split('.');
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const flags = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((module) =>
    Object.entries(values).map(([name, value]) => `-X ${module}.${name}=${value}`),
  );
  return ['-s', '-w', ...flags].join(' ');
}

/** Compiles the binary to `target`, saying every ten seconds how far it is. Throws ControlPlaneError. */
export async function compileControlPlane(source: GoSource, target: string, options: BuildOptions): Promise<void> {
  if (!['linux', 'darwin'].includes(process.platform) || !['x64', 'arm64'].includes(process.arch)) {
    throw unsupportedPlatform(process.platform, process.arch);
  }
  const { version, goVersion } = source;
  const program = { folder: CONTROL_PLANE, package: '.', ldflags: linkFlags(version), goVersion, what: 'the control plane' };
  options.log(
    `compiling etcd, kube-apiserver, kube-controller-manager and kubectl ${version} from source: about seven minutes on two cores the first time, then kept in ${dirname(target)}`,
  );
  await compileGoProgram(program, target, options);
}

/** A package of a Go module, and how it is linked. */
export interface GoProgram {
  /** Folder of the module. */
  readonly folder: string;
  /** Path of the package to compile; `.` is the module's own. */
  readonly package: string;
  readonly ldflags: string;
  /** Least version of Go, like 1.26.0. */
  readonly goVersion: string;
  /** What it is to people, such as "the control plane". */
  readonly what: string;
}

/** Compiles a program to `target`, saying every ten seconds how far it is. Throws ControlPlaneError. */
export async function compileGoProgram(program: GoProgram, target: string, options: BuildOptions): Promise<void> {
  await checkGo(program);
  await checkDisk(dirname(target), program.folder);
  const started = Date.now();
  const progress = startProgress(started, options.log);
  try {
    const packages = await go(['list', '-deps', program.package], program, options, (line) => progress.sawLine(line));
    progress.total(packages.split('\n').length - 1);
    await go(['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags', program.ldflags, '-o', target, program.package], program, options, (line) => progress.sawLine(line));
  } finally {
    progress.stop();
  }
  options.log(`compiled in ${Math.round((Date.now() - started) / 1000)} s`);
}

async function go(args: string[], program: GoProgram, options: BuildOptions, onErrorLine: (line: string) => void): Promise<string> {
  // The module's own flags, not the caller's: what is cached by content must be made the same way everywhere.
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' };
  const result = await runCommand(['go', ...args], { cwd: program.folder, env, signal: options.signal, onErrorLine, tied: true });
  if (result.code !== 0) throw explainBuildOutput(result.stderr, 'the Go caches', program.goVersion, program.what);
  return result.stdout;
}

async function checkGo({ folder, goVersion }: GoProgram): Promise<void> {
  const result = await runCommand(['go', 'env', 'GOVERSION'], { cwd: folder }).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') throw goMissing(goVersion);
    throw error;
  });
  if (result.code !== 0) throw explainBuildOutput(result.stderr, 'the Go caches', goVersion);
  const found = result.stdout.trim();
  if (isOlder(found, goVersion)) throw goTooOld(found, goVersion);
}

/** Compares versions like go1.26.8 and 1.26.0 number by number; one that cannot be read (a development build) passes. */
export function isOlder(found: string, needed: string): boolean {
  const numbers = (text: string): number[] => (/\d+(?:\.\d+)*/u.exec(text)?.[0] ?? '').split('.').map(Number);
  const have = numbers(found);
  if (!/^go\d/u.test(found)) return false;
  for (const [index, least] of numbers(needed).entries()) {
    const number = have[index] ?? 0;
    if (number !== least) return number < least;
  }
  return false;
}

async function checkDisk(target: string, module: string): Promise<void> {
  const { stdout } = await runCommand(['go', 'env', 'GOCACHE'], { cwd: module });
  for (const folder of [target, stdout.trim()]) {
    // Go makes its cache folder by itself: ask the nearest one that is there.
    const free = await freeBytes(folder);
    if (free !== undefined && free < LEAST_FREE_BYTES) throw diskFull(folder, free);
  }
}

async function freeBytes(folder: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return dirname(folder) === folder ? undefined : freeBytes(dirname(folder));
  }
}

interface Progress {
  sawLine(line: string): void;
  total(packages: number): void;
  stop(): void;
}

/** Counts what go says: "go: downloading …" lines, then a line for each package that it compiles. */
function startProgress(started: number, log: (line: string) => void): Progress {
  let downloads = 0;
  let compiled = 0;
  let packages = 0;
  let last = '';
  const timer = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    if (packages === 0) log(`[${seconds} s] fetching Go modules: ${downloads} so far`);
    else if (compiled === 0) log(`[${seconds} s] compiling ${packages} packages`);
    else log(`[${seconds} s] compiled ${compiled} of at most ${packages} packages, last ${last}; linking comes at the end`);
  }, SAY_EVERY_MS);
  return {
    sawLine(line) {
      if (line.startsWith('go: downloading ')) downloads += 1;
      else if (/^[\w.-]+(?:\/|$)/u.test(line)) {
        compiled += 1;
        last = line;
      }
    },
    total(count) {
      packages = count;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
