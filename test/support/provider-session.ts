import type { Clock } from '../../operator/api/clock.ts';
import { OperatorError } from '../../operator/api/errors.ts';
import { SecretValue } from '../../operator/api/secret-value.ts';
import type { Session, TokenScheme, VendorRequest } from '../../operator/providers/provider.ts';
import { createLeapingClock } from './leaping-clock.ts';
import { createSeededRandom } from './seeded-random.ts';

export interface SessionOptions {
  readonly settings: unknown;
  readonly token?: string;
  readonly scheme?: TokenScheme;
  readonly scopes?: readonly string[] | undefined;
  readonly credentialId?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** A session as the refresh makes it, with a record of the requests that were reported. */
export function createSession(options: SessionOptions): Session & { readonly requests: VendorRequest[] } {
  const requests: VendorRequest[] = [];
  return {
    settings: options.settings,
    clock: options.clock ?? createLeapingClock(),
    random: createSeededRandom(7),
    signal: options.signal ?? new AbortController().signal,
    onRequest: (request) => requests.push(request),
    token: {
      value: new SecretValue(options.token ?? 'planted-access-token'),
      scheme: options.scheme ?? 'Bearer',
      scopes: 'scopes' in options ? options.scopes : ['licenses.read', 'oncalls.read', 'teams.read', 'users.read'],
    },
    credentialId: options.credentialId ?? 'credential-1',
    requests,
  };
}

/** The OperatorError that the work fails with; anything else fails the test. */
export async function catchFailure(work: Promise<unknown>): Promise<OperatorError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OperatorError) return error;
    throw new Error(`not of the error union: ${error instanceof Error ? error.name : typeof error}`, { cause: error });
  }
  throw new Error('the work did not fail');
}

/** Everything that an iterable yields. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
