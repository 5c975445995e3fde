import type { Person, Region, Role } from './company.ts';
import { DAY_MS } from './company.ts';
import type { Draw } from './draw.ts';

export interface GenerateOptions {
  readonly seed: number;
  readonly users: number;
  /** The moment the company is as described; shifts run on from it. Default 2026-11-24T09:00Z. */
  readonly now?: number;
  /** Over 10,000 users can only be listed team by team (facts 6.3): then everybody must be in one. */
  readonly everyoneInATeam?: boolean;
  readonly subdomain?: string;
  readonly region?: Region;
}

/** What the parts of the generator share. */
export interface Making {
  readonly draw: Draw;
  readonly now: number;
  readonly options: GenerateOptions;
}

/** The order in which the index lists people: by name, then id (an assumption, see decision 0003). */
export function byName(a: Person, b: Person): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}

export function isStakeholder(role: Role): boolean {
  return role === 'read_only_user' || role === 'read_only_limited_user';
}

/** Some day in the last four years, seldom in the last month. */
export function drawPastDate(making: Making): number {
  const { draw, now } = making;
  const days = draw.chance(0.06) ? draw.between(1, 30) : draw.between(31, 1460);
  return now - days * DAY_MS - draw.between(0, 86_399) * 1000;
}
