import type { Audience, MessageKind } from '../api/notify.ts';
import type { NoticeFacts } from './notice.ts';
import type { NoticeValues } from './values.ts';

/** What a text of the operator's own is made from. */
export interface TextSource {
  readonly kind: MessageKind;
  readonly audience: Audience;
  readonly facts: NoticeFacts;
  readonly values: NoticeValues;
  /** Whether the links may be named there. */
  readonly showsRelease: boolean;
}

export interface PlainNotice {
  readonly subject: string;
  /** A paragraph each. */
  readonly paragraphs: readonly string[];
}

/** The operator's own text: what is known, what will happen or has, what is lost by it, and what the reader can do. */
export function ownText(source: TextSource): PlainNotice {
  return writers[source.kind](source);
}

const writers: Readonly<Record<MessageKind, (source: TextSource) => PlainNotice>> = {
  Notice: (source) => ({
    subject: `Do you still need ${source.values.product}?`,
    paragraphs: [`Hello ${source.values.displayName},`, ...unusedParagraphs(source), ...answerParagraphs(source)],
  }),
  Reminder: (source) => ({
    subject: `Reminder: do you still need ${source.values.product}? Please answer by ${source.values.deadline}`,
    paragraphs: [`Hello ${source.values.displayName},`, 'this is a reminder: you have not answered yet.', ...unusedParagraphs(source), ...answerParagraphs(source)],
  }),
  ApprovalRequest: ({ facts, values }) => ({
    subject: `${values.displayName} wants to keep ${values.product}: please decide`,
    paragraphs: [
      `${values.displayName} was asked whether they still need ${values.product} (${values.license}), and wants to keep it.`,
      `Reason that they gave: ${values.reason}`,
      `What is on record: ${activityOf(facts, values, 'They')}`,
      `If you decide to reclaim it: ${lossOf(facts, 'their')}`,
      `Nothing is reclaimed until somebody decides. Use saaslicense decide, or set spec.decision of the RemovalCandidate ${values.candidate}: verdict Keep or Reclaim, by, reason, and for Reclaim confirms (its status.decisionId).`,
    ],
  }),
  Reclaimed: (source) => (source.audience === 'User' ? reclaimedToUser(source) : reclaimedToApprovers(source)),
  Kept: ({ values }) => ({
    subject: `You keep ${values.product}`,
    paragraphs: [`Hello ${values.displayName},`, `you keep ${values.product} (${values.license}). Nothing was changed, and there is nothing for you to do.`],
  }),
};

function unusedParagraphs({ facts, values }: TextSource): string[] {
  return [
    `${activityOf(facts, values, 'You')} So that nobody pays for what is not used, your licence (${values.license}) is to be given back.`,
    `What that means for you: ${lossOf(facts, 'your')}`,
  ];
}

function activityOf({ inactiveDays, lastActivity }: NoticeFacts, { product, ...values }: NoticeValues, who: 'You' | 'They'): string {
  if (inactiveDays === undefined) return `${who} have no activity in ${product} on record.`;
  const last = lastActivity === undefined ? '' : ` (last activity: ${values.lastActivity})`;
  return `${who} have not been active in ${product} for ${values.inactiveDays} days${last}.`;
}

/** What is lost, in words that need no knowledge of licences. */
function lossOf({ action }: NoticeFacts, whose: 'your' | 'their'): string {
  if (action === 'Downgrade') {
    return `the account stays, and so does what is in it. ${capital(whose)} role and licence are exchanged for lesser ones: what only the full licence allows, such as being on call, is no longer possible. It can be changed back as long as a full licence is free.`;
  }
  return `${whose} account is deleted. Signing in is no longer possible, and what only this account holds, such as contact details, notification rules and memberships in teams and schedules, is lost. The deletion itself cannot be undone: who needs the product again gets a new account.`;
}

function answerParagraphs({ facts, values, showsRelease }: TextSource): string[] {
  const until = facts.deadline === undefined ? '' : ` by ${values.deadline}`;
  const keep =
    facts.keepUrl === undefined
      ? `If you want to keep it, say so${until}: answer this message, or tell whoever manages licences in your company.`
      : `If you want to keep it, say so${until}: ${values.keepUrl}`;
  const release = showsRelease && facts.releaseUrl !== undefined ? [`If you no longer need it, you can give it back at once: ${values.releaseUrl}`] : [];
  const silence = facts.deadline === undefined ? 'If you do not answer, it is given back.' : `If you do not answer by ${values.deadline}, it is given back.`;
  return [keep, ...release, silence];
}

function reclaimedToUser({ facts, values }: TextSource): PlainNotice {
  const done =
    facts.action === 'Downgrade'
      ? `your licence for ${values.product} was exchanged for a lesser one. Your account is still there.`
      : `your account in ${values.product} was deleted.`;
  return {
    subject: facts.action === 'Downgrade' ? `Your ${values.product} licence was changed` : `Your ${values.product} account was deleted`,
    paragraphs: [`Hello ${values.displayName},`, done, 'If you need it again, tell whoever manages licences in your company. The sooner you do, the more can be put back.'],
  };
}

function reclaimedToApprovers({ facts, values }: TextSource): PlainNotice {
  const done = facts.action === 'Downgrade' ? `The licence of ${values.displayName} for ${values.product} was exchanged for a lesser one.` : `The account of ${values.displayName} in ${values.product} was deleted.`;
  return {
    subject: `Reclaimed: ${values.product} of ${values.displayName}`,
    paragraphs: [done, `What led to it is in the RemovalCandidate ${values.candidate}.`],
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
