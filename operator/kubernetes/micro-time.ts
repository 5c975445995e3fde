/** metav1.MicroTime of milliseconds since the epoch; the API server insists on six digits (facts/tech.md 1). */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
