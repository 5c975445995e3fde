import { hideAddresses } from '../api/address.ts';
import type { ChannelType } from '../api/notify.ts';
import type { NoticeFacts } from './notice.ts';
import { plainLine } from './plain-text.ts';

/** Placeholders of templates. */
export const placeholders = ['displayName', 'product', 'license', 'action', 'inactiveDays', 'lastActivity', 'deadline', 'keepUrl', 'releaseUrl', 'candidate', 'reason'] as const;
export type Placeholder = (typeof placeholders)[number];

/** What stands for each placeholder, safe to be part of a line. */
export type NoticeValues = Readonly<Record<Placeholder, string>>;

const longestName = 253;
const longestReason = 1024;
const actions = { Downgrade: 'downgrade to a lesser licence', Remove: 'deletion of the account' } as const;

/**
 * Facts as text for a channel. A channel of Slack is a room: whoever is in it reads along. So no e-mail address goes there, inside of
 * names and reasons neither (guard 7), and no link that gives a licence up, which anybody there could open; one that
 * keeps it does no harm. E-mail and webhooks reach the person, or a system that has to know whom it is about.
 */
export function valuesOf(facts: NoticeFacts, channel: ChannelType): NoticeValues {
  const isRoom = channel === 'Slack';
  const line = (value: string | undefined, limit: number, absent: string): string => {
    const text = plainLine(value ?? '', limit);
    return text === '' ? absent : isRoom ? hideAddresses(text) : text;
  };
  return {
    displayName: line(facts.displayName, longestName, 'colleague'),
    product: line(facts.product, longestName, 'the product'),
    license: line(facts.license, longestName, 'your licence'),
    action: actions[facts.action],
    inactiveDays: facts.inactiveDays === undefined ? 'an unknown number of' : String(facts.inactiveDays),
    lastActivity: dayOf(facts.lastActivity) ?? 'none on record',
    deadline: minuteOf(facts.deadline) ?? 'not set',
    keepUrl: facts.keepUrl ?? '(no link: ask whoever manages licences)',
    releaseUrl: isRoom || facts.releaseUrl === undefined ? '(no link here)' : facts.releaseUrl,
    candidate: line(`${facts.namespace}/${facts.candidate}`, 2 * longestName, 'unknown'),
    reason: line(facts.reason, longestReason, 'none given'),
  };
}

function dayOf(time: string | undefined): string | undefined {
  return toIso(time)?.slice(0, 10);
}

/** Rounded down: nobody is told that they have longer than they have. */
function minuteOf(time: string | undefined): string | undefined {
  const iso = toIso(time);
  return iso === undefined ? undefined : `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}

function toIso(time: string | undefined): string | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
