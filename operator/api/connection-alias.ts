import { z } from 'zod';
import { ageColumn, messageColumn, readyColumn, resourceType, type KindDefinition, type ProviderFragment } from './kind.ts';
import { conditions, localReference, objectName, timestamp, type CustomResource } from './meta.ts';
import { patternRule } from './pattern-rule.ts';

const keyPattern = /^[-._a-zA-Z0-9]+$/;
const secretName = objectName('Name of the Secret, in the same namespace.');
const secretKey = (fallback: string, description: string, pattern = keyPattern, expected = 'a key of a Secret: letters, digits, -, _ and .') =>
  z.string().min(1).max(253).regex(pattern, expected).default(fallback).describe(description);

/**
 * Keys that a client id may be read from where it ends up in an address that `status` shows: who may write an alias but read no
 * Secret could otherwise read any key of any Secret of the namespace there (guard 7).
 */
export const clientIdKeyPattern = /^[-._a-zA-Z0-9]*[cC][lL][iI][eE][nN][tT][-._]?[iI][dD]$/;

const shownClientIdKey = secretKey(
  'clientId',
  'Key that holds the OAuth client id (S56). Its name must end in client id, such as client_id or CLIENT_ID, since status.authorization.url shows the value.',
  clientIdKeyPattern,
  'a key whose name ends in client id, such as clientId, client-id or CLIENT_ID',
);

function clientSecretRef(clientIdKey = secretKey('clientId', 'Key that holds the OAuth client id (S56).')) {
  return z
    .object({
      name: secretName,
      clientIdKey,
      clientSecretKey: secretKey('clientSecret', 'Key that holds the OAuth client secret (S57).'),
    })
    .describe('Secret with the client id and client secret of the OAuth app (S24).');
}

/** Scoped OAuth app token: client credentials, no person (facts/pagerduty.md 1.5). */
const appToken = z
  .object({
    clientSecretRef: clientSecretRef(),
  })
  .describe('Scoped OAuth app token (client credentials): no person is involved and the token lives about a day.');

/**
 * Where the vendor sends the person back to (S21). https, and plain http only to loopback, for `saaslicense
 * authorize`: a code must never cross a network in clear.
 */
export const redirectPattern =
  /^(https:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|http:\/\/(localhost|127\.0\.0\.1|\[::1\]))(:[0-9]{1,5})?(\/[A-Za-z0-9._~-]+)*\/oauth_redirect\.do$/;

/** A redirect that never leaves the person's own machine. */
export const loopbackRedirectPattern = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(\/[A-Za-z0-9._~-]+)*\/oauth_redirect\.do$/;

/** OAuth with the consent of a person (facts/pagerduty.md 1.3). */
const oauth = z
  .object({
    type: z
      .enum(['Scoped', 'Classic'])
      .describe('Scoped OAuth (narrow scopes, preferred) or Classic User OAuth (read or write), as the app was registered (S20).'),
    redirectURL: z
      .string()
      .min(1)
      .max(512)
      .meta(patternRule(redirectPattern, 'redirectURL must be an https address that ends in /oauth_redirect.do, such as https://licenses.example.com/oauth_redirect.do; http is taken for a loopback host only, such as http://localhost:8082/oauth_redirect.do'))
      .describe('Redirect URL, exactly as registered with the app, such as https://licenses.example.com/oauth_redirect.do (S21, S58).'),
    clientSecretRef: clientSecretRef(shownClientIdKey),
  })
  .describe('OAuth with the consent of a person, with PKCE and client secret. status.authorization shows the URL to open (S59).');

const apiToken = z
  .object({
    secretRef: z
      .object({ name: secretName, key: secretKey('token', 'Key that holds the API token.') })
      .describe('Secret with the API token.'),
  })
  .describe('A REST API key of the account or of a person. It has no scopes: prefer an app token.');

const baseSpec = {
  parentAliasRef: localReference
    .optional()
    .describe('Parent alias: what this alias leaves out is taken from it (S77, S78). Empty: this alias is a parent itself (L27).'),
  connectionName: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Name shown to people, such as "PagerDuty Connection" (S55).'),
  appName: z.string().max(100).optional().describe('Name under which the OAuth app is registered; informational (S17).'),
  appDescription: z.string().max(255).optional().describe('Description of the registered OAuth app; informational (S17).'),
  appToken: appToken.optional(),
  oauth: oauth.optional(),
  apiToken: apiToken.optional(),
  suspend: z.boolean().default(false).describe('While true, no token is requested and nothing is called; its token Secret is deleted.'),
};

