/**
 * Checks a response against an OpenAPI 3.0 document: as much of the schema language as such documents use for
 * answers. `$ref`s are JSON pointers to anywhere in the document. Unknown fields are allowed, as PagerDuty sends
 * some; formats other than date-time are not looked at.
 */
export interface OpenApiDocument {
  readonly paths?: Readonly<Record<string, unknown>>;
}

/** Where the value does not fit, such as `/users/0/email`, and why. */
export interface Violation {
  readonly at: string;
  readonly problem: string;
}

type Json = Readonly<Record<string, unknown>>;

interface Checker {
  readonly document: Json;
  readonly at: string;
}

/** The violations of a response's body; throws RangeError when the document has no such response. */
export function checkResponse(document: OpenApiDocument, operation: { method: string; path: string; status: number }, body: unknown): Violation[] {
  const root = document as Json;
  const { method, path, status } = operation;
  const response = resolve(root, pick(root, ['paths', path, method.toLowerCase(), 'responses', String(status)]));
  if (response === undefined) throw new RangeError(`the document has no answer ${status} of ${method} ${path}`);
  const schema = pick(response, ['content', 'application/json', 'schema']);
  return schema === undefined ? [] : checkValue(schema, body, { document: root, at: '' });
}

function pick(from: unknown, keys: readonly string[]): unknown {
  let value: unknown = from;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Json)[key];
  }
  return value;
}

function resolve(document: Json, node: unknown): Json | undefined {
  let current = node;
  for (let hops = 0; hops < 50; hops += 1) {
    if (typeof current !== 'object' || current === null) return undefined;
    const pointer = (current as Json)['$ref'];
    if (typeof pointer !== 'string') return current as Json;
    const keys = pointer.replace(/^#\//, '').split('/');
    current = pick(document, keys.map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')));
  }
  throw new RangeError('a $ref of the document goes in a circle');
}

export function checkValue(node: unknown, value: unknown, checker: Checker): Violation[] {
  const schema = resolve(checker.document, node);
  if (schema === undefined) return [violation(checker, 'the document refers to nothing here')];
  if (value === null && schema['nullable'] === true) return [];
  return [
    ...checkType(schema, value, checker),
    ...checkEnum(schema, value, checker),
    ...checkCombined(schema, value, checker),
    ...checkArray(schema, value, checker),
    ...checkObject(schema, value, checker),
    ...checkText(schema, value, checker),
  ];
}

function violation({ at }: Checker, problem: string): Violation {
  return { at: at === '' ? '/' : at, problem };
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

function checkType(schema: Json, value: unknown, checker: Checker): Violation[] {
  const { type } = schema;
  if (typeof type !== 'string' || TYPES[type]?.(value) !== false) return [];
  return [violation(checker, `should be of type ${type}, is ${value === null ? 'null' : typeof value}`)];
}

function checkEnum(schema: Json, value: unknown, checker: Checker): Violation[] {
  const allowed = schema['enum'];
  if (!Array.isArray(allowed) || allowed.includes(value)) return [];
  return [violation(checker, `should be one of ${allowed.join(', ')}`)];
}

function checkCombined(schema: Json, value: unknown, checker: Checker): Violation[] {
  const branches = (name: string): Violation[][] =>
    Array.isArray(schema[name]) ? schema[name].map((branch: unknown) => checkValue(branch, value, checker)) : [];
  const either = [...branches('oneOf'), ...branches('anyOf')];
  const fits = either.length === 0 || either.some((problems) => problems.length === 0);
  return [...branches('allOf').flat(), ...(fits ? [] : [violation(checker, `fits none of ${either.length} choices`)])];
}

function checkArray(schema: Json, value: unknown, checker: Checker): Violation[] {
  if (!Array.isArray(value)) return [];
  const { minItems, items } = schema;
  const few = typeof minItems === 'number' && value.length < minItems ? [violation(checker, `should have at least ${minItems} items`)] : [];
  if (items === undefined) return few;
  return [...few, ...value.flatMap((item, index) => checkValue(items, item, { ...checker, at: `${checker.at}/${index}` }))];
}

function checkObject(schema: Json, value: unknown, checker: Checker): Violation[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const object = value as Json;
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const missing = required.filter((name) => !Object.hasOwn(object, name)).map((name) => violation(checker, `lacks ${name}`));
  const properties = Object.entries(resolve(checker.document, schema['properties']) ?? {});
  const known = properties.filter(([name]) => Object.hasOwn(object, name));
  return [...missing, ...known.flatMap(([name, part]) => checkValue(part, object[name], { ...checker, at: `${checker.at}/${name}` }))];
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

function checkText(schema: Json, value: unknown, checker: Checker): Violation[] {
  if (typeof value !== 'string') return [];
  const { maxLength, format } = schema;
  if (typeof maxLength === 'number' && value.length > maxLength) return [violation(checker, `should have at most ${maxLength} characters`)];
  return format === 'date-time' && !DATE_TIME.test(value) ? [violation(checker, 'should be a date and time with a zone')] : [];
}
