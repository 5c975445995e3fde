import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../api/clock.ts';
import { retryable } from '../api/errors.ts';
import { SecretValue } from '../api/secret-value.ts';

/** What a TLS connection to the API server is made with. */
export interface TlsIdentity {
  /** PEM of the authorities that are trusted; the system's when absent. */
  readonly ca?: string;
  /** PEM of the client certificate. */
  readonly certificate?: string;
  readonly key?: SecretValue;
  /** True only where a kubeconfig says `insecure-skip-tls-verify`. */
  readonly skipVerify?: boolean;
  readonly serverName?: string;
}

/** How to show who we are; a `tls` that is another object than before means new connections. */
export interface Credential {
  readonly tls: TlsIdentity;
  /** Value of the Authorization header. */
  readonly authorization?: SecretValue;
}

/**
 * Gives the credential of the moment. Fails only with a Retryable OperatorError: a file or a plugin that is
 * gone for a moment must never end the process (facts/tech.md 1.7).
 */
export interface CredentialSource {
  current(): Promise<Credential>;
  /** The API server answered 401 to `refused`: read anew, unless that has happened since. */
  renew(refused: Credential): Promise<Credential>;
}

/** What a source knows of one reading: the credential and the millisecond from which it is read anew. */
export interface Reading {
  readonly credential: Credential;
  readonly freshUntil: number;
}

export interface CachedSourceOptions {
  clock: Pick<Clock, 'now'>;
  /** Reads the credential from where it lives. */
  read(last: Credential | undefined): Promise<Reading>;
  /** While a reading fails, the last good credential may still serve; a refused one may not. */
  keepLastOnFailure: boolean;
}

/** Milliseconds between two tries to read a source that has just failed, while the last credential serves. */
const pauseAfterFailureMs = 5_000;

/** Reads through a cache with one reading at a time, however many requests ask (facts/tech.md 1.13). */
export function createCachedSource(options: CachedSourceOptions): CredentialSource {
  let last: Reading | undefined;
  let pending: Promise<Credential> | undefined;

  async function read(): Promise<Credential> {
    try {
      last = await options.read(last?.credential);
    } catch (error) {
      if (last === undefined || !options.keepLastOnFailure) throw error;
      last = { credential: last.credential, freshUntil: options.clock.now() + pauseAfterFailureMs };
    }
    return last.credential;
  }

  function readOnce(): Promise<Credential> {
    pending ??= read().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    async current() {
      if (last !== undefined && options.clock.now() < last.freshUntil) return last.credential;
      return readOnce();
    },
    async renew(refused) {
      if (last !== undefined && last.credential !== refused) return last.credential;
      await pending?.catch(() => undefined);
      return readOnce();
    },
  };
}

/** Milliseconds for which a token file is trusted, as client-go does. */
const tokenFileMs = 60_000;

/**
 * The service account that a pod is given: `token` and `ca.crt` in `directory`, both read again at most once a
 * minute and on a 401, since the kubelet replaces them.
 */
export function createServiceAccountSource(directory: string, clock: Pick<Clock, 'now'>): CredentialSource {
  return createCachedSource({
    clock,
    keepLastOnFailure: true,
    async read(last) {
      const [token, ca] = await Promise.all([readText(directory, 'token'), readText(directory, 'ca.crt')]);
      if (token.trim() === '') throw unreadable('token', 'empty');
      const tls = last?.tls.ca === ca ? last.tls : { ca };
      const authorization = new SecretValue(`Bearer ${token.trim()}`);
      return { credential: { tls, authorization }, freshUntil: clock.now() + tokenFileMs };
    },
  });
}

async function readText(directory: string, name: string): Promise<string> {
  try {
    return await readFile(join(directory, name), 'utf8');
  } catch (error) {
    throw unreadable(name, errorCode(error));
  }
}

function unreadable(name: string, code: string): Error {
  return retryable(
    'CredentialUnavailable',
    `The file ${name} of the service account cannot be read; check that the pod mounts its service account token.`,
    { detail: { code } },
  );
}

/** The `code` of a system error, such as ENOENT; its text could hold anything. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error && error.cause !== undefined ? errorCode(error.cause) : 'unknown';
}
