import type { Change, Client } from '../client.ts';
import { explainRefusal, makeChange } from './change.ts';
import type { Report } from './report.ts';

/** Things of one kind to bring back. */
export interface Part<Item> {
  readonly name: string;
  readonly items: readonly Item[];
  /** Whether the person has it already: looked at before anything is made. */
  isThere(item: Item): boolean;
  /** The request that makes it; a reason where it cannot be made. */
  plan(item: Item): Change | string;
  /** Whether it is still as it was looked at: asked before a request is made again. */
  isStillSo?(item: Item): Promise<boolean>;
  /** Told of what was made. */
  onMade?(item: Item, json: unknown): void;
}

/** Makes what is missing, one after another, and goes on past what PagerDuty refuses. */
export async function putBack<Item>(part: Part<Item>, client: Client, report: Report): Promise<void> {
  const reasons = new Map<string, number>();
  let inPlace = 0;
  for (const item of part.items) {
    const why = part.isThere(item) ? undefined : await makeOne(part, item, client);
    if (why === undefined) inPlace += 1;
    else reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  report.restored(part.name, inPlace);
  for (const [why, count] of reasons) report.lost(part.name, `${count} of ${part.items.length}: ${why}`);
}

async function makeOne<Item>(part: Part<Item>, item: Item, client: Client): Promise<string | undefined> {
  const change = part.plan(item);
  if (typeof change === 'string') return change;
  const made = await makeChange(change, client, part.isStillSo === undefined ? undefined : async () => (await part.isStillSo?.(item)) === true);
  if (made.kind === 'Refused') return explainRefusal(made);
  part.onMade?.(item, made.json);
  return undefined;
}
