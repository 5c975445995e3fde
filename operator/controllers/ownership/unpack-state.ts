import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** Bytes of a state after it was unzipped: a state of 50,000 people has some 20 MiB. */
export const mostStateBytes = 32 * 1024 * 1024;

const unzip = promisify(gunzip);

/** A state as a Secret holds it, as base64 of JSON or of gzipped JSON; or what is wrong with it, as the end of a sentence. */
export async function unpackState(encoded: string): Promise<{ readonly text: string } | { readonly problem: string }> {
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.length === 0) return { problem: 'is empty' };
  if (!isGzip(bytes)) return decode(bytes);
  try {
    return decode(await unzip(bytes, { maxOutputLength: mostStateBytes }));
  } catch (error) {
    const isTooLarge = error instanceof RangeError || (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE');
    return { problem: isTooLarge ? 'holds more than 32 MiB' : 'holds gzipped bytes that are cut off or damaged; a state that is split over several Secrets cannot be read' };
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function decode(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is no text in UTF-8' };
  }
}
