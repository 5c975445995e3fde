/** What found a problem. `Schema` and `Rule` are what the API server checks too; the others it cannot. */
export type Check = 'File' | 'Schema' | 'Rule' | 'NotChecked' | 'Product' | 'Reference';

export type Severity = 'error' | 'warning';

/** What is wrong with a value, and where in its object. */
export interface Finding {
  /** As `jsonpath` writes it, such as `spec.limits.maxPerRun`; empty for the object as a whole. */
  readonly path: Path;
  readonly check: Check;
  readonly severity: Severity;
  /** For a person; holds no value of the manifest, which may tell of people. */
  readonly message: string;
}

export type Path = readonly (string | number)[];

/** A finding with its place in a file: what is printed. */
export interface Problem {
  readonly file: string;
  /** From 1; of the field, or of the nearest that is there. */
  readonly line: number;
  /** Number of the document in the file, from 1. */
  readonly document: number;
  readonly kind: string;
  readonly name: string;
  readonly path: string;
  readonly check: Check;
  readonly severity: Severity;
  readonly message: string;
}

export function schemaError(path: Path, message: string): Finding {
  return { path, check: 'Schema', severity: 'error', message };
}

/** `spec.freezeWindows[0].from`; a key that is no plain word is shown in brackets. */
export function pathText(path: Path): string {
  const text = path.map((part) => {
    if (typeof part === 'number') return `[${part}]`;
    return /^[A-Za-z_][\w-]*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return text.join('').replace(/^\./, '');
}
