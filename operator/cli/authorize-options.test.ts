import { describe, expect, it } from 'vitest';
import { parseAuthorizeOptions } from './authorize-options.ts';

describe('the command line of saaslicense authorize', () => {
  it('S59: needs no more than the name of the alias', () => {
    expect(parseAuthorizeOptions(['pagerduty', '-n', 'team-a'])).toMatchObject({ alias: 'pagerduty', namespace: 'team-a', opensBrowser: true, timeoutSeconds: 600 });
    expect(parseAuthorizeOptions(['pagerduty', '--no-browser', '--timeout', '30'])).toMatchObject({ opensBrowser: false, timeoutSeconds: 30 });
  });

  it('S21: takes a redirect URL on loopback only: a code must not cross a network in clear', () => {
    const url = 'http://127.0.0.1:8765/oauth_redirect.do';
    expect(parseAuthorizeOptions(['pagerduty', '--redirect-url', url])).toMatchObject({ redirectUrl: url });
    for (const other of ['http://example.com/oauth_redirect.do', 'https://127.0.0.1/oauth_redirect.do', 'http://127.0.0.1:1/elsewhere', 'http://127.0.0.1.example.com/oauth_redirect.do']) {
      expect(parseAuthorizeOptions(['pagerduty', '--redirect-url', other])).toMatchObject({ problem: expect.stringContaining('loopback') as unknown });
    }
  });

  it.each([
    [[], 'name one ConnectionAlias'],
    [['a', 'b'], 'name one ConnectionAlias'],
    [['../secrets'], 'name one ConnectionAlias'],
    [['a', '-n', 'B'], '--namespace must be'],
    [['a', '--timeout', 'soon'], '--timeout must be'],
    [['a', '--browse'], "Unknown option '--browse'"],
  ])('refuses %j with a sentence that says what to do', (argv, problem) => {
    expect(parseAuthorizeOptions(argv)).toMatchObject({ problem: expect.stringContaining(problem) as unknown });
  });
});
