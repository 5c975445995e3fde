import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OperatorError } from '../../api/errors.ts';
import { accountScope, connectionSettings, fragment, nameAccount, parseSettings } from './settings.ts';

function failureOf(settings: unknown): OperatorError['failure'] {
  try {
    parseSettings(settings);
  } catch (error) {
    if (error instanceof OperatorError) return error.failure;
    throw error;
  }
  throw new Error('accepted');
}

describe('settings of a PagerDuty connection', () => {
  it('needs only the subdomain: the region is US and the addresses are PagerDuty’s own', () => {
    expect(parseSettings({ subdomain: 'acme' })).toEqual({
      region: 'US',
      subdomain: 'acme',
      endpoints: { api: 'https://api.pagerduty.com', identity: 'https://identity.pagerduty.com', app: 'https://app.pagerduty.com' },
    });
  });

  it('sends the EU to its own API host and to the one identity host of both regions', () => {
    const settings = parseSettings({ subdomain: 'acme', region: 'EU' });
    expect(settings.endpoints).toEqual({
      api: 'https://api.eu.pagerduty.com',
      identity: 'https://identity.pagerduty.com',
      app: 'https://app.eu.pagerduty.com',
    });
    expect(accountScope(settings)).toBe('as_account-eu.acme');
    expect(nameAccount(settings)).toBe('acme (EU)');
  });

  it.each(['https://gateway.example.com', 'https://gateway.example.com:8443/pagerduty/', 'http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000'])(
    'takes %s as an endpoint, without a slash at the end',
    (api) => {
      expect(parseSettings({ subdomain: 'acme', endpoints: { api } }).endpoints.api).toBe(api.replace(/\/$/, ''));
    },
  );

  it.each([
    'http://api.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://127.0.0.1@example.com',
    'https://user:password@example.com',
    'https://example.com/?a=b',
    'https://example.com/#x',
    'ftp://localhost',
    'https://',
  ])('guard 7: refuses %s, over which a token could leave in clear or go astray', (api) => {
    expect(failureOf({ subdomain: 'acme', endpoints: { api } })).toEqual({
      kind: 'Terminal',
      reason: 'InvalidSettings',
      message: 'The PagerDuty settings are invalid: correct spec.pagerduty.endpoints.api in the ConnectionAlias.',
    });
  });

  it.each(['Acme', 'acme.pagerduty.com', '-acme', 'acme-', 'a b', '', 'a'.repeat(64)])('refuses the subdomain %j', (subdomain) => {
    expect(failureOf({ subdomain }).message).toContain('spec.pagerduty.subdomain');
  });

  it('names every wrong field at once, and never a value', () => {
    const failure = failureOf({ subdomain: 'S3cret!', region: 'MARS' });
    expect(failure.message).toContain('spec.pagerduty.region, spec.pagerduty.subdomain');
    expect(failure.message).not.toMatch(/S3cret|MARS/);
  });

  it('bounds every text and keeps to patterns that the API server can read', () => {
    const schema = JSON.stringify(z.toJSONSchema(fragment.connectionSettings, { io: 'input' }));
    const texts = schema.match(/"type":"string"/g) ?? [];
    expect(texts.length).toBe(5);
    expect((schema.match(/"maxLength"/g) ?? []).length + (schema.match(/"enum"/g) ?? []).length).toBe(texts.length);
    // RE2 has no look-around and no back-references.
    expect(schema).not.toMatch(/\(\?[=!<]|\\\\[1-9]/);
    expect(connectionSettings.shape).toHaveProperty('subdomain');
  });
});
