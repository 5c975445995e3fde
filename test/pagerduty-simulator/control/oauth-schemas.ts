import { z } from 'zod';
import type { App, AppOptions, AppPatch } from '../auth/apps.ts';
import type { RevokeTarget } from '../auth/tokens.ts';

const scopes = z.array(z.string());
const redirectUrls = z.array(z.url()).exactOptional();

export const appSchema: z.ZodType<AppOptions> = z.strictObject({
  id: z.string().exactOptional(),
  name: z.string().exactOptional(),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1).exactOptional(),
  kind: z.enum(['Scoped', 'Classic']).exactOptional(),
  scopes,
  redirectUrls,
  ownerAccount: z.string().exactOptional(),
});

export const appPatchSchema: z.ZodType<AppPatch> = z.strictObject({
  name: z.string().exactOptional(),
  clientSecret: z.string().min(1).exactOptional(),
  scopes: scopes.exactOptional(),
  redirectUrls,
});

/** An app as control shows it. */
export function withoutSecret({ clientSecret, ...app }: App): Omit<App, 'clientSecret'> & { public: boolean } {
  return { ...app, public: clientSecret === undefined };
}

export const revokeSchema: z.ZodType<RevokeTarget> = z.union([
  z.strictObject({ token: z.string() }),
  z.strictObject({ credentialId: z.string() }),
  z.strictObject({ appId: z.string() }),
  z.strictObject({ userId: z.string() }),
  z.strictObject({ consentId: z.string() }),
]);

/** The part of the settings that is about OAuth. */
export const oauthSettings = {
  consentInvalidScope: z.enum(['only-openid', 'refuse', 'only-allowed']).exactOptional(),
  authorizeErrors: z.enum(['redirect', 'page']).exactOptional(),
  echoState: z.boolean().exactOptional(),
  foreignAccount: z.enum(['allow', 'refuse']).exactOptional(),
  classicTokenLifetimeSeconds: z.number().positive().exactOptional(),
  refreshGraceSeconds: z.number().min(0).exactOptional(),
  refreshReplayRevokes: z.boolean().exactOptional(),
  refreshEndsAccess: z.boolean().exactOptional(),
  codeReplayRevokes: z.boolean().exactOptional(),
  badClientBody: z.enum(['oauth', 'api', 'not-json', 'empty']).exactOptional(),
  idToken: z.boolean().exactOptional(),
  classicReadPostsAnalytics: z.boolean().exactOptional(),
};
