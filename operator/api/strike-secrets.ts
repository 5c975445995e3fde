import type { SecretValue } from './secret-value.ts';

/** What stands in a text where a secret stood. */
export const struckSecret = '[secret]';

/** Takes secrets out of what another side says. */
export interface Striker {
  /**
   * Returns the text without the secrets and without any 8 characters in a row of one, in whatever case and encoding: URL, form, JSON, HTML,
   * hexadecimal, base64 and base64url (of the secret alone, or of a text around it), spread over lines. Takes linear time.
   */
  readonly strike: (text: string) => string;
  /** Returns parsed JSON with every string in it struck. */
  readonly strikeJson: (value: unknown) => unknown;
  /** Returns a striker for further secrets, too. */
  readonly and: (secrets: readonly SecretValue[]) => Striker;
  /** Returns whether a whole secret is in a text of any length, by looking for its usual encodings only. */
  readonly holds: (text: string) => boolean;
}

/** So many characters in a row of a secret are taken for the secret: the other side may have cut it. */
const fewest = 8;
/** Shorter forms of an encoding are found in innocent text. */
const shortestForm = 6;
const deepest = 64;

/** A way to write a secret, compacted as texts are; `least` = characters of it that stand for `fewest` of the secret. */
interface Form {
  readonly text: string;
  readonly least: number;
}

/** Returns a striker for the secrets that a request carries: its answer can repeat nothing else. */
export function createStriker(secrets: readonly SecretValue[]): Striker {
  const values = [...new Set(secrets.map((secret) => secret.reveal()))].filter((value) => value !== '');
  const pieces = piecesOf(values.flatMap(formsOf));
  const literals = values.filter((value) => value.length >= fewest).flatMap(literalsOf);
  const strike = (text: string): string => (pieces.size === 0 || text === '' ? text : cutOut(text, findPieces(text, pieces)));
  const strikeJson = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') return strike(value);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= deepest) return null;
    if (Array.isArray(value)) return value.map((item: unknown) => strikeJson(item, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.length < fewest ? key : strike(key), strikeJson(item, depth + 1)]));
  };
  const isIn = (text: string): boolean => literals.some((literal) => text.includes(literal));
  return {
    strike,
    strikeJson: (value) => strikeJson(value),
    and: (more) => createStriker([...secrets, ...more]),
    holds: (text) => isIn(text) || (text.includes('\\u00') && isIn(decodeAscii(text))),
  };
}

/** Pieces by their length. */
type Pieces = ReadonlyMap<number, ReadonlySet<string>>;

function piecesOf(forms: readonly Form[]): Pieces {
  const pieces = new Map<number, Set<string>>();
  for (const { text, least } of forms) {
    const length = Math.min(least, text.length);
    const known = pieces.get(length) ?? new Set();
    for (let at = 0; at + length <= text.length; at += 1) known.add(text.slice(at, at + length));
    pieces.set(length, known);
  }
  return pieces;
}

function formsOf(value: string): Form[] {
  const bytes = Buffer.from(value, 'utf8');
  // The beginning stands alone, since blanks in it do not count below.
  const plain = [value, value.slice(0, fewest), bytes.toString('latin1'), value.replaceAll(/\s/g, '+')].map((text) => ({ text: compact(text), least: fewest }));
  const encoded = [{ text: bytes.toString('hex'), least: 2 * fewest }, ...base64Of(bytes).map((text) => ({ text: compact(text), least: Math.floor((fewest * 4) / 3) }))];
  return [...new Map([...plain.filter(({ text }) => text !== ''), ...encoded.filter(({ text }) => text.length >= shortestForm)].map((form) => [form.text, form])).values()];
}

/** Its characters in base64 that are the same whatever stands before and after it, for each of the three places that it can begin at. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replaceAll('=', '');
    return text.slice(Math.ceil((before * 4) / 3), (before + bytes.length) % 3 === 0 ? text.length : -1);
  });
}

function literalsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  const url = encodeURIComponent(value);
  const base64 = base64Of(bytes).flatMap((text) => [text, text.replaceAll('+', '-').replaceAll('/', '_')]);
  return [...new Set([value, JSON.stringify(value).slice(1, -1), url, url.replaceAll(/%../g, (code) => code.toLowerCase()), bytes.toString('hex'), bytes.toString('hex').toUpperCase(), ...base64])];
}

function decodeAscii(text: string): string {
  return text.replaceAll(/\\u00([2-7][0-9a-f])/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** A text in other words, each character with the place that it has in the first one. */
