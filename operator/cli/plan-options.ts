import { parseArgs } from 'node:util';
import type { WishedPrice, WishedRenewal } from '../licensing/position/scenario.ts';
import { isDay } from './position/snapshot-fields.ts';
import { clusterFlags, isName, oneOf, readSource, readTime, sourceUsage, type PositionSource } from './position/source-options.ts';

export const planUsage = `usage: saaslicense plan [OPTION]...

Shows the licence position as it is and as it would be under changes, side by side. It only reads, writes nothing
anywhere and calls no vendor. The same input gives the same bytes. Without a change it shows the position.

${sourceUsage}
  --at TIME                time of the position (default: now, or the time of the recorded data); people and their
                           activity stay those that were read
  --threshold [MODEL=]DAYS  days without activity that make a right stale, of every model or of one
  --price MODEL=AMOUNT[/Month|/Year]  price of one right, such as 41.00, in the currency of the model's entitlements
                           that have not ended
  --commit MODEL=RIGHTS    rights that the entitlements in force hold in all: the largest grows, or loses first
  --renewal ENTITLEMENT=DAY[,rights=N][,price=AMOUNT]  its term ends on this day, and one of a year follows
  --entitlements FILE.yaml  SoftwareEntitlements that replace those of the same name; others are added
  -o, --output FORMAT      text (default; table is the same), json

--threshold, --price, --commit, --renewal and --entitlements may be given several times.

Of a reclamation rule: whom it would touch, how, what is known to stand in the way, and what it would save. With the
options of the source, --at and --output, and none of the changes above:

  --rule NAME            the ReclamationRule
  --rule-file FILE.yaml  the rule as it would be: a manifest as kubectl apply takes it
  --diff                 compare it with the rule as it is: who is added, who drops out

exit codes: 0 shown, 1 it failed, 2 bad command line`;

export interface PlanOptions {
  readonly source: PositionSource;
  readonly at: number | undefined;
  readonly thresholdDays: number | undefined;
  readonly thresholds: ReadonlyMap<string, number>;
  readonly prices: ReadonlyMap<string, WishedPrice>;
  readonly commitments: ReadonlyMap<string, number>;
  readonly renewals: readonly WishedRenewal[];
  /** Files of SoftwareEntitlements. */
  readonly entitlements: readonly string[];
  readonly format: 'text' | 'json';
}

const several = { type: 'string', multiple: true, default: [] as string[] } as const;
const maxThresholdDays = 1825;
const maxRights = 10_000_000;

/** Throws an Error whose message says what is wrong with the command line. */
export function readPlanOptions(argv: readonly string[]): PlanOptions {
  const { 'with-people': _withPeople, ...flags } = clusterFlags;
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      ...flags,
      from: { type: 'string' },
      at: { type: 'string' },
      threshold: several,
      price: several,
      commit: several,
      renewal: several,
      entitlements: several,
      output: { type: 'string', short: 'o', default: 'text' },
    },
  });
  const thresholds = readThresholds(values.threshold);
  return {
    source: readSource(values),
    at: readTime('--at', values.at),
    thresholdDays: thresholds.get(everyModel),
    thresholds: new Map([...thresholds].filter(([model]) => model !== everyModel)),
    prices: toMap('--price', values.price.map(readPrice)),
    commitments: toMap('--commit', values.commit.map(readCommitment)),
    renewals: [...toMap('--renewal', values.renewal.map(readRenewal)).values()],
    entitlements: values.entitlements,
    format: readFormat(values.output),
  };
}

/** `table` is what the workbench calls its text: taken for the same, as nobody means anything else by it. */
function readFormat(output: string): PlanOptions['format'] {
  return output === 'table' ? 'text' : oneOf('--output', output, ['text', 'json']);
}

/** No object has this name. */
const everyModel = '';

function readThresholds(texts: readonly string[]): ReadonlyMap<string, number> {
  const read = (text: string): [string, number] => {
    const [model, days] = text.includes('=') ? splitPair('--threshold', text) : [everyModel, text];
    return [model, readInteger('--threshold', days, { least: 1, most: maxThresholdDays, what: 'days' })];
  };
  return toMap('--threshold', texts.map(read));
}

function readPrice(text: string): [string, WishedPrice] {
  const [model, price] = splitPair('--price', text);
  const [amount = '', period, ...rest] = price.split('/');
  if (rest.length > 0) throw new Error('--price must be MODEL=AMOUNT, MODEL=AMOUNT/Month or MODEL=AMOUNT/Year');
  requireDecimal('--price', amount);
  return [model, { amount, ...(period === undefined ? {} : { period: oneOf('the period of --price', period, ['Month', 'Year']) }) }];
}

function readCommitment(text: string): [string, number] {
  const [model, rights] = splitPair('--commit', text);
  return [model, readInteger('--commit', rights, { least: 0, most: maxRights, what: 'rights' })];
}

function readRenewal(text: string): [string, WishedRenewal] {
  const [entitlement, value] = splitPair('--renewal', text);
  const [end = '', ...parts] = value.split(',');
  if (!isDay(end)) throw new Error('--renewal must name a day such as 2027-03-31: ENTITLEMENT=DAY');
  const more = toMap('a part of --renewal', parts.map((part): [string, string] => splitParts(part)));
  const rights = more.get('rights');
  const amount = more.get('price');
  if (amount !== undefined) requireDecimal('price of --renewal', amount);
  return [
    entitlement,
    {
      entitlement,
      end,
      ...(rights === undefined ? {} : { rights: readInteger('rights of --renewal', rights, { least: 0, most: maxRights, what: 'rights' }) }),
      ...(amount === undefined ? {} : { amount }),
    },
  ];
}

function splitParts(part: string): [string, string] {
  const at = part.indexOf('=');
  return [oneOf('a part of --renewal', part.slice(0, Math.max(at, 0)), ['rights', 'price']), part.slice(at + 1)];
}

function splitPair(flag: string, text: string): [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0));
  if (!isName(name)) throw new Error(`${flag} must begin with the name of an object and =`);
  return [name, text.slice(at + 1)];
}

function requireDecimal(flag: string, text: string): void {
  if (!/^\d{1,11}(\.\d{1,4})?$/.test(text)) throw new Error(`${flag} must be a decimal amount such as 41.00, without a currency or separators`);
}

function readInteger(flag: string, text: string, { least, most, what }: { least: number; most: number; what: string }): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) throw new Error(`${flag} must be a number of ${what} from ${least} to ${most}`);
  return value;
}

/** In the order of the names, so that the order on the command line does not matter; none may come twice. */
function toMap<T>(flag: string, pairs: readonly [string, T][]): ReadonlyMap<string, T> {
  const map = new Map(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (map.size < pairs.length) throw new Error(`${flag} must not be given twice for the same object`);
  return map;
}
