const knownDigits = new Map<string, number>();

/** Digits of a currency after the point (ISO 4217), remembered since a formatter is slow to make; 2 for an unknown one. */
export function fractionDigits(currency: string): number {
  const known = knownDigits.get(currency);
  if (known !== undefined) return known;
  // Intl refuses what is not three letters; the schema takes capitals only, files for what-if might not.
  const digits = /^[A-Z]{3}$/.test(currency)
    ? (new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2)
    : 2;
  knownDigits.set(currency, digits);
  return digits;
}

/** The amount in major units as the nearest number, for metrics; never calculate with it. */
export function toMajor({ amountMinor, currency }: { readonly amountMinor: number; readonly currency: string }): number {
  return amountMinor / 10 ** fractionDigits(currency);
}
