import { guardsBeforeTurn, reclaimGuards } from '../../operator/controllers/removal-candidate/guards.ts';
import { inspectionGuards } from '../../operator/controllers/removal-candidate/inspection-guards.ts';
import { judgeGuards } from '../../operator/licensing/reclaim/facts.ts';

/** What is broken now, besides guards that are taken out of their lists: `hold:DataStale`, `claim`, `turn`, … */
export type Broken = Set<string>;

/** The lists that the operator goes through, as they are. */
const lists: readonly unknown[] = [reclaimGuards, guardsBeforeTurn, inspectionGuards, judgeGuards];

/** Works without these guards: `guard:Name`, in whichever of the lists it is. Whatever else is named is in `broken` meanwhile. */
export async function without<T>(names: readonly string[], broken: Broken, work: () => Promise<T>): Promise<T> {
  const kept = lists.map((list) => [...(list as unknown[])]);
  const taken = new Set(names.filter((name) => name.startsWith('guard:')).map((name) => name.slice(6)));
  requireKnown(taken, kept);
  refillAll(kept.map((guards) => guards.filter((guard) => !taken.has(nameOf(guard)))));
  for (const name of names) if (!name.startsWith('guard:')) broken.add(name);
  try {
    return await work();
  } finally {
    refillAll(kept);
    broken.clear();
  }
}

function nameOf(guard: unknown): string {
  return typeof guard === 'string' ? guard : (guard as { name: string }).name;
}

function requireKnown(taken: ReadonlySet<string>, kept: readonly (readonly unknown[])[]): void {
  const known = new Set(kept.flat().map(nameOf));
  for (const name of taken) if (!known.has(name)) throw new RangeError(`there is no guard ${name}`);
}

function refillAll(contents: readonly (readonly unknown[])[]): void {
  for (const [index, list] of lists.entries()) (list as unknown[]).splice(0, (list as unknown[]).length, ...(contents[index] ?? []));
}

/** Every guard there is. */
export function allGuards(): string[] {
  return [...new Set(lists.flatMap((list) => (list as unknown[]).map(nameOf)))];
}
