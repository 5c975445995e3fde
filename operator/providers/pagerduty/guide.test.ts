import { describe, expect, it } from 'vitest';
import type { GuideRequest } from '../provider.ts';
import { writeGuide, writeRoles } from './guide.ts';

const request: GuideRequest = {
  account: 'Customer',
  login: 'Scoped',
  region: 'US',
  subdomain: 'acme',
  appName: 'SaaS License Operator',
  redirectURL: 'https://licenses.example.com/oauth_redirect.do',
  processes: ['DownloadSubscriptions', 'PullUserActivity'],
  signals: ['OnCall'],
};

function stepsOf(change: Partial<GuideRequest>): Record<string, string> {
  return Object.fromEntries(writeGuide({ ...request, ...change }).map(({ row, text }) => [row, text]));
}

describe('the guide at PagerDuty', () => {
  it.each([
    ['US', 'https://acme.pagerduty.com'],
    ['EU', 'https://acme.eu.pagerduty.com'],
  ])('S14: starts with the login to the portal, of the %s region', (region, address) => {
    expect(writeGuide({ ...request, region })[0]).toMatchObject({ row: 'S14', text: expect.stringContaining(address) });
  });

  it('S15, S16: a developer account is in Developer Mode by itself; a customer account goes over App Registration', () => {
    const developer = stepsOf({ account: 'Developer' });
    const customer = stepsOf({ account: 'Customer' });
    expect(developer['S15']).toContain('Developer Mode is on by itself');
    expect(developer['S16']).toBeUndefined();
    expect(customer['S16']).toContain('INTEGRATIONS > DEVELOPER TOOLS > App Registration; the page Add New App opens');
    expect(customer['S15']).toBeUndefined();
  });

  it('S17, S18: names the form and the functionality OAuth 2.0', () => {
    expect(stepsOf({})['S17']).toContain('Choose New App and fill in the form: Name, for example "SaaS License Operator", and a Description');
    expect(stepsOf({})['S18']).toContain('Under Functionality choose OAuth 2.0, then Next');
  });

  it('S19: tells the least roles of the processes that are enabled, and no other', () => {
    expect(writeRoles(request)).toEqual([
      ['DownloadSubscriptions', 'Manager', 'Observer', 'users.read', 'read'],
      ['PullUserActivity', 'Manager', 'Observer', 'oncalls.read', 'read'],
    ]);
    expect(writeRoles({ processes: ['ReclaimSubscription'] })).toEqual([['ReclaimSubscription', 'Global admin', 'Global admin', 'users.write', 'write']]);
  });

  it('S20, S21: tells which kind of OAuth to choose, and the redirect URL exactly', () => {
    expect(stepsOf({ login: 'Scoped' })['S20']).toBe('Choose Scoped OAuth.');
    expect(stepsOf({ login: 'Classic' })['S20']).toBe('Choose Classic User OAuth.');
    expect(stepsOf({})['S21']).toContain('https://licenses.example.com/oauth_redirect.do');
    expect(stepsOf({ redirectURL: undefined })['S21']).toContain('https://<instance-name>/oauth_redirect.do');
  });

  it('S2, S22: names the scopes of the enabled processes and nothing else', () => {
    expect(stepsOf({})['S22']).toContain('oncalls.read, users.read;');
    expect(stepsOf({})['S22']).not.toContain('write');
    expect(stepsOf({ processes: [...request.processes, 'ReclaimSubscription'] })['S22']).toContain('users.write');
    // The checks are not done without: where one cannot be made, nobody is reclaimed (guard 3).
    const reclaiming = stepsOf({ processes: [...request.processes, 'ReclaimSubscription'] })['S22'];
    expect(reclaiming).toContain('without which nobody is: escalation_policies.read, incidents.read, schedules.read; of use');
    expect(stepsOf({ login: 'Classic' })['S22']).toBe('Permission Scope: Read.');
    expect(stepsOf({ login: 'Classic', processes: [...request.processes, 'ReclaimSubscription'] })['S22']).toBe('Permission Scope: Read/Write.');
  });

  it('S23, S24, S25, S26: registers the app, copies client id and secret, keeps them in a Secret, and continues', () => {
    expect(stepsOf({})).toMatchObject({
      S23: 'Choose Register App.',
      S24: expect.stringContaining('Copy the Client ID and the Client Secret'),
      S25: expect.stringContaining('Secret below'),
      S26: 'Choose Continue.',
    });
  });

  it('an API token needs no app: only what makes a key is told', () => {
    expect(writeGuide({ ...request, login: 'ApiToken' }).map((step) => step.row)).toEqual(['S14', 'S24', 'S25']);
  });
});
