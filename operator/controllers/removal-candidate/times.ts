/** Milliseconds since the epoch of a time in a status; NaN for one that is not there, which no comparison is true of. */
export function timeOf(text: string | undefined): number {
  return Date.parse(text ?? '');
}

/** As a status holds it. */
export function toText(time: number): string {
  return new Date(time).toISOString();
}
