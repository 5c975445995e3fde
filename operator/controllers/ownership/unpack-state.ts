import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

/** Bytes of a state after it was unzipped: a state of 20,000 people has some 8 MiB. */
export const mostStateBytes = 16 * 1024 * 1024;
/**
 * Values in it, counted before it is parsed: a few kilobytes of zipped empty objects would else be a gigabyte of them, and the end of the operator
 * and of each that follows it (guard 12). A person has some 30.
 */
export const mostStateValues = 600_000;

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
    return { problem: isTooLarge ? 'holds more than 16 MiB' : 'holds gzipped bytes that are cut off or damaged; a state that is split over several Secrets cannot be read' };
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function decode(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  if (hasTooManyValues(bytes)) return { problem: `holds more than ${mostStateValues} values` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { problem: 'is no text in UTF-8' };
  }
}

/** What begins a value or separates two: [ { and the comma, in texts too, where it does no harm to count them. */
function hasTooManyValues(bytes: Uint8Array): boolean {
  let values = 0;
  for (const byte of bytes) if (byte === 0x2c || byte === 0x5b || byte === 0x7b) values += 1;
  return values > mostStateValues;
}
