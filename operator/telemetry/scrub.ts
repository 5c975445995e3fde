/**
 * The second net under guard 7 (no secret, no e-mail address in a log). The first is not to log such
 * things; this one catches what slips through: by the name of the field, and by shape inside text.
 */
const maxText = 2048;
const secretName = /(?:authorization|password|passwd|secret|token|api[-_]?key|cookie|credential|private[-_]?key)$/i;
const shapes: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{4,}/gi, '$1 [redacted]'],
  [/\bToken\s+token=[^\s"',;]+/gi, 'Token token=[redacted]'],
  [/\b(access_token|refresh_token|client_secret|code_verifier|api_key|token)(["']?\s*[=:]\s*["']?)[^\s"'&,;}]+/gi, '$1$2[redacted]'],
  [/[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}\b/g, '[email]'],
];

/** Text without secrets and e-mail addresses, cut to 2,048 characters. */
export function scrub(text: string): string {
  const short = text.length > maxText ? `${text.slice(0, maxText)}…` : text;
  return shapes.reduce((result, [shape, replacement]) => result.replace(shape, replacement), short);
}

/**
 * Fields of a log line. Only scalars and short lists of scalars go through: a whole object (a request,
 * a response, a resource) could carry anything.
 */
export function scrubFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined) clean[name] = secretName.test(name) ? '[redacted]' : scrubValue(value);
  }
  return clean;
}

function scrubValue(value: unknown): unknown {
  if (typeof value === 'string') return scrub(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.slice(0, 20).map((item: unknown) => (Array.isArray(item) ? '[list]' : scrubValue(item)));
  return `[${typeof value}]`;
}
