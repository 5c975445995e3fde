import { hashName } from './hash.ts';

const longestName = 63;
const longestLabelValue = 63;

/**
 * Name of the SoftwareSubscription of one person: the same for ever for the same profile and person, at
 * most 63 characters, a DNS label. The hash keeps apart what the readable part cannot: ids that differ
 * only by case or in characters that a name may not have, and profiles whose names run into an id.
 */
export function subscriptionName(profileName: string, externalUserId: string): string {
  const hash = hashName(`${profileName}/${externalUserId}`);
  const room = longestName - hash.length - 1;
  const id = slug(externalUserId, Math.floor(room / 2));
  const profile = slug(profileName, room - (id === '' ? 0 : id.length + 1)) || 'profile';
  return [profile, id, hash].filter((part) => part !== '').join('-');
}

/**
 * Value of the profile label for a profile: its name, or its beginning and a hash, because a label value
 * has at most 63 characters and a name up to 253. Refresh and controllers share it.
 */
export function profileLabelValue(profileName: string): string {
  if (profileName.length <= longestLabelValue) return profileName;
  const hash = hashName(profileName);
  return `${profileName.slice(0, longestLabelValue - hash.length - 1)}-${hash}`;
}

function slug(text: string, limit: number): string {
  const characters = text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return trimDashes(trimDashes(characters).slice(0, limit));
}

function trimDashes(text: string): string {
  return text.replace(/^-+/, '').replace(/-+$/, '');
}