const rules = [
  {
    rule: '[has(self.appToken), has(self.oauth), has(self.apiToken)].filter(x, x).size() <= 1',
    message: 'at most one of appToken, oauth, apiToken may be set',
  },
  {
    rule: 'has(self.parentAliasRef) || has(self.appToken) || has(self.oauth) || has(self.apiToken)',
    message: 'one of appToken, oauth, apiToken must be set, unless parentAliasRef names an alias to take it from',
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
  authorization: z
    .object({
      state: z
        .enum(['AwaitingConsent', 'Authorized', 'Denied', 'Refused', 'Revoked'])
        .describe('Where the consent of a person stands: waited for, given, denied, given but refused (wrong account), taken back.'),
      url: z.string().max(4096).optional().describe('Open it in a browser and consent (S59); short-lived, and gone once it was used.'),
      urlExpiresAt: timestamp('Until when the URL can be used; a new one is shown after that.').optional(),
      authorizedAt: timestamp('When a person consented.').optional(),
      endsAt: timestamp(
        'Until when the operator can renew the token without a person: the end of the refresh token, which every renewal moves ahead (30 days with Scoped, 210 with Classic), or the end of the consent as a whole, which nothing moves (one year, three years), whichever comes first. See AuthorizationExpiring for when to act. Once a consent is over: when its last token was obtained.',
      ).optional(),
      user: z
        .object({ id: z.string().max(128), role: z.string().max(64).optional() })
        .optional()
        .describe('Who consented, by the vendor’s id, and the role there (S60).'),
    })
    .optional()
    .describe('The consent of a person (oauth only).'),
  lastFailureTime: timestamp('When connecting last failed.').optional(),
  failedCredentialHash: z.string().max(64).optional().describe('Fingerprint of the credential and settings that last failed.'),
  lastFailure: z
    .object({ kind: z.string().max(32), reason: z.string().max(128), message: z.string().max(1024) })
    .optional()
    .describe('What last failed, until it succeeds.'),
  consecutiveFailures: z.int().min(0).max(1_000_000).optional().describe('Failures in a row; back-off survives a restart.'),
  conditions,
});

/** The longest suffix of the Secrets that are named after an alias is `-authorization`. */
const nameRule = { rule: 'self.metadata.name.size() <= 239', message: 'the name may have at most 239 characters: Secrets are named after it' };

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
      .meta({ 'x-kubernetes-validations': [...rules, ...providers.map(settingsRule), ...providers.map(requiredSettingsRule)] }),
    status,
    rules: [nameRule],
    printerColumns: [
      { name: 'Type', type: 'string', jsonPath: '.spec.type' },
      { name: 'Account', type: 'string', jsonPath: '.status.account' },
      readyColumn,
      { name: 'Authorization', type: 'string', jsonPath: '.status.authorization.state', priority: 1 },
      { name: 'Expires', type: 'string', jsonPath: '.status.token.expiresAt', priority: 1 },
      messageColumn,
      ageColumn,
    ],
  };
}

function settingsRule(provider: ProviderFragment): { rule: string; message: string } {
  return {
    rule: `self.type == '${provider.type}' ? has(self.parentAliasRef) || has(self.${provider.settingsKey}) : !has(self.${provider.settingsKey})`,
    message: `${provider.settingsKey} must be set when type is ${provider.type} (or taken from a parent alias), and only then`,
  };
}

/** A child may take them from its parent; an alias without one must have them. */
function requiredSettingsRule({ settingsKey, requiredSettings }: ProviderFragment): { rule: string; message: string } {
  const all = requiredSettings.map((name) => `has(self.${settingsKey}.${name})`).join(' && ');
  return {
    rule: `has(self.parentAliasRef) || !has(self.${settingsKey}) || (${all})`,
    message: `${requiredSettings.map((name) => `${settingsKey}.${name}`).join(' and ')} must be set, unless parentAliasRef names an alias to take it from`,
  };
}
