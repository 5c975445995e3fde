import type { ConnectionAlias, ConnectionAliasSpec } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import type { ProcessName } from '../../api/integration-profile.ts';
import type { SecretValue } from '../../api/secret-value.ts';
import type { StoredToken } from '../../api/token-secret.ts';
import type { Credential, Provider } from '../../providers/provider.ts';
import type { SecretVersion } from '../authorization/owned-secret.ts';
import type { ConsentInput } from '../authorization/record.ts';
import type { TokenRejection } from '../token-rejection.ts';
import type { ProcessWish } from './enabled-processes.ts';

/** Everything that decisions about a ConnectionAlias are made from: plain data, read in this pass. */
export interface AliasInput {
  readonly alias: ConnectionAlias;
  /** Spec with what the alias takes from its parents (S77); its own while that cannot be told. */
  readonly spec: ConnectionAliasSpec;
  /** Why the parents cannot be followed, if they cannot. */
  readonly parentFailure: Failure | undefined;
  readonly provider: Provider | undefined;
  /** Account named by the settings, or why the settings are refused. */
  readonly account: { readonly name: string } | { readonly failure: Failure } | undefined;
  readonly credential: ReadCredential;
  readonly tokenSecret: TokenSecret;
  /** Processes that the profiles have enabled for which they use this alias; empty when none does (S2, C30). */
  readonly processes: readonly ProcessName[];
  /** Which profile it is that enabled them. */
  readonly wishes: readonly ProcessWish[];
  /** Activity signals that those profiles have enabled. */
  readonly signals: readonly string[];
  /** The vendor's last refusal of the access token in the hands of a profile. */
  readonly rejection: TokenRejection | undefined;
  /** Only for an alias that logs in with the consent of a person. */
  readonly consent: ConsentInput | undefined;
  /** Secrets of the consent that the alias logged in with before. */
  readonly leftConsent: readonly LeftoverSecret[];
}

/** What the credential Secret holds: enough to connect, or the client that acts with a person's consent. */
export type AliasCredential = Credential | OAuthClient;

export interface OAuthClient {
  readonly kind: 'OAuthClient';
  readonly clientId: SecretValue;
  readonly clientSecret: SecretValue;
}

export type ReadCredential =
  | { readonly kind: 'Read'; readonly credential: AliasCredential; readonly version: string }
  | { readonly kind: 'Failed'; readonly failure: Failure };

/** A Secret of the alias that its present login does not know. */
export interface LeftoverSecret extends SecretVersion {
  readonly name: string;
}

/** `<alias>-token` as it is. */
export type TokenSecret =
  | { readonly kind: 'Absent' }
  | { readonly kind: 'Foreign' }
  | {
      readonly kind: 'Present';
      readonly uid: string;
      readonly resourceVersion: string;
      /** Fingerprint of what the token in it was obtained with. */
      readonly credentialHash: string;
      /** Which login it was obtained with, as the field of spec is called. */
      readonly login: string;
      /** Undefined when it holds no usable token. */
      readonly stored: StoredToken | undefined;
    };

/** Result of obtaining a token in this pass. */
export type ConnectOutcome =
  | { readonly kind: 'NotTried' }
  /** Something that was open is decided, and what failed before matters no more. */
  | { readonly kind: 'Settled' }
  | {
      readonly kind: 'Connected';
      readonly issuedAt: string;
      readonly expiresAt: string | undefined;
      readonly grantedScopes: readonly string[] | undefined;
      readonly credentialHash: string;
      /** False when it was found in the token Secret and only status did not know it. */
      readonly isNew: boolean;
    }
  | { readonly kind: 'Failed'; readonly failure: Failure; readonly credentialHash: string };
