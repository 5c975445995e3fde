import { OperatorError } from '../api/errors.ts';
import { scrub, scrubFields } from './scrub.ts';

/** What a log line says of an error: an allow-list, never a copy of its own properties (facts/tech.md 4, 5). */
export interface ErrorRecord {
  name: string;
  /** Only of an OperatorError: our own words. The text of any other error could hold anything. */
  kind?: string;
  reason?: string;
  message?: string;
  detail?: Record<string, unknown>;
  /** Code of the system, Node, undici or TLS, such as ECONNREFUSED. */
  code?: string;
  /** Places in the code, without the text that V8 puts before them. */
  stack?: string[];
  cause?: ErrorRecord;
}

const maxFrames = 12;
const maxCauses = 3;
const nameShape = /^[A-Za-z][A-Za-z0-9]{0,63}$/;
const frameShape = /^\s+at (?:[\w$.<>[\] #]{1,120} \()?(?:file:\/\/|node:|\/)[^\s()]{1,300}:\d+:\d+\)?$/;
/** Codes are a closed vocabulary; anything else in that place could be text from outside. */
const codeShape = /^(?:E[A-Z0-9]{2,24}|(?:UND_)?ERR_[A-Z0-9_]{2,48}|[A-Z]{2,10}(?:_[A-Z]{2,10}){0,5}_(?:CERT|SIGNATURE|CHAIN)|CERT_[A-Z]{2,12}(?:_[A-Z]{2,12}){0,3})$/;

/** Never throws, whatever was thrown at it. */
export function recordError(thrown: unknown): ErrorRecord {
  try {
    return describe(thrown, 0);
  } catch {
    return { name: 'UnreadableError' };
  }
}

function describe(thrown: unknown, depth: number): ErrorRecord {
  if (!(thrown instanceof Error)) return { name: `thrown ${thrown === null ? 'null' : typeof thrown}` };
  const record: ErrorRecord = { name: nameShape.test(thrown.name) ? thrown.name : 'Error' };
  if (thrown instanceof OperatorError) addOwnWords(record, thrown);
  const code: unknown = Reflect.get(thrown, 'code');
  if (typeof code === 'string' && codeShape.test(code)) record.code = code;
  const stack = framesOf(thrown);
  if (stack.length > 0) record.stack = stack;
  if (thrown.cause !== undefined && depth < maxCauses) record.cause = describe(thrown.cause, depth + 1);
  return record;
}

function addOwnWords(record: ErrorRecord, error: OperatorError): void {
  record.kind = error.failure.kind;
  record.reason = error.failure.reason;
  record.message = scrub(error.failure.message);
  if (Object.keys(error.detail).length > 0) record.detail = scrubFields(error.detail);
}

/** The stack starts with the name and message; a message may itself hold lines that look like frames. */
function framesOf(error: Error): string[] {
  const { stack, message } = error;
  if (typeof stack !== 'string') return [];
  const at = message === '' ? -1 : stack.indexOf(message);
  const places = at < 0 ? stack : stack.slice(at + message.length);
  return places
    .split('\n')
    .filter((line) => frameShape.test(line))
    .slice(0, maxFrames)
    .map((line) => line.trim());
}
