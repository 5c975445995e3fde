import { terminal } from '../api/errors.ts';
import type { ChannelType, MessageKind, NoticeTemplate } from '../api/notify.ts';
import type { NoticeMessage } from './notice.ts';
import { oneLine, plainLine, plainLines } from './plain-text.ts';
import { ownText } from './texts.ts';
import { placeholders, valuesOf, type NoticeValues, type Placeholder } from './values.ts';

/** Plain text, not yet escaped for the channel. */
export interface RenderedNotice {
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

/** A name, with blanks around it that are trimmed later: matched here, they could be tried in each division of them, for a minute (guard 12). */
const placeholderPattern = /\{\{([^{}]*)\}\}/g;
const longestSubject = 200;

/** What is wrong with a template, as a sentence for a condition; undefined when nothing is. */
export function checkTemplate({ kind, subject, text }: NoticeTemplate): string | undefined {
  for (const [field, template] of [['subject', subject ?? ''], ['text', text]] as const) {
    const problem = checkPlaceholders(template);
    if (problem !== undefined) return `The ${field} of the template for ${kind} ${problem}.`;
  }
  return undefined;
}

function checkPlaceholders(template: string): string | undefined {
  for (const name of namesIn(template)) {
    if (!isPlaceholder(name)) return `has the placeholder {{${plainLine(name, 32)}}}, which is not known; there are ${placeholders.join(', ')}`;
  }
  return /\{\{|\}\}/.test(template.replaceAll(placeholderPattern, '')) ? 'has {{ or }} that belong to no placeholder' : undefined;
}

function namesIn(template: string): string[] {
  return Array.from(template.matchAll(placeholderPattern), ([, name = '']) => name.trim());
}

function isPlaceholder(name: string): name is Placeholder {
  return placeholders.some((known) => known === name);
}

/**
 * Subject and text of a message for a channel of this type: the rule's template, or the operator's own words. Every fact is a part of one
 * line, whatever it holds, and is put in once, so that a name such as `{{keepUrl}}` stays a name.
 * Throws Terminal `TemplateInvalid`.
 */
export function renderNotice(message: NoticeMessage, channel: ChannelType): RenderedNotice {
  const { kind, audience, facts, template } = message;
  const values = valuesOf(facts, channel);
  const own = ownText({ kind, audience, facts, values, showsRelease: channel !== 'Slack' });
  if (template === undefined) return { subject: oneLine(own.subject, longestSubject), text: `${own.paragraphs.join('\n\n')}\n` };
  const problem = checkTemplate(template);
  if (problem !== undefined) throw terminal('TemplateInvalid', problem);
  const subject = template.subject === undefined ? own.subject : fill(template.subject, values);
  const paragraphs = [fill(plainLines(template.text), values), ...neverLeftOut(message, template, values)];
  return { subject: oneLine(subject, longestSubject), text: `${paragraphs.join('\n\n')}\n` };
}

function fill(template: string, values: NoticeValues): string {
  return template.replaceAll(placeholderPattern, (whole, inner: string) => {
    const name = inner.trim();
    return isPlaceholder(name) ? values[name] : whole;
  });
}

const asking: ReadonlySet<MessageKind> = new Set(['Notice', 'Reminder']);

/** A template may say it in its own words, but whoever is asked can always answer, and knows until when. */
function neverLeftOut({ kind, facts }: NoticeMessage, { text }: NoticeTemplate, values: NoticeValues): string[] {
  if (!asking.has(kind)) return [];
  const named = new Set(namesIn(text));
  return [
    ...(facts.keepUrl === undefined || named.has('keepUrl') ? [] : [`To keep it: ${values.keepUrl}`]),
    ...(facts.deadline === undefined || named.has('deadline') ? [] : [`Please answer by ${values.deadline}.`]),
  ];
}
