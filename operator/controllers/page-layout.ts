import { createHash } from 'node:crypto';

/** `ask` and `warn` ask a question, of which the second takes something away; the others tell how something went. */
export type PageTone = 'good' | 'bad' | 'wait' | 'ask' | 'warn';

/** What a page of the operator says. */
export interface PageContent {
  readonly tone: PageTone;
  /** Plain text. */
  readonly title: string;
  /** HTML: everything in it that is not fixed has gone through `escapeHtml`. */
  readonly html: string;
}

/** A page of its own: nothing is loaded, nothing of the request is repeated. */
export function layOutPage({ tone, title, html }: PageContent): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} - SaaS License Operator</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main class="${tone}">
${icons[tone]}
<h1>${escapeHtml(title)}</h1>
<div${roles[tone]}>
${html}
</div>
<footer>SaaS License Operator</footer>
</main>
</body>
</html>
`;
}

/** What is told is announced; a form is not, it is read as one comes to it. */
const roles: Readonly<Record<PageTone, string>> = { good: ' role="status"', bad: ' role="alert"', wait: ' role="status"', ask: '', warn: '' };

const style = `:root{color-scheme:light dark;--ground:#f4f5f7;--card:#fff;--text:#1c2128;--soft:#57606a;--line:#d8dee4;--good:#1a7f37;--bad:#b3261e;--wait:#0b5cad;--onbutton:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--card:#161b22;--text:#e6edf3;--soft:#9aa4af;--line:#30363d;--good:#4ac26b;--bad:#ff8a80;--wait:#6cb6ff;--onbutton:#0d1117}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--text);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;max-width:34rem;padding:2.5rem 2.25rem 1.5rem;background:var(--card);border:1px solid var(--line);border-top:4px solid var(--tone);border-radius:.75rem;box-shadow:0 1px 3px rgb(0 0 0/.08)}
.good{--tone:var(--good)}.bad,.warn{--tone:var(--bad)}.wait,.ask{--tone:var(--wait)}
svg{display:block;width:3rem;height:3rem;color:var(--tone)}
h1{margin:.75rem 0 .5rem;font-size:1.6rem;line-height:1.25;overflow-wrap:anywhere}
p{margin:.75rem 0;overflow-wrap:anywhere}
label{display:block;margin:1.25rem 0 .25rem}
textarea{width:100%;min-height:6rem;padding:.5rem;font:inherit;color:inherit;background:var(--ground);border:1px solid var(--soft);border-radius:.375rem}
button{margin:1rem 0 0;padding:.6rem 1.25rem;font:inherit;font-weight:600;color:var(--onbutton);background:var(--tone);border:0;border-radius:.375rem;cursor:pointer}
textarea:focus-visible,button:focus-visible{outline:3px solid var(--tone);outline-offset:2px}
footer{margin-top:2rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
@media (max-width:30rem){body{padding:.75rem}main{padding:1.75rem 1.25rem 1rem}button{width:100%}}`;

const icon = (path: string): string =>
  `<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="12" cy="12" r="10"/>${path}</svg>`;

const exclamation = icon('<path d="M12 7.5v5.5"/><path d="M12 16.5v.01"/>');

const icons: Readonly<Record<PageTone, string>> = {
  good: icon('<path d="m8 12.5 2.7 2.7L16 9.5"/>'),
  bad: exclamation,
  wait: icon('<path d="M12 7v5l3 2"/>'),
  ask: icon('<path d="M9.2 9.3a2.8 2.8 0 1 1 4.2 2.5c-.9.5-1.4 1-1.4 2"/><path d="M12 17v.01"/>'),
  warn: exclamation,
};

/**
 * Headers of a page: the one style is named by its hash, and nothing else may be loaded, framed or sent.
 * @param formAction where a form of the page may go to.
 */
export function pageHeadersFor(formAction: "'none'" | "'self'"): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action ${formAction}; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // The address of a page holds a code or a token.
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
