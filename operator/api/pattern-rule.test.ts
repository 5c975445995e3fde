import { describe, expect, it } from 'vitest';
import { redirectPattern } from './connection-alias.ts';
import { patternRule } from './pattern-rule.ts';

describe('a pattern as a rule of the API server', () => {
  it('is the same expression, and says what is wanted', () => {
    expect(patternRule(/^a\/[b.]+\.c$/, 'a letter')).toEqual({ 'x-kubernetes-validations': [{ rule: "self.matches(r'^a/[b.]+\\.c$')", message: 'a letter' }] });
  });

  it('S21: the rule of the redirect takes and refuses what the pattern does', () => {
    const source = /^self\.matches\(r'(.*)'\)$/.exec(patternRule(redirectPattern, 'x')['x-kubernetes-validations'][0]?.rule ?? '')?.[1] ?? '';
    const urls = ['https://licenses.example.com/oauth_redirect.do', 'http://localhost:8082/oauth_redirect.do', 'http://licenses.example.com/oauth_redirect.do', 'https://x.example.com/other'];
    expect(urls.map((url) => new RegExp(source).test(url))).toEqual([true, true, false, false]);
  });

  it('refuses what the rule would read otherwise', () => {
    expect(() => patternRule(/a'b/, 'x')).toThrow('cannot be written');
    expect(() => patternRule(/a/i, 'x')).toThrow('cannot be written');
  });
});
