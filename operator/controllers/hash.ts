import { createHash } from 'node:crypto';

/** Hex digest of the JSON of `value`, cut to `length` characters. Never hash a secret with it: the result is public. */
export function hashOf(value: unknown, length = 16): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, length);
}

/** A number in [0, 1) drawn from a text, so that a schedule or jitter is the same after a restart (facts/operators.md C7). */
export function fractionOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}

/** Sessions of one alias share one rate budget; another alias object, another budget. */
export function credentialIdOf({ metadata }: { metadata: { namespace?: string; uid?: string } }): string {
  return hashOf([metadata.namespace, metadata.uid]);
}
