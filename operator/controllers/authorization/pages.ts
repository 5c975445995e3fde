import { escapeHtml, layOutPage, pageHeadersFor, type PageTone } from '../page-layout.ts';
import type { Completion } from './complete.ts';

/** What a page can say; the first are how a redirect ended. */
export type PageKind = Completion['kind'] | 'TooManyRequests' | 'NotReady' | 'NotFound' | 'MethodNotAllowed';

export interface PageFacts {
  /** `namespace/name`, once the state has proved that the person came from there. */
  readonly alias?: string | undefined;
  /** Account that was expected, such as "acme (US)". */
  readonly account?: string | undefined;
}

export interface Page {
  readonly status: number;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Text {
  readonly status: number;
  readonly tone: PageTone;
  readonly title: string;
  /** A paragraph each. */
  readonly body: (facts: { readonly alias: string; readonly account: string }) => readonly string[];
}

const again = (alias: string): string => `Open the address in status.authorization.url of ${alias} to try again.`;

const texts: Readonly<Record<PageKind, Text>> = {
  Authorized: {
    status: 200,
    tone: 'good',
    title: 'Authorized',
    body: ({ alias, account }) => [`SaaS License Operator may now work with ${account} for ${alias}. It renews the permission by itself.`, 'You can close this page.'],
  },
  Checking: {
    status: 202,
    tone: 'wait',
    title: 'Consent received',
    body: ({ alias, account }) => [
      `The consent is stored. Whether it is for ${account} is still being checked; nothing uses it before.`,
      `The conditions of ${alias} will tell. You can close this page.`,
    ],
  },
  Denied: {
    status: 403,
    tone: 'bad',
    title: 'Consent denied',
    body: ({ alias }) => ['You chose not to give consent, so nothing was changed and nothing was stored.', again(alias)],
  },
  AccountMismatch: {
    status: 403,
    tone: 'bad',
    title: 'Wrong account',
    body: ({ alias, account }) => [
      `The consent was given in another account than ${account}. Nothing of it was kept.`,
      `Sign out there, sign in to ${account}, where the app was registered, and try again. ${again(alias)}`,
    ],
  },
  Expired: {
    status: 410,
    tone: 'bad',
    title: 'This link has expired',
    body: ({ alias }) => ['An authorization link can be used for one hour, and only the newest one works.', again(alias)],
  },
  Replayed: {
    status: 409,
    tone: 'bad',
    title: 'This link was used already',
    body: ({ alias }) => ['Each authorization link gives one consent. If you only reloaded this page or pressed the button twice, all is well: the first time counted.', `The conditions of ${alias} show the result.`],
  },
  Unknown: {
    status: 400,
    tone: 'bad',
    title: 'This link is not known',
    body: () => [
      'No authorization that this operator waits for belongs to this link.',
      'Open the address in status.authorization.url of your ConnectionAlias, in full and in this browser, and try again.',
    ],
  },
  AliasGone: {
    status: 410,
    tone: 'bad',
    title: 'The connection is gone',
    body: () => ['The ConnectionAlias that this link was made for was deleted, or made anew, in the meantime. Nothing was stored.', 'Open the address in status.authorization.url of the ConnectionAlias that is there now.'],
  },
  Failed: {
    status: 502,
    tone: 'bad',
    title: 'The authorization failed',
    body: ({ alias }) => ['The vendor did not give a permission for this consent, and nothing was stored.', `The conditions of ${alias} say why and what to do. ${again(alias)}`],
  },
  VendorUnavailable: {
    status: 502,
    tone: 'bad',
    title: 'The vendor cannot be reached',
    body: ({ alias }) => ['The vendor did not answer in time, and a consent is only good for seconds. Nothing was stored.', `Try again in a few minutes. ${again(alias)}`],
  },
  NotStored: {
    status: 503,
    tone: 'bad',
    title: 'The consent could not be stored',
    body: ({ alias }) => ['The Kubernetes API server did not answer in time.', `Try again in a few minutes. ${again(alias)}`],
  },
  TooManyRequests: {
    status: 429,
    tone: 'wait',
    title: 'Too many requests',
    body: () => ['Please wait a few seconds, then reload this page. Nothing of your consent has been used yet.'],
  },
  NotReady: {
    status: 503,
    tone: 'wait',
    title: 'One moment',
    body: () => ['The operator is starting. Please reload this page in a few seconds: your consent is good for half a minute.'],
  },
  NotFound: { status: 404, tone: 'bad', title: 'Not found', body: () => ['There is nothing here. This server only takes people back from an authorization.'] },
  MethodNotAllowed: { status: 405, tone: 'bad', title: 'Not allowed', body: () => ['This address is only opened by a browser that comes back from an authorization.'] },
};

/** A page of its own, see `layOutPage`. */
export function renderPage(kind: PageKind, { alias, account }: PageFacts = {}): Page {
  const { status, tone, title, body } = texts[kind];
  const facts = { alias: alias === undefined ? 'the ConnectionAlias' : `ConnectionAlias ${alias}`, account: account ?? 'the account in the settings' };
  const paragraphs = body(facts).map((text) => `<p>${escapeHtml(text)}</p>`);
  return { status, html: layOutPage({ tone, title, html: paragraphs.join('\n') }), headers: pageHeaders };
}

/** Headers of every page here. */
export const pageHeaders = pageHeadersFor("'none'");
