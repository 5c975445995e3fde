/** What is read from an error body; every part may be missing (facts/pagerduty.md 6.2). */
export interface VendorError {
  /** PagerDuty's own code, such as 2020. */
  readonly code: number | undefined;
  /** Vendor text, for decisions only: it may name people, so it never goes into a message or a log. */
  readonly texts: readonly string[];
  /** Scopes that the token lacks, when the body names any that look like scopes. */
  readonly missingScopes: readonly string[];
}

const maxTexts = 20;
const maxTextLength = 500;
const maxScopes = 10;
const scopePattern = /^[a-z][a-z0-9_]{0,63}([:.][a-z0-9_]{1,63}){0,2}\.(read|write)$/;

/**
 * Reads an error body in any of the shapes seen: `error` as object, string or array; `errors` as array,
 * string, object or null; OAuth's `error` and `error_description`; not JSON, HTML or empty. Never throws.
 */
export function parseErrorBody(text: string): VendorError {
  const body = parseJson(text);
  if (!isRecord(body)) return { code: undefined, texts: [], missingScopes: [] };
  const error = Array.isArray(body['error']) ? firstRecord(body['error']) : body['error'];
  const fields = isRecord(error) ? error : {};
  const texts = [
    ...collectTexts(body['error']),
    ...collectTexts(body['error_description']),
    ...collectTexts(body['message']),
    ...collectTexts(body['errors']),
  ];
  return {
    code: readCode(fields['code'] ?? body['code']),
    texts: texts.slice(0, maxTexts),
    missingScopes: findMissingScopes(fields),
  };
}

/** Scopes that the body says are required and that the token's own, where told, do not hold. */
function findMissingScopes(fields: Record<string, unknown>): string[] {
  const required = readScopes(fields['required_scopes']);
  const held = new Set(readScopes(fields['token_scopes']));
  return required.filter((scope) => !held.has(scope)).slice(0, maxScopes);
}

function readScopes(value: unknown): string[] {
  const words = collectTexts(value).flatMap((text) => text.split(/[\s,]+/));
  return Array.from(new Set(words.filter((word) => scopePattern.test(word)))).sort();
}

function readCode(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && Number.isInteger(code) && code >= 0 && code <= 999_999 ? code : undefined;
}

/** Strings anywhere in a value, two levels deep. */
function collectTexts(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value.slice(0, maxTextLength)];
  if (depth > 2 || typeof value !== 'object' || value === null) return [];
  return Object.values(value)
    .slice(0, maxTexts)
    .flatMap((part: unknown) => collectTexts(part, depth + 1));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function firstRecord(values: readonly unknown[]): unknown {
  return values.find(isRecord);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
