import { inspect } from 'node:util';

const redacted = '[redacted]';

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
