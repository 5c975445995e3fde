import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts the program and a watcher in one process group of its own. The watcher's descriptor 3 closes when the parent
 * goes, however it goes (SIGKILL too), and then the whole group is killed. `exec` keeps the program's own process id
 * and exit code. The program's standard input is empty.
 */
const TIE_SCRIPT = 'exec 3<&0 </dev/null; (read -r _ <&3; kill -s KILL -- "-$$") >/dev/null 2>&1 & exec "$@" 3<&-';

/** The command line that ties a command to its standard input, which must be a pipe of this process. */
export function tie(command: readonly string[]): [string, ...string[]] {
  return ['/bin/sh', '-c', TIE_SCRIPT, 'sh', ...command];
}

export interface TiedOptions {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment: nothing of the parent's is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** Path of the file that standard output and error are appended to. */
  readonly logFile: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A process that cannot outlive this one. */
export interface TiedProcess {
  readonly pid: number;
  /** Resolves when the program has ended and its group is gone or going. */
  readonly exited: Promise<Exit>;
  hasExited(): boolean;
  /** Sends the signal to the program alone. */
  signal(name: NodeJS.Signals): void;
  /** SIGTERM, then after `graceMs` milliseconds SIGKILL of the whole group. */
  stop(graceMs: number): Promise<Exit>;
  /** Kills the whole group at once, without waiting; for exit handlers. */
  killNow(): void;
}

/** Throws the system's error when the process cannot be started. */
export async function startTied(options: TiedOptions): Promise<TiedProcess> {
  const log = openSync(options.logFile, 'a', 0o600);
  let child: ChildProcess;
  try {
    const [shell, ...args] = tie(passOddNames(options));
    child = spawn(shell, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['pipe', log, log],
    });
    await once(child, 'spawn');
  } finally {
    closeSync(log);
  }
  return watchChild(child);
}

function watchChild(child: ChildProcess): TiedProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error('a started process has no id');
  let ended = false;
  child.stdin?.on('error', () => undefined);
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = true;
      // Closing the watcher's descriptor makes it take along what the program left behind in its group.
      child.stdin?.destroy();
      resolve({ code, signal });
    });
  });
  const killNow = (): void => {
    if (!ended) killGroup(pid);
  };
  return {
    pid,
    exited,
    hasExited: () => ended,
    signal: (name) => {
      if (!ended) child.kill(name);
    },
    killNow,
    async stop(graceMs) {
      if (!ended) child.kill('SIGTERM');
      const timer = new AbortController();
      await Promise.race([exited, delay(graceMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
      killNow();
      return exited;
    },
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

/** A shell drops variables whose names it could not use itself (Kubernetes allows dots and dashes): env(1) sets those. */
function passOddNames(options: TiedOptions): string[] {
  const odd = Object.entries(options.env).filter(([name]) => !/^[A-Za-z_]\w*$/u.test(name));
  if (odd.length === 0) return [...options.command];
  return ['env', '--', ...odd.map(([name, value]) => `${name}=${value}`), ...options.command];
}
