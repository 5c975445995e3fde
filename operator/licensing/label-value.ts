import { hashName } from './hash.ts';

const longestLabelValue = 63;

/**
 * Label value that stands for the name of an object: the name, or its beginning and a hash, because a
 * label value has at most 63 characters and a name up to 253. Refresh and controllers share it, so that
 * the profile label of one is found by the other.
 */
export function labelValue(objectName: string): string {
  if (objectName.length <= longestLabelValue) return objectName;
  const hash = hashName(objectName);
  return `${objectName.slice(0, longestLabelValue - hash.length - 1)}-${hash}`;
}
