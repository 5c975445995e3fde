import { parseAllDocuments } from 'yaml';
import { describe, expect, it } from 'vitest';
import { readRequest } from './connect-command.ts';
import { writeConnectGuide } from './connect-guide.ts';

function guideOf(...argv: string[]): string {
  const { provider, request } = readRequest(['--subdomain', 'acme', ...argv]);
  return writeConnectGuide(provider, request);
}

/** The manifests that the guide prints, as objects. */
export function manifestsOf(guide: string): Record<string, unknown>[] {
  const start = guide.indexOf('apiVersion:');
  const end = guide.search(/\n\n(Then a person|What becomes)/);
  return parseAllDocuments(guide.slice(start, end)).map((document) => document.toJS() as Record<string, unknown>);
}

describe('saaslicense connect', () => {
  it('S14-S26: prints the whole way, in order, for a customer account and an app token', () => {
    const lines = guideOf().split('\n').filter((line) => /^ {2}\d+\. /.test(line));
    expect(lines.map((line) => line.trim().slice(0, 34))).toEqual([
      '1. Log in to the PagerDuty portal,',
      '2. With a customer account, choose',
      '3. Choose New App and fill in the ',
      '4. Under Functionality choose OAut',
      '5. Choose Scoped OAuth (its app to',
      '6. The Redirect URL is not used by',
      '7. Permission Scope: oncalls.read,',
      '8. Choose Register App.',
      '9. Copy the Client ID and the Clie',
      '10. Save them in a secure place: h',
      '11. Choose Continue.',
    ]);
  });

  it('S25: never asks for a secret on a command line', () => {
    for (const login of ['AppToken', 'ApiToken']) expect(guideOf('--login', login)).not.toContain('--from-literal');
  });

  it('S52-S58: prints alias and profile with the names, the redirect URL and the Secret of the steps before', () => {
    const guide = guideOf('--login', 'scoped', '--redirect-url', 'https://licenses.example.com/oauth_redirect.do', '--name', 'acme', '-n', 'team-a');
    expect(manifestsOf(guide)).toEqual([
      expect.objectContaining({
        kind: 'ConnectionAlias',
        metadata: { name: 'acme', namespace: 'team-a' },
        spec: {
          type: 'PagerDuty',
          connectionName: 'PagerDuty Connection',
          appName: 'SaaS License Operator',
          oauth: { type: 'Scoped', redirectURL: 'https://licenses.example.com/oauth_redirect.do', clientSecretRef: { name: 'acme' } },
          pagerduty: { region: 'US', subdomain: 'acme' },
        },
      }),
      expect.objectContaining({ kind: 'IntegrationProfile', spec: expect.objectContaining({ connectionAliasRef: { name: 'acme' }, publish: true }) }),
    ]);
    expect(guide).toContain('create secret generic acme --from-file=clientId');
    expect(guide).toContain('saaslicense authorize acme -n team-a');
  });

  it('tells of consent only where a person has to give it', () => {
    expect(guideOf()).not.toContain('authorize');
    expect(guideOf('--login', 'ApiToken')).not.toContain('authorize');
  });

  it.each([
    [['--login', 'Scoped'], '--redirect-url is required for --login Scoped'],
    [['--login', 'Basic'], '--login must be one of AppToken, Scoped, Classic, ApiToken'],
    [['--type', 'Other'], 'there is no provider Other'],
    [['--region', 'Mars'], 'spec.pagerduty.region'],
    [['--signals', 'Mood'], '--signals must be one of OnCall'],
  ])('refuses %j with a sentence that says what to do', (argv, problem) => {
    expect(() => readRequest(['--subdomain', 'acme', ...argv])).toThrow(problem);
  });

  it('refuses a command line without an account', () => {
    expect(() => readRequest([])).toThrow('--subdomain is required: name the account');
  });
});
