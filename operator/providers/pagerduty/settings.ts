import { z } from 'zod';
import { terminal } from '../../api/errors.ts';
import type { ProviderFragment } from '../../api/kind.ts';
import { patternRule } from '../../api/pattern-rule.ts';
import { signals } from './permissions.ts';

/** https anywhere; plain http only to loopback, for tests and demos: a token must never cross a network in clear. */
const endpointPattern =
  /^(https:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|http:\/\/(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?(\/[A-Za-z0-9._~-]+)*\/?$/;

const endpoint = (description: string) =>
  z
    .string()
    .min(8)
    .max(253)
    .regex(endpointPattern, 'an https address (http is allowed for loopback hosts only), without query')
    .optional()
    .describe(description);

const subdomainPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** `spec.pagerduty` of a ConnectionAlias (facts/pagerduty.md 7). */
export const connectionSettings = z
  .object({
    region: z.enum(['US', 'EU']).optional().describe('Service region of the account. Default: US.'),
    subdomain: z
      .string()
      .min(1)
      .max(63)
      .optional()
      .meta(patternRule(subdomainPattern, 'subdomain must be the part of the account’s address before .pagerduty.com, in lower case: acme of https://acme.pagerduty.com'))
      .describe('Subdomain of the account: `acme` of https://acme.pagerduty.com.'),
    endpoints: z
      .object({
        api: endpoint('Address of the REST API. Default: that of the region.'),
        identity: endpoint('Address of the identity service, which issues tokens. Default: https://identity.pagerduty.com.'),
        app: endpoint('Address of the web application. Default: that of the region.'),
      })
      .optional()
      .describe('Other addresses than PagerDuty’s own, such as a simulator’s. Refused unless the operator runs with --allow-custom-endpoints: credentials are sent there.'),
  })
  .describe('PagerDuty account of the connection.');

export const fragment: ProviderFragment = {
  type: 'PagerDuty',
  settingsKey: 'pagerduty',
  connectionSettings,
  requiredSettings: ['subdomain'],
  defaultConnectionAlias: { id: 'sn_pagerduty_spoke.PagerDuty', name: 'sn-pagerduty-spoke.pagerduty' },
  activitySignals: signals.map((signal) => signal.name),
};

/** As the settings must be once a parent alias has filled in what a child leaves out. */
const wholeSettings = connectionSettings.extend({
  region: connectionSettings.shape.region.unwrap().default('US'),
  subdomain: connectionSettings.shape.subdomain.unwrap().regex(subdomainPattern),
});

export interface Settings {
  readonly region: 'US' | 'EU';
  readonly subdomain: string;
  /** Addresses without a slash at the end. */
  readonly endpoints: { readonly api: string; readonly identity: string; readonly app: string };
}

const hosts = {
  US: { api: 'https://api.pagerduty.com', app: 'https://app.pagerduty.com' },
  EU: { api: 'https://api.eu.pagerduty.com', app: 'https://app.eu.pagerduty.com' },
} as const;

/** The identity host is the same in both regions (facts/pagerduty.md 1.2). */
const identityHost = 'https://identity.pagerduty.com';

/** Settings with every address filled in. Throws Terminal `InvalidSettings`. */
export function parseSettings(settings: unknown): Settings {
  const parsed = wholeSettings.safeParse(settings);
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => ['spec', fragment.settingsKey, ...issue.path].join('.'));
    const unique = Array.from(new Set(fields)).sort();
    throw terminal('InvalidSettings', `The PagerDuty settings are invalid: correct ${unique.join(', ')} in the ConnectionAlias.`);
  }
  const { region, subdomain, endpoints } = parsed.data;
  return {
    region,
    subdomain,
    endpoints: {
      api: trimSlash(endpoints?.api ?? hosts[region].api),
      identity: trimSlash(endpoints?.identity ?? identityHost),
      app: trimSlash(endpoints?.app ?? hosts[region].app),
    },
  };
}

/** True for the part of an account's address before `.pagerduty.com`. */
export function isSubdomain(text: string): boolean {
  return text.length <= 63 && subdomainPattern.test(text);
}

/** `acme (US)`: the account by a name that people know. */
export function nameAccount(settings: Pick<Settings, 'subdomain' | 'region'>): string {
  return `${settings.subdomain} (${settings.region})`;
}

/** The scope that binds an app token to its account (facts/pagerduty.md 1.5). */
export function accountScope(settings: Settings): string {
  return `as_account-${settings.region.toLowerCase()}.${settings.subdomain}`;
}

function trimSlash(address: string): string {
  return address.endsWith('/') ? address.slice(0, -1) : address;
}

/**
 * Refuses settings that name endpoints of their own. Whoever may write a ConnectionAlias could otherwise have a
 * Secret of the namespace, which they may not read, sent to a host of theirs (facts/operators.md 0.4).
 * Throws Terminal `CustomEndpointsNotAllowed`.
 */
export function refuseCustomEndpoints(settings: unknown): void {
  if (typeof settings !== 'object' || settings === null || !('endpoints' in settings) || settings.endpoints === undefined) return;
  throw terminal(
    'CustomEndpointsNotAllowed',
    'The alias names endpoints of its own, and credentials would be sent there: remove them, or start the operator with --allow-custom-endpoints.',
  );
}
