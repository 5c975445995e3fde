import { domainToASCII } from 'node:url';

/** RFC 5322 dot-atom: what mail servers take; quoted local parts are taken by nearly none. */
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const domainPart = /^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/;
const longest = 254;

/**
 * One e-mail address as it goes to a mail server; undefined for anything else: a list, a display name, a line break or what
 * could pass for a header or another recipient.
 */
export function readAddress(text: string): string | undefined {
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64) return undefined;
  const local = text.slice(0, at);
  const domain = domainToASCII(text.slice(at + 1));
  if (!localPart.test(local) || !domainPart.test(domain)) return undefined;
  const address = `${local}@${domain}`;
  return address.length > longest ? undefined : address;
}
