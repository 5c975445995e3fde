import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pageHeaders, renderPage, type PageKind } from './pages.ts';

const kinds = [
  'Authorized', 'Checking', 'Denied', 'AccountMismatch', 'Expired', 'Replayed', 'Unknown', 'Failed', 'AliasGone',
  'VendorUnavailable', 'NotStored', 'TooManyRequests', 'NotReady', 'NotFound', 'MethodNotAllowed',
] as const satisfies readonly PageKind[];

describe('the page that a person sees after the vendor', () => {
  it.each(kinds)('%s: stands alone, has a heading, a language and a role, and says what to do', (kind) => {
    const { html } = renderPage(kind, { alias: 'team-a/pagerduty', account: 'acme (US)' });
    expect(html).toMatch(/^<!DOCTYPE html>\n<html lang="en">/);
    expect(html.match(/<h1>/g)).toHaveLength(1);
    expect(html).toMatch(/role="(alert|status)"/);
    expect(html).not.toMatch(/<script|<img|<form|<iframe|@import|url\(/);
    expect(html.replaceAll('href="data:,"', '')).not.toMatch(/(src|href)=/);
    const style = /<style>([^]*?)<\/style>/.exec(html)?.[1] ?? '';
    expect(pageHeaders['content-security-policy']).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(pageHeaders['content-security-policy']).toContain("default-src 'none'");
    expect(pageHeaders).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
  });

  it('no two say the same, and only one says that all is well', () => {
    const pages = kinds.map((kind) => renderPage(kind));
    expect(new Set(pages.map(({ html }) => html)).size).toBe(kinds.length);
    expect(kinds.filter((_kind, index) => pages[index]?.status === 200)).toEqual(['Authorized']);
  });

  it('S61: says which account was expected', () => {
    expect(renderPage('AccountMismatch', { alias: 'team-a/pagerduty', account: 'acme (US)' }).html).toContain('acme (US)');
  });

  it('escapes everything', () => {
    const { html } = renderPage('Authorized', { alias: '<b>"x"', account: "<script>'&" });
    expect(html).toContain('&lt;b&gt;&quot;x&quot;');
    expect(html).toContain('&lt;script&gt;&#39;&amp;');
    expect(html).not.toContain('<script>');
  });
});
