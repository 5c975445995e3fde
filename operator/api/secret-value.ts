import { inspect } from 'node:util';

const redacted = '[redacted]';

/**
 * A text without the line breaks at its end, which `kubectl create secret --from-file` and editors leave, and no credential has. They are looked
 * for from the first of them only: from each, a Secret that is full of them would stop the operator (guard 12).
 */
export function trimLineBreaks(text: string): string {
  return text.replace(/(?<![\r\n])[\r\n]+$/, '');
}

/**
 * A secret that cannot be printed by accident: JSON, template strings and inspect all show
 * `[redacted]` (guard 7). Only `reveal()` gives the value; call it where the value leaves the process.
 */
export class SecretValue {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
