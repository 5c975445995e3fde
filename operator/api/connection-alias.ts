import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition, type ProviderFragment } from './kind.ts';
import { conditions, timestamp, type CustomResource } from './meta.ts';

const secretName = z.string().min(1).max(253).describe('Name of the Secret, in the same namespace.');
const secretKey = (fallback: string, description: string) => z.string().min(1).max(253).default(fallback).describe(description);

/** Scoped OAuth app token: client credentials, no person (facts/pagerduty.md 1.5). */
const appToken = z
  .object({
    clientSecretRef: z
      .object({
        name: secretName,
        clientIdKey: secretKey('clientId', 'Key that holds the OAuth client id (S56).'),
        clientSecretKey: secretKey('clientSecret', 'Key that holds the OAuth client secret (S57).'),
      })
      .describe('Secret with the client id and client secret of the OAuth app (S24).'),
  })
  .describe('Scoped OAuth app token (client credentials): no person is involved and the token lives about a day.');

const apiToken = z
  .object({
    secretRef: z
      .object({ name: secretName, key: secretKey('token', 'Key that holds the API token.') })
      .describe('Secret with the API token.'),
  })
  .describe('A REST API key of the account or of a person. It has no scopes: prefer an app token.');

const baseSpec = {
  connectionName: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Name shown to people, such as "PagerDuty Connection" (S55).'),
  appName: z.string().max(100).optional().describe('Name under which the OAuth app is registered; informational (S17).'),
  appDescription: z.string().max(255).optional().describe('Description of the registered OAuth app; informational (S17).'),
  appToken: appToken.optional(),
  apiToken: apiToken.optional(),
  suspend: z.boolean().default(false).describe('While true, no token is requested and nothing is called; an existing token stays.'),
};

const rules = [
  {
    rule: '[has(self.appToken), has(self.apiToken)].filter(x, x).size() == 1',
    message: 'exactly one of appToken, apiToken must be set',
  },
  { rule: 'self.type == oldSelf.type', message: 'type cannot be changed: create another ConnectionAlias' },
];

const status = z.object({
  observedGeneration: z.int().min(0).optional().describe('Generation of spec that this status describes.'),
  lastHandledRequestedAt: z.string().max(256).optional().describe('Last value of the requestedAt annotation that was acted on.'),
  account: z.string().max(253).optional().describe('Account that the token belongs to, such as "acme (US)" (S61).'),
  requiredScopes: z
    .array(z.string().max(128))
    .max(64)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Scopes that the enabled processes of the profiles using this alias need, no more (S2, S22).'),
  grantedScopes: z
    .array(z.string().max(128))
    .max(64)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Scopes that the vendor really granted to the token (T7); absent for an API token, which has none.'),
  token: z
    .object({
      secretName: z.string().max(253).describe('Secret that holds the short-lived access token.'),
      issuedAt: timestamp('When the token was obtained.'),
      expiresAt: timestamp('When the token expires, from the vendor’s reply (T8).').optional(),
      handledRejection: timestamp('The rejection by the vendor that this token was obtained after.').optional(),
      credentialHash: z.string().max(64).describe('Fingerprint of the credential and settings that the token was obtained with.'),
    })
    .optional()
    .describe('The access token in use; its value is only in the Secret.'),
  lastFailureTime: timestamp('When connecting last failed.').optional(),
  failedCredentialHash: z.string().max(64).optional().describe('Fingerprint of the credential and settings that last failed.'),
  lastFailure: z
    .object({ kind: z.string().max(32), reason: z.string().max(128), message: z.string().max(1024) })
    .optional()
    .describe('What last failed, until it succeeds.'),
  consecutiveFailures: z.int().min(0).max(1_000_000).optional().describe('Failures in a row; back-off survives a restart.'),
  conditions,
});

export type ConnectionAliasStatus = z.infer<typeof status>;
const typedSpec = z.object({ type: z.string(), ...baseSpec });
/** `spec[settingsKey]` holds the provider's settings; the provider parses them with its own fragment. */
export type ConnectionAliasSpec = z.infer<typeof typedSpec> & Record<string, unknown>;
export type ConnectionAlias = CustomResource<ConnectionAliasSpec, ConnectionAliasStatus>;

export const connectionAliasResource = resourceType('ConnectionAlias', 'connectionaliases');

/** How to reach and log in to one SaaS account (design section 1). */
export function defineConnectionAlias(providers: readonly ProviderFragment[]): KindDefinition {
  const settings = Object.fromEntries(
    providers.map((provider) => [provider.settingsKey, provider.connectionSettings.optional()]),
  );
  const types = providers.map((provider) => provider.type);
  return {
    kind: 'ConnectionAlias',
    plural: 'connectionaliases',
    singular: 'connectionalias',
    shortNames: ['connalias'],
    description: 'How to reach and log in to one SaaS account.',
    spec: z
      .object({ type: z.enum(types).describe('SaaS provider; cannot be changed (S31).'), ...baseSpec, ...settings })
      .meta({ 'x-kubernetes-validations': [...rules, ...providers.map(settingsRule)] }),
    status,
    printerColumns: [
      { name: 'Type', type: 'string', jsonPath: '.spec.type' },
      { name: 'Account', type: 'string', jsonPath: '.status.account' },
      readyColumn,
      { name: 'Expires', type: 'string', jsonPath: '.status.token.expiresAt', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}

function settingsRule(provider: ProviderFragment): { rule: string; message: string } {
  return {
    rule: `(self.type == '${provider.type}') == has(self.${provider.settingsKey})`,
    message: `${provider.settingsKey} must be set when type is ${provider.type}, and only then`,
  };
}
