/** At most `length` UTF-16 units, the last an ellipsis if something is missing; no character is cut in two. */
export function truncateText(text: string, length: number): string {
  if (text.length <= length) return text;
  let end = length - 1;
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}…`;
}

const ellipsis = new TextEncoder().encode('…').length;

/** The same for fields whose limit the API server counts in bytes of UTF-8, as those of an Event. */
export function truncateBytes(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const room = new Uint8Array(bytes - ellipsis);
  const { read } = new TextEncoder().encodeInto(text, room);
  return `${text.slice(0, read)}…`;
}
