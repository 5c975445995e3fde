import { ControlPlaneError } from './contract.ts';

/** Bytes that a build needs at most: modules, Go's build cache and the binary were 4.7 GB from nothing, 0.3 GB warm. */
export const LEAST_FREE_BYTES = 3 * 1024 ** 3;

export function goMissing(needed: string): ControlPlaneError {
  return new ControlPlaneError(
    `Go is missing: the control plane is compiled once, and no "go" is in PATH. Install Go ${needed} or newer (go.dev/dl), or set KUBECONFIG_TEST to the kubeconfig of a cluster made for tests.`,
  );
}

export function goTooOld(found: string, needed: string): ControlPlaneError {
  return new ControlPlaneError(
    `Go is too old: ${found} was found and ${needed} is needed. Install Go ${needed} or newer (go.dev/dl), or unset GOTOOLCHAIN so that Go fetches it by itself.`,
  );
}

export function diskFull(where: string, freeBytes?: number): ControlPlaneError {
  const free = freeBytes === undefined ? 'no space is left' : `only ${(freeBytes / 1024 ** 3).toFixed(1)} GB are free`;
  return new ControlPlaneError(
    `The disk is full: ${free} for ${where}, and ${LEAST_FREE_BYTES / 1024 ** 3} GB are needed. Free some space, or set XDG_CACHE_HOME and GOCACHE to folders on another disk.`,
  );
}

export function unsupportedPlatform(platform: string, arch: string): ControlPlaneError {
  return new ControlPlaneError(
    `The control plane does not run on ${platform}/${arch}: Linux and macOS on x64 or arm64 are supported. Use one of them (WSL 2 on Windows), or set KUBECONFIG_TEST to the kubeconfig of a cluster made for tests.`,
  );
}

export function portsBusy(tries: number): ControlPlaneError {
  return new ControlPlaneError(
    `No free port was found on 127.0.0.1 in ${tries} tries: something else took each one first. End programs that open many ports, then try again.`,
  );
}

/** The error of a file operation as one line that says what to do. */
export function explainFileError(error: unknown, path: string): Error {
  const code = errorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(path);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ControlPlaneError(
      `No permission to write ${path} (${code}): make that folder writable for this user, or set XDG_CACHE_HOME to one that is.`,
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** What a failed compilation's output means, as one line. `output` may hold many lines; `needed` is the version in go.mod. */
export function explainBuildOutput(output: string, where: string, needed: string, what = 'the control plane'): ControlPlaneError {
  if (/no space left on device|disk quota exceeded/iu.test(output)) return diskFull(where);
  const old = /go\.mod requires go >= \S+ \(running go (?<found>[^;)]+)/u.exec(output)?.groups?.['found'];
  if (old !== undefined) return goTooOld(`go${old}`, needed);
  if (/dial tcp|no such host|i\/o timeout|connection refused|TLS handshake/iu.test(output)) {
    return new ControlPlaneError(
      `The Go modules of ${what} could not be fetched: the module proxy is not reachable. Check the network and "go env GOPROXY", then try again; what was fetched is kept.`,
    );
  }
  if (/permission denied/iu.test(output)) {
    return new ControlPlaneError(`Go may not write its caches: make the folders "go env GOCACHE GOMODCACHE" names writable for this user.`);
  }
  if (/signal: killed/iu.test(output)) {
    return new ControlPlaneError('The compiler was killed, most likely for want of memory: 4 GB are needed. Close other programs, then try again; what was compiled is kept.');
  }
  const last = output.split('\n').filter((line) => line.trim() !== '').at(-1) ?? 'it said nothing';
  return new ControlPlaneError(`Compiling ${what} failed: ${last}`);
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
