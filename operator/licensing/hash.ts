/**
 * Hashes for names and for telling whether a value changed. They are not cryptographic: nobody gains
 * anything by making two of them meet. `licensing` is pure and so has no node:crypto.
 */

/** 53 bits of a text, as an exact integer: by chance two of 20,000 texts meet once in 45 million refreshes. */
export function hashText(text: string): number {
  let a = 0x9e3779b1;
  let b = 0x85ebca77;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index) + 1;
    a = Math.imul(rotate(a ^ Math.imul(unit, 0xc2b2ae3d), 13), 5) + 0x6b43a9b5;
    b = Math.imul(rotate(b ^ Math.imul(unit, 0x27d4eb2f), 17), 9) + 0x165667b1;
  }
  const high = scramble(a ^ rotate(b, 16) ^ text.length);
  const low = scramble(b ^ high);
  return (high >>> 11) * 2 ** 32 + low;
}

/** The hash as eleven characters of [0-9a-z], fit for the name of an object. */
export function hashName(text: string): string {
  return hashText(text).toString(36).padStart(11, '0');
}

/** Equal values give equal text, whatever the order of their keys; undefined keys do not count. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  entries.sort(([left], [right]) => (left < right ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(',')}}`;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Lets every bit of the input reach every bit of the answer. */
function scramble(value: number): number {
  const first = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  const second = Math.imul(first ^ (first >>> 15), 0x846ca68b);
  return (second ^ (second >>> 16)) >>> 0;
}
