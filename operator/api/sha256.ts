import { createHash } from 'node:crypto';

/** Returns the SHA-256 of a text in UTF-8, as lower-case hexadecimal digits. It is handed to `licensing`, which has none of its own. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
