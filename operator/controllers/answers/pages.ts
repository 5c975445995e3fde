import type { ReclamationAction } from '../../api/reclamation-rule.ts';
import type { AnswerClaim } from '../../notices/links.ts';
import type { Page } from '../authorization/pages.ts';
import { escapeHtml, layOutPage, pageHeadersFor, type PageTone } from '../page-layout.ts';
import { longestReason } from './reason.ts';

/**
 * What a page tells without a question. Unusable is one page for all links that do nothing, be they forged, expired, used or of a
 * candidate that is settled: who has none of ours learns nothing from it.
 */
export type AnswerPageKind = 'Kept' | 'Released' | 'Unusable' | 'NotStored' | 'TooManyRequests' | 'NotReady' | 'MethodNotAllowed';

const texts: Readonly<Record<AnswerPageKind, { readonly status: number; readonly tone: PageTone; readonly title: string; readonly body: readonly string[] }>> = {
  Kept: {
    status: 200,
    tone: 'good',
    title: 'Your answer is recorded',
    body: ['You want to keep it. If somebody else has the last word, nothing is taken away before they have decided.', 'You can close this page.'],
  },
  Released: { status: 200, tone: 'good', title: 'Your answer is recorded', body: ['You no longer need it, and it is given back. Thank you.', 'You can close this page.'] },
  Unusable: {
    status: 410,
    tone: 'bad',
    title: 'This link cannot be used',
    body: [
      'It may have been used already, have expired, or have been cut when it was copied. Nothing was changed now.',
      'If you have answered before, that answer counts. If not, use the link in the newest message, or tell whoever manages licences in your company.',
    ],
  },
  NotStored: { status: 503, tone: 'bad', title: 'Your answer could not be recorded', body: ['The Kubernetes API server did not take it in time.', 'Please open the link in your message again in a few minutes.'] },
  TooManyRequests: { status: 429, tone: 'wait', title: 'Too many requests', body: ['Please wait a few seconds, then open the link again. Nothing was changed.'] },
  NotReady: { status: 503, tone: 'wait', title: 'One moment', body: ['The operator is starting. Please open the link again in a few seconds.'] },
  MethodNotAllowed: { status: 405, tone: 'bad', title: 'Not allowed', body: ['This address is only opened by a browser.'] },
};

export function renderAnswerPage(kind: AnswerPageKind): Page {
  const { status, tone, title, body } = texts[kind];
  const html = body.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n');
  return { status, html: layOutPage({ tone, title, html }), headers: { ...pageHeadersFor("'none'"), ...(kind === 'MethodNotAllowed' ? { allow: 'GET, POST' } : {}) } };
}

/** What the question is about: of the person nothing is shown, since a link can be passed on. */
export interface Question {
  readonly verdict: AnswerClaim['verdict'];
  readonly product: string;
  readonly action: ReclamationAction;
  readonly token: string;
}

/** The question whether it is meant: opening a link does nothing yet, since programs that look for malware open links too. */
export function renderQuestion(question: Question): Page {
  const { verdict, token } = question;
  const { title, paragraphs, label, button } = wordsOf(question);
  const html = `${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}
<form method="post" action="answer" autocomplete="off">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<label for="reason">${escapeHtml(label)}</label>
<textarea id="reason" name="reason" maxlength="${longestReason}"></textarea>
<button type="submit">${escapeHtml(button)}</button>
</form>`;
  return { status: 200, html: layOutPage({ tone: verdict === 'Keep' ? 'ask' : 'warn', title, html }), headers: pageHeadersFor("'self'") };
}

function wordsOf({ verdict, product, action }: Question): { title: string; paragraphs: readonly string[]; label: string; button: string } {
  const once = 'The button gives your answer, and only the first one counts. If it is not what you mean, close this page.';
  if (verdict === 'Keep') {
    return {
      title: `Keep ${product}?`,
      paragraphs: [`You were asked whether you still need ${product}. Here you can say that you do.`, once],
      label: 'Why do you need it? Whoever decides will read it.',
      button: 'Yes, I want to keep it',
    };
  }
  return {
    title: `Give ${product} back?`,
    paragraphs: [lossOf(action, product), once],
    label: 'Is there anything that should be known? (You may leave this empty.)',
    button: action === 'Remove' ? 'Yes, my account can be deleted' : 'Yes, I no longer need it',
  };
}

function lossOf(action: ReclamationAction, product: string): string {
  return action === 'Remove'
    ? `Your account in ${product} will be deleted, with what only it holds. You can no longer sign in, and this cannot be undone.`
    : `Your account in ${product} stays, with a lesser role and licence. What only the full licence allows is no longer possible.`;
}
