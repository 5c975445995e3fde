import { z } from 'zod';
import { SecretValue } from '../../api/secret-value.ts';
import { readSecretKey, type Secret } from '../secrets.ts';

/**
 * What the operator keeps of the consent of a person, in the Secret `<alias>-authorization`: a JSON text a key. Every
 * replica works with it, so each step of consent and rotation is one write under the version that was read; who loses
 * the race reads again. Times are milliseconds since the epoch.
 */
export interface AuthorizationRecord {
  /** The authorization that a person may give now; its URL is in status. */
  readonly pending?: Pending | undefined;
  /** Codes that a replica exchanges now: nobody else exchanges them. */
  readonly claims?: readonly Claim[] | undefined;
  /** Tokens of which the account has still to be asked for; nothing uses them. */
  readonly candidates?: readonly Grant[] | undefined;
  /** The consent in use. */
  readonly grant?: Grant | undefined;
  /** A rotation that has been begun; it outlives a crash, and then says that its outcome is not known. */
  readonly rotation?: Rotation | undefined;
  /** How the last attempt to authorize ended, if not well; or how the consent ended. */
  readonly attempt?: Attempt | undefined;
  /** States of the past, as hashes: to tell a person why a link no longer works. */
  readonly used?: readonly UsedState[] | undefined;
  /** The last request for a loopback redirect that was acted on. */
  readonly handledRequest?: string | undefined;
}

const secret = z.string().min(1).transform((text) => new SecretValue(text));
const scopes = z.array(z.string());
const ms = z.number();

const pending = z.object({
  state: z.string(),
  codeVerifier: secret,
  redirectURL: z.string(),
  scopes,
  expiresAt: ms,
  /** The request that a loopback redirect was made for. */
  request: z.string().optional(),
});
export type Pending = z.infer<typeof pending>;

/** `code`: its SHA-256. */
const claim = z.object({ id: z.string(), code: z.string(), startedAt: ms, by: z.string() });
export type Claim = z.infer<typeof claim>;

const grant = z.object({
  id: z.string(),
  accessToken: secret,
  /** Absent when the vendor no longer takes it. */
  refreshToken: secret.optional(),
  scopes,
  issuedAt: ms,
  expiresAt: ms.optional(),
  authorizedAt: ms,
  /** When the refresh token ends if it is not used, and how long that was from its issue. */
  refreshEndsAt: ms,
  refreshLifetimeMs: ms,
  /** When a person must consent again, whatever is used. */
  consentEndsAt: ms,
  /** As the vendor tells it; and the one that the settings named when the person consented, which counts where it does not. */
  account: z.string().optional(),
  givenFor: z.string().optional(),
  userId: z.string().optional(),
  role: z.string().optional(),
  /** Whether the vendor has been asked who this is since the access token was issued. */
  isIdentified: z.boolean(),
  /** The app that was consented to: its kind and client id. */
  app: z.string(),
  credentialHash: z.string(),
  /** The vendor's refusal and the person's request that these tokens were obtained after. */
  forRejection: ms.optional(),
  forRequest: z.string().optional(),
});
export type Grant = z.infer<typeof grant>;

const rotation = z.object({
  id: z.string(),
  grantId: z.string(),
  startedAt: ms,
  by: z.string(),
  /** True when an earlier try with this refresh token may have reached the vendor. */
  isUnclear: z.boolean(),
});
export type Rotation = z.infer<typeof rotation>;

const attempt = z.object({
  result: z.enum(['Denied', 'Refused', 'Failed', 'Ended']),
  reason: z.string(),
  message: z.string(),
  at: ms,
});
export type Attempt = z.infer<typeof attempt>;

const usedState = z.object({ hash: z.string(), why: z.enum(['Used', 'Expired']) });
export type UsedState = z.infer<typeof usedState>;

/** As it is in the cluster. */
export type AuthorizationSecret =
  | { readonly kind: 'Absent' }
  /** A Secret of that name that the alias does not control: never read further, never written. */
  | { readonly kind: 'Foreign' }
  | { readonly kind: 'Present'; readonly uid: string; readonly resourceVersion: string; readonly record: AuthorizationRecord };

/** What decisions about consent are made from. */
export interface ConsentInput {
  readonly secret: AuthorizationSecret;
  readonly mailbox: Mailbox;
}

/** What `saaslicense authorize` has handed in through `<alias>-redirect`. */
export type Mailbox =
  | { readonly kind: 'Absent' }
  | { readonly kind: 'Foreign' }
  | { readonly kind: 'Empty' }
  | { readonly kind: 'Full'; readonly uid: string; readonly resourceVersion: string; readonly redirect: Redirect };

/** What the vendor sent the browser back with. */
export interface Redirect {
  readonly state: string | undefined;
  readonly code: SecretValue | undefined;
  /** OAuth error code, such as `access_denied`. */
  readonly error: string | undefined;
}

/** Reads the record; a key that was edited into nonsense is as good as absent. */
export function decodeRecord(found: Secret): AuthorizationRecord {
  const read = <T>(key: keyof AuthorizationRecord, schema: z.ZodType<T>): T | undefined => parse(schema, readSecretKey(found, key)?.reveal());
  return {
    pending: read('pending', pending),
    claims: read('claims', z.array(claim)),
    candidates: read('candidates', z.array(grant)),
    grant: read('grant', grant),
    rotation: read('rotation', rotation),
    attempt: read('attempt', attempt),
    used: read('used', z.array(usedState)),
    handledRequest: read('handledRequest', z.string()),
  };
}

/** Fields to set; undefined removes one. */
export type RecordChange = { readonly [Key in keyof AuthorizationRecord]?: AuthorizationRecord[Key] };

/** The change as `data` of a merge patch: null removes a key. */
export function encodeChange(change: RecordChange): Record<string, string | null> {
  return Object.fromEntries(Object.entries(change).map(([key, value]) => [key, value === undefined ? null : encodeValue(value)]));
}

function encodeValue(value: unknown): string {
  return Buffer.from(JSON.stringify(revealed(value)), 'utf8').toString('base64');
}

/** The one place where these secrets leave the process: into their Secret. */
function revealed(value: unknown): unknown {
  if (value instanceof SecretValue) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revealed(inner)]));
}

function parse<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
