/** JSON with sorted keys and without what is undefined: equal text for equal meaning. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (!isRecord(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How to compare what we want with what is there. */
export interface SubsetRules {
  /** For lists that others may add to, by the list's field name: the field that tells items apart; '' for plain values. */
  listKeys: Readonly<Record<string, string>>;
  /** Fields of built-in kinds whose values are quantities, where `1000m` is `1`. */
  quantities?: ReadonlySet<string>;
  /** True for built-in kinds, whose `false`, `0`, `''` and empty lists the API server drops; custom resources keep them. */
  emptyIsAbsent?: boolean;
}

/**
 * True when every leaf that we want is there. More fields are fine: the API server fills in defaults. A list must
 * be as long as ours unless the rules say that others may add to it.
 */
export function isSubset(wanted: unknown, actual: unknown, rules: SubsetRules, field = ''): boolean {
  if (wanted === undefined) return true;
  if (actual === undefined) return rules.emptyIsAbsent === true && isEmpty(wanted);
  if (Array.isArray(wanted)) return isSublist(wanted, actual, rules, field);
  const isQuantity = rules.quantities?.has(field) === true;
  if (!isRecord(wanted)) return isSameLeaf(wanted, actual, isQuantity);
  return isRecord(actual) && isSubrecord(wanted, actual, rules, isQuantity ? field : undefined);
}

function isSubrecord(wanted: Record<string, unknown>, actual: Record<string, unknown>, rules: SubsetRules, field?: string): boolean {
  return Object.entries(wanted).every(([name, value]) => isSubset(value, actual[name], rules, field ?? name));
}

function isSublist(wanted: unknown[], actual: unknown, rules: SubsetRules, field: string): boolean {
  if (!Array.isArray(actual)) return false;
  const key = rules.listKeys[field];
  if (key === undefined) {
    return wanted.length === actual.length && wanted.every((item, index) => isSubset(item, actual[index], rules));
  }
  const idOf = (item: unknown): unknown => (key === '' || !isRecord(item) ? item : item[key]);
  return wanted.every((item) => {
    const match: unknown = actual.find((other) => idOf(other) === idOf(item));
    return match !== undefined && isSubset(item, match, rules);
  });
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isRecord(value)) return Object.values(value).every((each) => each === undefined || isEmpty(each));
  return value === null || value === '' || value === 0 || value === false;
}

function isSameLeaf(wanted: unknown, actual: unknown, isQuantity: boolean): boolean {
  if (Object.is(wanted, actual)) return true;
  if (!isQuantity) return false;
  const [a, b] = [parseQuantity(wanted), parseQuantity(actual)];
  return a !== undefined && a === b;
}

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** Value of a Kubernetes quantity such as `250m` or `1Gi`. */
function parseQuantity(value: unknown): number | undefined {
  const match = /^([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(String(value));
  const factor = suffixes[match?.[2] ?? ''];
  if (match === null || factor === undefined) return undefined;
  // Thousandths of thousandths compare well as decimals, where 0.1 * 3 would not.
  return Number((Number(match[1]) * factor).toPrecision(12));
}
