import type { Clock, Random } from '../api/clock.ts';
import type { ProcessName, ValidationCheck, VendorConfigurationRow } from '../api/integration-profile.ts';
import type { ProviderFragment } from '../api/kind.ts';
import type { ReclaimVerbs } from './reclaim.ts';
import type { SecretValue } from '../api/secret-value.ts';
import type { RoleGroup } from '../api/software-subscription.ts';

/**
 * What a SaaS vendor is to the house (design section 2, provider contract). A provider knows no
 * Kubernetes. Every verb honours the abort signal, uses the clock it is handed and fails only with an
 * OperatorError. Adding a provider is a folder beside this file and one line in `registry.ts`.
 */
export interface Provider {
  /** Value of `spec.type`. */
  readonly type: string;
  /** Value of `status.profileType`, such as "PagerDuty Subscription" (S35). */
  readonly profileType: string;
  readonly publisher: string;
  readonly product: string;
  readonly subflows: SubflowNames;
  /** Least roles and scopes per process (S3–S13). */
  readonly vendorConfiguration: readonly VendorConfigurationRow[];
  readonly fragment: ProviderFragment;
  /** Activity signals, by name, with the role groups that each can see (T3). */
  readonly signals: readonly ActivitySignal[];

  /** Scopes that the given processes and signals need, sorted, and those that are only of use when granted (S2, T6). */
  scopes(needs: ScopeNeeds): { required: string[]; optional: string[] };
  /** Checks the provider's settings; throws Terminal `InvalidSettings`. Returns a name of the account for people. */
  describeAccount(settings: unknown): string;

  /** How a person makes the credential at the vendor (S14–S26). */
  readonly guide: {
    steps(request: GuideRequest): GuideStep[];
    /** Least roles of the enabled processes: process, role that creates the app, role of the token, scopes (S19). */
    roles(request: Pick<GuideRequest, 'processes'>): string[][];
  };

  /** Obtains an access token. Makes no call that changes anything at the vendor but the token itself. */
  connect(request: ConnectRequest, context: ProviderContext): Promise<ConnectedToken>;
  /** Login with the consent of a person (S59–S63). */
  readonly consent: ConsentFlow;
  /** Calls the download and activity APIs of the given processes, one request each, and never a reclaim API (S65, S66). */
  validate(processes: readonly ProcessName[], session: Session): Promise<ValidationCheck[]>;
  /**
   * Every subscription of the account. Yields pages as they arrive; the pull is complete only when the
   * iterator ends. A truncated, inconsistent or over-limit pull throws (guard 6).
   */
  download(session: Session): AsyncIterable<DownloadPage>;
  /**
   * Activity observed by the named signals, each in its own window; the same completeness rule as `download`.
   * Every signal that was asked for ends with exactly one `SignalEnd`: complete, or not available to this
   * token (scope, role, plan: a condition, not an error). Throws Terminal `UnknownSignal`.
   */
  activity(pulls: readonly SignalPull[], session: Session): AsyncIterable<ActivityPage>;
  /** Reclaims and their undoing (design section 5). */
  readonly reclaim: ReclaimVerbs;
}

export interface ScopeNeeds {
  readonly processes: readonly ProcessName[];
  /** Activity signals that the profiles enable; they count only with PullUserActivity among the processes. */
  readonly signals: readonly string[];
  /** How the credential logs in, where its scopes have names of their own (Classic: `read`, `write`). Default: AppToken. */
  readonly login?: LoginKind;
}

/** Ways to log in, by the field of ConnectionAlias that they fill. */
export const loginKinds = ['AppToken', 'Scoped', 'Classic', 'ApiToken'] as const;
export type LoginKind = (typeof loginKinds)[number];

/** What the guide depends on. */
export interface GuideRequest {
  /** A customer account, or a developer account of the vendor (S15, S16). */
  readonly account: 'Customer' | 'Developer';
  readonly login: LoginKind;
  readonly region: string;
  readonly subdomain: string;
  readonly appName: string;
  readonly redirectURL: string | undefined;
  readonly processes: readonly ProcessName[];
  readonly signals: readonly string[];
}

