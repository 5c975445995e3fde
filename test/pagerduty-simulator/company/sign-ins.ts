import type { Person, Story } from './company.ts';
import { DAY_MS } from './company.ts';
import type { Making } from './making.ts';

/** Days since the last sign-in, at least and at most. */
type Ago = readonly [least: number, most: number];

interface Habit {
  readonly weight: number;
  /** Undefined = never. */
  readonly ago: Ago | undefined;
}

const often: Ago = [0, 25];
const lately: Ago = [26, 55];
const longAgo: Ago = [70, 420];

/** How people of each story sign in. Somebody long off call may still sign in, and somebody on call only by the mobile app. */
const HABITS: Readonly<Record<Story, readonly Habit[]>> = {
  'on-call': [{ weight: 0.9, ago: often }, { weight: 0.1, ago: longAgo }],
  'direct-target': [{ weight: 1, ago: often }],
  'recently-rotated-off': [{ weight: 0.8, ago: lately }, { weight: 0.2, ago: longAgo }],
  'rotated-off': [{ weight: 0.2, ago: often }, { weight: 0.8, ago: longAgo }],
  'on-leave': [{ weight: 1, ago: [90, 300] }],
  'never-on-call': [{ weight: 0.5, ago: often }, { weight: 0.3, ago: longAgo }, { weight: 0.2, ago: undefined }],
  'scheduled-without-policy': [{ weight: 0.6, ago: often }, { weight: 0.4, ago: longAgo }],
  'pending-invitation': [{ weight: 1, ago: undefined }],
  'service-account': [{ weight: 1, ago: undefined }],
  stakeholder: [{ weight: 0.45, ago: often }, { weight: 0.35, ago: longAgo }, { weight: 0.2, ago: undefined }],
};

/** When the person was made and signed in. Nobody signs in before they exist. */
export function drawSignIns(person: Person, making: Making): Person {
  const { draw, now } = making;
  const createdAt = person.allocatedAt - (draw.chance(0.3) ? draw.between(1, 200) * DAY_MS : 0);
  const last = drawLast(person.story, making);
  const webSignIns: number[] = [];
  const count = draw.between(1, 4);
  for (let at = last; at !== undefined && at > createdAt && webSignIns.length < count; at -= draw.between(6, 30) * DAY_MS) webSignIns.push(at);
  // Who signed in long ago by its account signed in once at the start at least.
  if (last !== undefined && webSignIns.length === 0) webSignIns.push(Math.min(now, createdAt + 60_000));
  return { ...person, createdAt, webSignIns, mobileSignIns: drawMobile(person, createdAt, making) };
}

function drawLast(story: Story, { draw, now }: Making): number | undefined {
  let left = draw.random();
  for (const { weight, ago } of HABITS[story]) {
    left -= weight;
    if (left < 0) return ago === undefined ? undefined : now - draw.between(ago[0] * 86_400, ago[1] * 86_400) * 1000;
  }
  return undefined;
}

/** Whoever carries the pager has the app, and now and then signs in to it. */
function drawMobile({ story }: Person, createdAt: number, { draw, now }: Making): number[] {
  if (story !== 'on-call' && story !== 'recently-rotated-off') return [];
  const at = now - draw.between(5 * 86_400, 50 * 86_400) * 1000;
  return draw.chance(0.7) && at > createdAt ? [at] : [];
}
