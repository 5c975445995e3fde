import type { Account } from '../account/account.ts';
import type { Person, Role } from '../company/company.ts';
import type { Reply } from '../http/replies.ts';
import type { App } from './apps.ts';

export interface ConsentPage {
  readonly app: App;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  /** Of the authorization request: the form goes back to it, query and all. */
  readonly url: URL;
  readonly accounts: readonly Account[];
  /** What was wrong with the last attempt. */
  readonly problem?: { readonly status: number; readonly text: string };
}

/**
 * Sign-in and consent in one form without script: fields `account` (subdomain) and `person` (id or e-mail
 * address), buttons `decision` = `consent` and `deny`. Nobody is asked for a password.
 */
export function consentPage({ app, scopes, redirectUri, url, accounts, problem }: ConsentPage): Reply {
  const alert = problem === undefined ? '' : `<p role="alert">${escape(problem.text)}</p>`;
  return page(
    problem?.status ?? 200,
    `Authorize ${app.name}`,
    `${alert}
<p><strong>${escape(app.name)}</strong> (${app.kind} OAuth, registered in ${escape(app.ownerAccount)}) asks for:</p>
<ul>${scopes.map((scope) => `<li><code>${escape(scope)}</code></li>`).join('')}</ul>
<form method="post" action="${escape(url.pathname + url.search)}">
<label>Account <select name="account">${accounts.map(accountOption).join('')}</select></label>
<label>Sign in as <input name="person" list="people" required autocomplete="off" placeholder="e-mail address or user id"></label>
<datalist id="people">${accounts.flatMap(suggestions).join('')}</datalist>
<div><button name="decision" value="consent">Submit Consent</button>
<button name="decision" value="deny" formnovalidate>Deny</button></div>
</form>
<p class="small">You are then sent to ${escape(redirectUri)}</p>`,
  );
}

/** The end of the road for the browser: never a redirect. */
export function errorPage(text: string): Reply {
  return page(400, 'Authorization failed', `<p role="alert">${escape(text)}</p>`);
}

function accountOption({ company }: Account): string {
  return `<option value="${escape(company.subdomain)}">${escape(company.subdomain)} (${company.region.toUpperCase()})</option>`;
}

const ROLES: readonly Role[] = ['owner', 'admin', 'user', 'limited_user', 'observer', 'restricted_access', 'read_only_user', 'read_only_limited_user'];
const SHOWN_OF_EACH_ROLE = 3;

/** Some people of each role, dearest first; others can be typed in. */
function suggestions(account: Account): string[] {
  const place = account.company.subdomain;
  return shownPeople(account).map((person) => `<option value="${escape(person.email)}">${escape(`${person.name}, ${person.role}, ${place}`)}</option>`);
}

function shownPeople({ company }: Account): Person[] {
  return ROLES.flatMap((role) => company.users.filter((person) => person.role === role).slice(0, SHOWN_OF_EACH_ROLE));
}

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;background:#f3f4f6;color:#111;margin:0;padding:3rem 1rem}
main{max-width:34rem;margin:0 auto;background:#fff;border:1px solid #d1d5db;border-radius:8px;padding:1.5rem 2rem}
h1{font-size:1.4rem;margin:0 0 1rem}label{display:block;margin:.75rem 0}select,input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.4rem}
button{font:inherit;padding:.5rem 1rem;margin:.75rem .5rem 0 0}button[value=consent]{background:#047857;color:#fff;border:1px solid #047857;border-radius:4px}
[role=alert]{background:#fee2e2;padding:.5rem .75rem;border-radius:4px}.small{font-size:.85rem;color:#4b5563;overflow-wrap:anywhere}`;

function page(status: number, title: string, content: string): Reply {
  const text = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title>
<link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body><main><h1>${escape(title)}</h1>
${content}
<p class="small">This is a simulator of PagerDuty, for tests. It is not PagerDuty.</p></main></body></html>
`;
  return { status, headers: { 'cache-control': 'no-store' }, body: { kind: 'text', text, contentType: 'text/html; charset=utf-8' } };
}

function escape(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