export interface GuideStep {
  /** Requirement row that the step fulfils, such as S16. */
  readonly row: string;
  readonly text: string;
}

/** The vendor's side of the consent of a person. No verb is called twice with the same code or refresh token. */
export interface ConsentFlow {
  /** The address that a person opens (S59). Makes no call. Throws Terminal `InvalidSettings`. */
  authorizationUrl(request: AuthorizationRequest, settings: unknown): string;
  /**
   * The code for tokens, within its 30 seconds. Throws Terminal `CodeRejected`, `CredentialsRejected`, `RedirectURIMismatch`,
   * `ScopeNotAllowed`, and `ExchangeUnclear` when the code may be spent without an answer; after any failure the
   * person starts again.
   */
  exchange(request: CodeExchange, context: ProviderContext): Promise<ConsentGrant>;
  /**
   * New access and refresh token for a refresh token, which is then to be taken for dead. Never retried where
   * the vendor may have answered. Throws Terminal `AuthorizationRevoked` when the vendor no longer takes it, and
   * Retryable `RotationUnclear` when the vendor may have rotated and the answer was lost: the old token may be dead
   * already, and only another try tells. An abort once the request is out gives `RotationUnclear`, too; an answer
   * that has come is returned even then.
   */
  refresh(request: GrantRefresh, context: ProviderContext): Promise<ConsentGrant>;
  /** Whose token it is, by asking the vendor (S60, S61); undefined when it is nobody's, or the vendor does not tell. */
  identify(session: Session): Promise<GrantIdentity | undefined>;
  /** Processes that a person of this role cannot carry out, by the table of least roles (S60). */
  insufficientRole(role: string, processes: readonly ProcessName[]): readonly ProcessName[];
}

export type OAuthType = 'Scoped' | 'Classic';

interface OAuthClient {
  readonly type: OAuthType;
  readonly clientId: SecretValue;
  readonly redirectURL: string;
}

export interface AuthorizationRequest extends OAuthClient {
  readonly scopes: readonly string[];
  readonly state: string;
  /** S256 challenge of the verifier (base64url). */
  readonly codeChallenge: string;
}

export interface CodeExchange extends OAuthClient {
  readonly clientSecret: SecretValue;
  readonly code: SecretValue;
  readonly codeVerifier: SecretValue;
  /** Scopes that were asked for: what is granted when the reply names none (RFC 6749, 5.1). */
  readonly scopes: readonly string[];
}

export interface GrantRefresh extends OAuthClient {
  readonly clientSecret: SecretValue;
  readonly refreshToken: SecretValue;
  /** Scopes granted until now: those that stay when the reply names none (RFC 6749, 6). */
  readonly scopes: readonly string[];
}

export interface ConsentGrant extends ConnectedToken {
  readonly refreshToken: SecretValue;
  /** How long, in milliseconds, the vendor keeps an unused refresh token, and the consent as a whole (facts/pagerduty.md 1.6). */
  readonly refreshTokenLifetimeMs: number;
  readonly consentLifetimeMs: number;
  /** What the reply itself says of the account and person, when it says it. */
  readonly identity: GrantIdentity | undefined;
}

export interface GrantIdentity {
  /** Comparable with `describeAccount`, such as "acme (US)"; undefined when the vendor does not tell. */
  readonly account: string | undefined;
  readonly userId: string;
  readonly role: string | undefined;
}

/** One signal, and the window to pull of it. */
export interface SignalPull {
  readonly signal: string;
  readonly window: TimeWindow;
}

export type ActivityPage =
  | { readonly kind: 'Observations'; readonly observations: readonly ActivityObservation[] }
  | {
      readonly kind: 'SignalEnd';
      readonly signal: string;
      /**
       * `until`: when its evidence ends, milliseconds since the epoch: the window's end, or earlier where the vendor's data lags.
       * `listed`: external user ids that it looked at, everybody observed among them; of others its silence proves nothing
       * (guard 6). Undefined = everybody of the account.
       */
      readonly outcome: { readonly kind: 'Complete'; readonly until: number; readonly listed?: ReadonlySet<string> } | { readonly kind: 'Unavailable'; readonly reason: string; readonly message: string };
    };

