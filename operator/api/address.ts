/**
 * Anything that looks like an e-mail address, inside of other text too. It begins where a word begins, and nowhere else: a long word without
 * an @ would be searched from each of its characters, and whoever writes one could stop the operator (guard 12).
 */
export const addressPattern = /(?<![^\s<>()[\]{}"'`,;:|\\/@])[^\s<>()[\]{}"'`,;:|\\/@]+@[^\s<>()[\]{}"'`,;:|\\/@]+/g;

/** Text for an object or a message that may hold no e-mail address (guard 7): each becomes `(address)`. */
export function hideAddresses(text: string): string {
  return text.replaceAll(addressPattern, '(address)');
}

/** Whether two addresses at the same id are of two people: both are known, and they differ by more than case. */
export function isOtherAddress(one: string | undefined, other: string | undefined): boolean {
  const [first, second] = [comparableAddress(one), comparableAddress(other)];
  return first !== '' && second !== '' && first !== second;
}

/** An address as it is compared: without regard to case; the empty text = not known. */
export function comparableAddress(address: string | undefined): string {
  return (address ?? '').trim().toLowerCase();
}
