import { createHash } from 'node:crypto';
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
}

interface Text {
  readonly status: number;
  readonly tone: 'good' | 'bad' | 'wait';
  readonly title: string;
  /** A paragraph each. */
  readonly body: (facts: { readonly alias: string; readonly account: string }) => readonly string[];
}

const again = (alias: string): string => `Open the newest address in status.authorization.url of ${alias} to try again. It changes each time.`;

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
    body: ({ alias }) => ['Each authorization link works once. If you only reloaded this page or pressed the button twice, all is well: the first time counted.', `The conditions of ${alias} tell how it ended.`],
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

/** A page of its own: nothing is loaded, nothing of the request is repeated, everything is escaped. */
export function renderPage(kind: PageKind, { alias, account }: PageFacts = {}): Page {
  const { status, tone, title, body } = texts[kind];
  const facts = { alias: alias === undefined ? 'the ConnectionAlias' : `ConnectionAlias ${alias}`, account: account ?? 'the account in the settings' };
  const paragraphs = body(facts).map((text) => `<p>${escape(text)}</p>`);
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escape(title)} - SaaS License Operator</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main class="${tone}">
${icons[tone]}
<h1>${escape(title)}</h1>
<div role="${tone === 'bad' ? 'alert' : 'status'}">
${paragraphs.join('\n')}
</div>
<footer>SaaS License Operator</footer>
</main>
</body>
</html>
`;
  return { status, html };
}

const style = `:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--text:#1c2128;--soft:#57606a;--line:#d8dee4;--good:#1a7f37;--bad:#b3261e;--wait:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--card:#161b22;--text:#e6edf3;--soft:#9aa4af;--line:#30363d;--good:#4ac26b;--bad:#ff8a80;--wait:#6cb6ff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--text);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:34rem;padding:2.5rem 2.25rem 1.5rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--tone);border-radius:.75rem;box-shadow:0 1px 3px rgb(0 0 0/.08)}
.good{--tone:var(--good)}.bad{--tone:var(--bad)}.wait{--tone:var(--wait)}
svg{display:block;width:3rem;height:3rem;color:var(--tone)}
h1{margin:.75rem 0 .5rem;font-size:1.6rem;line-height:1.25}
p{margin:.75rem 0;overflow-wrap:anywhere}
footer{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}`;

const icon = (path: string): string =>
  `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="12" cy="12" r="10"/>${path}</svg>`;

const icons = {
  good: icon('<path d="m8 12.5 2.7 2.7L16 9.5"/>'),
  bad: icon('<path d="M12 7.5v5.5"/><path d="M12 16.5v.01"/>'),
  wait: icon('<path d="M12 7v5l3 2"/>'),
} as const;

/** Headers of every page: the one style is named by its hash, and nothing else may be loaded, framed or sent. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // The address of this page holds the code.
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
