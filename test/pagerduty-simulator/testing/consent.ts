import { createHash, randomBytes } from 'node:crypto';

export interface ConsentChoice {
  /** Id or e-mail address of the person who signs in. */
  readonly person: string;
  /** Subdomain. Default: the first account of the page, the simulator's own. */
  readonly account?: string;
  readonly deny?: boolean;
}

/**
 * Opens the authorization URL as a browser would, signs in and presses a button.
 * Resolves with the address that the browser is sent to; rejects with the text of the page when it ends on one.
 */
export async function consentTo(authorizationUrl: string, { person, account, deny = false }: ConsentChoice): Promise<string> {
  const opened = await fetch(authorizationUrl, { redirect: 'manual' });
  const sentAway = opened.headers.get('location');
  if (sentAway !== null) return sentAway;
  const page = await opened.text();
  const action = /<form method="post" action="([^"]*)">/.exec(page)?.[1];
  if (action === undefined) throw new Error(`no consent page but ${opened.status}: ${alertOf(page)}`);
  const firstAccount = /<option value="([^"]*)">/.exec(page)?.[1] ?? '';
  const body = new URLSearchParams({ account: account ?? firstAccount, person, decision: deny ? 'deny' : 'consent' });
  const decided = await fetch(new URL(unescape(action), authorizationUrl), { method: 'POST', body, redirect: 'manual' });
  return decided.headers.get('location') ?? Promise.reject(new Error(`no redirect but ${decided.status}: ${alertOf(await decided.text())}`));
}

function alertOf(page: string): string {
  return unescape(/<p role="alert">([^<]*)</.exec(page)?.[1] ?? page);
}

function unescape(text: string): string {
  const characters: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };
  return text.replaceAll(/&(amp|lt|gt|quot|#39);/g, (entity) => characters[entity] ?? entity);
}

/** A verifier and its S256 challenge (RFC 7636). */
export function makePkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
