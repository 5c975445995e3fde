import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import type { ProcessName } from '../../api/integration-profile.ts';
import type { Credential, Provider } from '../../providers/provider.ts';

/** Everything that decisions about a ConnectionAlias are made from: plain data, read in this pass. */
export interface AliasInput {
  readonly alias: ConnectionAlias;
  readonly provider: Provider | undefined;
  /** Account named by the settings, or why the settings are refused. */
  readonly account: { readonly name: string } | { readonly failure: Failure } | undefined;
  readonly credential: ReadCredential;
  readonly tokenSecret: TokenSecret;
  /** Processes that the profiles using this alias have enabled; empty when no profile uses it. */
  readonly processes: readonly ProcessName[];
  /** Activity signals that those profiles have enabled. */
  readonly signals: readonly string[];
  /** When the vendor last rejected the access token in the hands of a profile; milliseconds since the epoch. */
  readonly rejectedAt: number | undefined;
}

export type ReadCredential =
  | { readonly kind: 'Read'; readonly credential: Credential; readonly version: string }
  | { readonly kind: 'Failed'; readonly failure: Failure };

/** What is known of `<alias>-token` without its value. */
export type TokenSecret =
  | { readonly kind: 'Absent' }
  | { readonly kind: 'Foreign' }
  | { readonly kind: 'Present'; readonly credentialHash: string; readonly complete: boolean };

/** Result of asking the vendor for a token in this pass. */
export type ConnectOutcome =
  | { readonly kind: 'NotTried' }
  | {
      readonly kind: 'Connected';
      readonly issuedAt: string;
      readonly expiresAt: string | undefined;
      readonly grantedScopes: readonly string[] | undefined;
      readonly credentialHash: string;
    }
  | { readonly kind: 'Failed'; readonly failure: Failure; readonly credentialHash: string };
