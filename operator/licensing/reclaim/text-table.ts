/** Lays out a table as lines; handed in, since how a terminal is written to is no matter of licensing. */
export type AlignColumns = (
  columns: readonly { readonly title: string; readonly align?: 'left' | 'right' }[],
  rows: readonly (readonly string[])[],
) => string[];
