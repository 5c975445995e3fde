/** Anything that looks like an e-mail address, inside of other text too. */
export const addressPattern = /[^\s<>()[\]{}"'`,;:|\\/@]+@[^\s<>()[\]{}"'`,;:|\\/@]+/g;

/** Text for an object or a message that may hold no e-mail address (guard 7): each becomes `(address)`. */
export function hideAddresses(text: string): string {
  return text.replaceAll(addressPattern, '(address)');
}