interface View {
  readonly text: string;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Characters of the text that belong to a piece. Encodings may be nested once, as a URL in JSON is. */
function findPieces(text: string, pieces: Pieces): Uint8Array {
  const marks = new Uint8Array(text.length);
  const places = Array.from({ length: text.length }, (_, at) => at);
  let view: View | undefined = { text, starts: places, ends: places.map((at) => at + 1) };
  for (let round = 0; round < 3 && view !== undefined; round += 1) {
    mark(compactView(view), pieces, marks);
    view = decodeView(view);
  }
  return marks;
}

function mark(view: View, pieces: Pieces, marks: Uint8Array): void {
  for (const [length, known] of pieces) {
    // Overlapping pieces mark a place once, so that the time stays linear.
    let marked = 0;
    for (let at = 0; at + length <= view.text.length; at += 1) {
      if (!known.has(view.text.slice(at, at + length))) continue;
      const start = view.starts[at] ?? 0;
      const end = view.ends[at + length - 1] ?? 0;
      marks.fill(1, Math.max(start, marked), end);
      marked = end;
    }
  }
}

/** White space, what cannot be seen, and what escapes and groupings put between the characters of a secret. */
const ignored = /[\s\p{Cc}\p{Cf}\\:=]/u;

/** One case, one alphabet of base64, and without what is ignored. */
function compact(text: string): string {
  return Array.from({ length: text.length }, (_, at) => fold(text.charAt(at))).join('');
}

function fold(character: string): string {
  if (ignored.test(character)) return '';
  if (character === '-') return '+';
  if (character === '_') return '/';
  return character >= 'A' && character <= 'Z' ? character.toLowerCase() : character;
}

function compactView({ text, starts, ends }: View): View {
  const characters: string[] = [];
  const from: number[] = [];
  const to: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = fold(text.charAt(at));
    if (character === '') continue;
    characters.push(character);
    from.push(starts[at] ?? 0);
    to.push(ends[at] ?? 0);
  }
  return { text: characters.join(''), starts: from, ends: to };
}

const escapes = /%(?<percent>[0-9a-f]{2})|\\u(?<unicode>[0-9a-f]{4})|\\x(?<hex>[0-9a-f]{2})|\\(?<line>[nrt])|&#x(?<entity>[0-9a-f]{1,6});|&#(?<decimal>\d{1,7});|&(?<name>amp|lt|gt|quot|apos);/gi;
const names: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The view with its escapes decoded, byte by byte; undefined where it has none. */
function decodeView(view: View): View | undefined {
  const found = [...view.text.matchAll(escapes)];
  if (found.length === 0) return undefined;
  const characters: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  const copy = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) add(view.text.charAt(at), at, at + 1);
  };
  const add = (character: string, from: number, to: number): void => {
    characters.push(character);
    starts.push(view.starts[from] ?? 0);
    ends.push(view.ends[to - 1] ?? 0);
  };
  let done = 0;
  for (const { index, 0: whole, groups = {} } of found) {
    copy(done, index);
    done = index + whole.length;
    add(decodeEscape(groups), index, done);
  }
  copy(done, view.text.length);
  return { text: characters.join(''), starts, ends };
}

function decodeEscape({ line, name, decimal, ...hexadecimal }: Readonly<Record<string, string | undefined>>): string {
  if (line !== undefined) return '\n';
  if (name !== undefined) return names[name.toLowerCase()] ?? ' ';
  const digits = Object.values(hexadecimal).find((group) => group !== undefined) ?? '';
  const code = decimal === undefined ? Number.parseInt(digits, 16) : Number(decimal);
  // One unit each: what lies beyond is of no secret.
  return code > 0 && code <= 0xffff ? String.fromCharCode(code) : ' ';
}

function cutOut(text: string, marks: Uint8Array): string {
  if (!marks.includes(1)) return text;
  let result = '';
  for (let at = 0; at < text.length; ) {
    const end = endOfRun(marks, at);
    result += marks[at] === 1 ? struckSecret : text.slice(at, end);
    at = end;
  }
  return result;
}

function endOfRun(marks: Uint8Array, start: number): number {
  const end = marks.indexOf(marks[start] === 1 ? 0 : 1, start);
  return end === -1 ? marks.length : end;
}
