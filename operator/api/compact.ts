/** T with its undefined-able keys made optional instead: what `compact` returns. */
export type Compact<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The object without keys whose value is undefined: the API server has no undefined, and server-side apply drops what is not sent. */
export function compact<T extends object>(value: T): Compact<T> {
  // The type above says exactly what the filter does; the compiler cannot follow Object.fromEntries.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Compact<T>;
}
