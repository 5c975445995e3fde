import { hashName } from './hash.ts';

/**
 * A vendor's text, made fit to be stored: what comes back from the API server is then what was sent,
 * so an unchanged person is never written again. Broken surrogates would come back changed.
 * @param limit largest number of UTF-16 units, which is never fewer than the code points that a CRD counts.
 */
export function storable(text: string, limit: number): string {
  return text.length <= limit ? text.toWellFormed() : cut(text, limit).toWellFormed();
}

/** Like `storable`, for an identifier: two long identifiers stay two. */
export function storableIdentifier(text: string, limit: number): string {
  if (text.length <= limit) return text.toWellFormed();
  const hash = hashName(text);
  return `${cut(text, limit - hash.length - 1).toWellFormed()}-${hash}`;
}

function cut(text: string, limit: number): string {
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? limit - 1 : limit);
}

/** Anything that looks like an e-mail address, inside of other text too. */
export const addressPattern = /[^\s<>()[\]{}"'`,;:|\\/@]+@[^\s<>()[\]{}"'`,;:|\\/@]+/g;

/** Text for an object or a message that may hold no e-mail address (guard 7): each becomes `(address)`. */
export function hideAddresses(text: string): string {
  return text.replaceAll(addressPattern, '(address)');
}
