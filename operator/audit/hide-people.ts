import { createHmac } from 'node:crypto';
import { compact } from '../api/compact.ts';
import type { SecretValue } from '../api/secret-value.ts';
import { addressPattern, storable, storableIdentifier } from '../licensing/text.ts';
import type { AuditEntry } from './trail.ts';

/** Limits of the schema of AuditRecord, and the pairs that one record has. */
const limits = { name: 253, externalUserId: 128, actor: 253, key: 64, value: 2048, pairs: 32 };

/**
 * Stands for an address: the same for the same person in one namespace, and nothing that can be turned back or compared
 * without the namespace's own secret (D12).
 */
export function personOf(address: string, personKey: SecretValue): string {
  const hash = createHmac('sha256', personKey.reveal()).update(address.normalize('NFC').toLowerCase(), 'utf8').digest('hex');
  return `person-${hash.slice(0, 12)}`;
}

/** The entry as it may be stored: without addresses (guard 7), and within the bounds of the schema, so that no record is refused for its length. */
export function hidePeople(entry: AuditEntry, personKey: SecretValue): AuditEntry {
  const hide = (text: string): string => shorten(text).replaceAll(addressPattern, (address) => personOf(address, personKey));
  const name = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : storableIdentifier(hide(text), limits.name));
  const { event, profile, rule, candidate, origin, externalUserId, actor, data } = entry;
  return compact({
    event,
    profile: name(profile),
    rule: name(rule),
    candidate: name(candidate),
    origin,
    externalUserId: externalUserId === undefined || externalUserId === '' ? undefined : storableIdentifier(hide(externalUserId), limits.externalUserId),
    actor: storable(hide(actor), limits.actor) || 'unknown',
    data: data === undefined ? undefined : hidePairs(data, hide),
  });
}

/** Looking for addresses takes the square of the length of one word; and half an address at the end would no longer look like one. */
function shorten(text: string): string {
  if (text.length <= longestText) return text;
  let end = longestText;
  while (end > 0 && !separator.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

const longestText = 4096;
const separator = /[\s<>()[\]{}"'`,;:|\\/]/;

/** What does not fit is counted and never left out in silence. */
function hidePairs(data: Readonly<Record<string, string>>, hide: (text: string) => string): Record<string, string> {
  const pairs = Object.entries(data).filter(([key]) => key !== '');
  // One place is kept for the trail's own pair.
  const most = limits.pairs - 1;
  const fits = pairs.length <= most ? pairs : pairs.slice(0, most - 1);
  const told = fits.map(([key, value]) => [storableIdentifier(hide(key), limits.key), storable(hide(value), limits.value)] as const);
  return Object.fromEntries(fits.length === pairs.length ? told : [...told, ['leftOut', String(pairs.length - fits.length)]]);
}