export interface SubflowNames {
  readonly downloadSubscriptions: string;
  readonly updateUserActivity: string;
  readonly reclaimSubscription: string;
}

export interface ActivitySignal {
  readonly name: string;
  /** Role groups of whom silence means something: only they become `Never` by it (T3). Activity counts for anybody. */
  readonly sees: readonly RoleGroup[];
  /** How far back, in milliseconds, the vendor keeps what the signal reads; undefined where no end is known. */
  readonly keptForMs?: number;
}

/** What a provider is handed besides a credential. */
export interface ProviderContext {
  /** `spec[settingsKey]` of the ConnectionAlias. */
  readonly settings: unknown;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Told of every request made, retries included. */
  readonly onRequest: (request: VendorRequest) => void;
}

/** A context with an access token. Sessions with equal `credentialId` share one rate budget in a process. */
export interface Session extends ProviderContext {
  readonly token: AccessToken;
  readonly credentialId: string;
  /**
   * Asked right before each request that changes the account; false = it must not be sent any more, and counts as unsent. Undefined =
   * always. Once it has said true, the request may be under way until the verb returns.
   */
  readonly mayWrite?: () => boolean;
}

export interface AccessToken {
  readonly value: SecretValue;
  readonly scheme: TokenScheme;
  /** Scopes granted; undefined where the credential has none (an API token). */
  readonly scopes: readonly string[] | undefined;
}

/** How the value goes into the Authorization header (facts/pagerduty.md 1.1). */
export type TokenScheme = 'Bearer' | 'ApiToken';

export type Credential =
  | { readonly kind: 'AppToken'; readonly clientId: SecretValue; readonly clientSecret: SecretValue }
  | { readonly kind: 'ApiToken'; readonly token: SecretValue };

export interface ConnectRequest {
  readonly credential: Credential;
  readonly requiredScopes: readonly string[];
  readonly optionalScopes: readonly string[];
}

export interface ConnectedToken {
  readonly token: AccessToken;
  /** Milliseconds since the epoch; undefined when it does not expire. */
  readonly expiresAt: number | undefined;
}

export interface VendorRequest {
  readonly method: string;
  /** Route without ids or query, such as `/users/{id}`: a bounded label. */
  readonly route: string;
  /** HTTP status, or 0 when no answer came. */
  readonly status: number;
  readonly durationMs: number;
  /** Requests left in the vendor's window, when it says so. */
  readonly rateRemaining: number | undefined;
}

export interface TimeWindow {
  /** Milliseconds since the epoch, inclusive. */
  readonly from: number;
  /** Milliseconds since the epoch, exclusive. */
  readonly to: number;
}

export type DownloadPage =
  | { readonly kind: 'Licenses'; readonly licenses: readonly DownloadedLicense[] }
  | { readonly kind: 'LicenseData'; readonly available: boolean; readonly reason: string; readonly message: string }
  | { readonly kind: 'Subscriptions'; readonly subscriptions: readonly DownloadedSubscription[] };

export interface DownloadedLicense {
  readonly identifier: string;
  readonly name: string;
  readonly roleGroup: RoleGroup;
  readonly assigned: number;
  /** null = the vendor states no limit. */
  readonly available: number | null;
  /** Roles that it can be held with, where the vendor tells. */
  readonly validRoles?: readonly string[];
}

export interface DownloadedSubscription {
  readonly externalUserId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly role: string;
  readonly roleGroup: RoleGroup;
  readonly jobTitle?: string;
  /** Names of teams, sorted. */
  readonly teams: readonly string[];
  readonly invitationPending: boolean;
  /** The licence, where readable; otherwise the identifier is the role group (T6). */
  readonly license?: { readonly identifier: string; readonly name: string };
  /** RFC 3339 in UTC. */
  readonly assignedAt?: string;
}

export interface ActivityObservation {
  readonly externalUserId: string;
  /** Milliseconds since the epoch; never after the clock's now. */
  readonly at: number;
  readonly signal: string;
  /** Route that it came from, such as `/oncalls`. */
  readonly source: string;
}
