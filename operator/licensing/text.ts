import { hashName } from './hash.ts';

export { addressPattern, hideAddresses } from '../api/address.ts';

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
