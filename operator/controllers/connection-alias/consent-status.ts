import { compact } from '../../api/compact.ts';
import type { ConnectionAliasStatus } from '../../api/connection-alias.ts';
import type { Failure } from '../../api/errors.ts';
import { consentEnd } from '../authorization/grants.ts';
import { authorizationSecretName, redirectSecretName } from '../authorization/names.ts';
import { challengeOf } from '../authorization/pending.ts';
import type { AuthorizationRecord, Grant } from '../authorization/record.ts';
import { isFalse, isTrue, isUnknown, listForMessage, type ConditionPart } from '../conditions.ts';
import { tokenSecretName } from '../../api/token-secret.ts';
import { explainRefusedScopes } from './explain-scopes.ts';
import { findNeed, isExpiring, isForAccount, isPublished, recordOf, type ConsentingInput, type ConsentNeed } from './decide-consent.ts';

type AuthorizationStatus = NonNullable<ConnectionAliasStatus['authorization']>;

const longestUrl = 4096;

/** `status.authorization`: where the consent stands, and the URL to open while one is waited for (S59). */
export function authorizationStatus(input: ConsentingInput): AuthorizationStatus {
  const record = recordOf(input);
  const { grant, pending } = record;
  const url = authorizationUrl(input);
  return compact({
    state: stateOf(input, record),
    url,
    urlExpiresAt: url === undefined || pending === undefined ? undefined : isoTime(pending.expiresAt),
    authorizedAt: grant === undefined ? undefined : isoTime(grant.authorizedAt),
    endsAt: grant === undefined ? undefined : isoTime(consentEnd(grant)),
    user: grant?.userId === undefined ? undefined : compact({ id: grant.userId.slice(0, 128), role: grant.role?.slice(0, 64) }),
  });
}

/** The last attempt speaks until a consent is given; a consent that works is not called anything else for long. */
function stateOf(input: ConsentingInput, { grant, attempt }: AuthorizationRecord): AuthorizationStatus['state'] {
  if (attempt?.result === 'Denied' || attempt?.result === 'Refused') return attempt.result;
  if (attempt?.result === 'Ended') return 'Revoked';
  return grant?.refreshToken !== undefined && isForAccount(input, grant) ? 'Authorized' : 'AwaitingConsent';
}

function authorizationUrl({ provider, spec, credential, consent }: ConsentingInput): string | undefined {
  const pending = consent.secret.kind === 'Present' ? consent.secret.record.pending : undefined;
  const client = credential.kind === 'Read' && credential.credential.kind === 'OAuthClient' ? credential.credential : undefined;
  if (pending === undefined || client === undefined || provider === undefined || spec.oauth === undefined) return undefined;
  const { state, scopes, redirectURL } = pending;
  const request = { type: spec.oauth.type, clientId: client.clientId, redirectURL, scopes, state, codeChallenge: challengeOf(pending) };
  try {
    const url = provider.consent.authorizationUrl(request, spec[provider.fragment.settingsKey]);
    return url.length > longestUrl ? undefined : url;
  } catch {
    // Wrong settings have a condition of their own.
    return undefined;
  }
}

/** `status.token` and the granted scopes of a consent whose access token is in the token Secret. */
export function consentedToken(input: ConsentingInput): Pick<ConnectionAliasStatus, 'token' | 'grantedScopes'> {
  const { grant } = recordOf(input);
  const before = input.alias.status;
  if (grant === undefined) return compact({ token: before?.token, grantedScopes: before?.grantedScopes });
  const grantedScopes = listScopesForStatus(grant.scopes);
  if (!isPublished(input, grant)) return compact({ token: before?.token, grantedScopes });
  return {
    grantedScopes,
    token: compact({
      secretName: tokenSecretName(input.alias.metadata.name),
      issuedAt: isoTime(grant.issuedAt),
      expiresAt: grant.expiresAt === undefined ? undefined : isoTime(grant.expiresAt),
      handledRejection: grant.forRejection === undefined ? undefined : isoTime(grant.forRejection),
      credentialHash: grant.credentialHash,
    }),
  };
}

/** As many scopes, and as long, as the schema takes: one that is too many must not cost the whole status. */
export function listScopesForStatus(scopes: readonly string[]): string[] {
  return Array.from(new Set(scopes))
    .filter((scope) => scope.length <= 128)
    .sort()
    .slice(0, 64);
}

/** Conditions about the consent; none of them holds a time or a URL, which change by themselves. */
export function consentParts(input: ConsentingInput, now: number): ConditionPart[] {
  const foreign = foreignSecret(input);
  if (foreign !== undefined) return [isFalse('Authorized', foreign)];
  const { grant } = recordOf(input);
  return [
    authorizedPart(input, now),
    accountPart(input),
    ...(grant === undefined ? [] : [...rolePart(input, grant), ...expiringPart(grant, now)]),
  ];
}

function foreignSecret({ alias, consent }: ConsentingInput): Failure | undefined {
  const { name } = alias.metadata;
  const foreign = [
    consent.secret.kind === 'Foreign' ? authorizationSecretName(name) : undefined,
    consent.mailbox.kind === 'Foreign' ? redirectSecretName(name) : undefined,
  ].find((each) => each !== undefined);
  if (foreign === undefined) return undefined;
  const message = `Secret ${foreign} exists and is not this alias's: delete or rename it; it is never overwritten.`;
  return { kind: 'Terminal', reason: 'AuthorizationSecretNotOwned', message };
}

const howTo = (name: string): string => `open the address in status.authorization.url in a browser and consent, or run saaslicense authorize ${name}.`;

function authorizedPart(input: ConsentingInput, now: number): ConditionPart {
  const { attempt, candidates } = recordOf(input);
  const need = findNeed(input, now);
  const { name } = input.alias.metadata;
  if (need === undefined || need === 'ScopesMissing' || need === 'Expiring') {
    return isTrue('Authorized', 'Authorized', 'A person has consented; the operator renews the token by itself.');
  }
  // A consent that works is not called into question by another one, which may be a stranger's.
  if (candidates !== undefined) return isUnknown('Authorized', 'AccountNotChecked', 'A person has consented; the operator is checking for which account.');
  if (input.processes.length === 0) return isTrue('Authorized', 'NotUsed', 'No active IntegrationProfile uses this alias, so nobody need consent.');
  if (need === 'OtherAccount') return isFalse('Authorized', accountFailure(input));
  if (attempt !== undefined) return isFalse('Authorized', explainRefusedScopes(input, { kind: 'Terminal', reason: attempt.reason, message: attempt.message }));
  return isFalse('Authorized', { kind: 'Terminal', reason: 'AuthorizationRequired', message: `${needTexts[need]} ${howTo(name)}` });
}

const needTexts: Readonly<Record<Exclude<ConsentNeed, 'ScopesMissing' | 'Expiring' | 'OtherAccount'>, string>> = {
  Missing: 'A person has to consent:',
  OtherApp: 'The OAuth app is another one than was consented to; a person has to consent again:',
  Ended: 'The consent is over; a person has to consent again:',
};

/** S61: a consent of another account is not used, and its profile is not published. */
function accountPart(input: ConsentingInput): ConditionPart {
  const { grant, attempt } = recordOf(input);
  if (grant === undefined) {
    if (attempt?.result === 'Refused') return isFalse('AccountMatch', { kind: 'Terminal', reason: attempt.reason, message: attempt.message });
    return isUnknown('AccountMatch', 'NotAuthorized', 'Nobody has consented yet.');
  }
  if (!isForAccount(input, grant)) return isFalse('AccountMatch', accountFailure(input));
  if (grant.account === undefined) return isUnknown('AccountMatch', 'AccountNotTold', 'The vendor does not tell whose account the consent is for.');
  return isTrue('AccountMatch', 'AccountMatches', 'The consent is for the account that the settings name.');
}

function accountFailure({ account, alias }: ConsentingInput): Failure {
  const expected = account !== undefined && 'name' in account ? account.name : 'the one in the settings';
  return {
    kind: 'Terminal',
    reason: 'AccountMismatch',
    message: `The consent is for another account than ${expected}: correct the settings, or ${howTo(alias.metadata.name)}`,
  };
}

/** S60: what the person may do at the vendor bounds what the token may. It does not stop what works. */
function rolePart({ provider, processes }: ConsentingInput, grant: Grant): ConditionPart[] {
  if (provider === undefined || processes.length === 0) return [];
  if (grant.role === undefined) return [isUnknown('RoleSufficient', 'RoleNotTold', 'The vendor does not tell the role of the person who consented.')];
  const lacking = provider.consent.insufficientRole(grant.role, processes);
  if (lacking.length === 0) return [isTrue('RoleSufficient', 'RoleSuffices', 'The role of the person who consented suffices for the enabled processes.')];
  const message = `The role of the person who consented is too low for ${listForMessage(lacking)}: let a person with the role in the profile's status.vendorConfiguration consent, or turn the process off.`;
  return [{ type: 'RoleSufficient', status: 'False', reason: 'RoleTooLow', message }];
}

function expiringPart(grant: Grant, now: number): ConditionPart[] {
  if (!isExpiring(grant, now)) return [];
  const message = 'The consent ends within four weeks, see status.authorization.endsAt: open status.authorization.url and consent again; until then nothing changes.';
  return [isTrue('AuthorizationExpiring', 'AuthorizationExpiring', message)];
}

/** Scopes that a new process needs and the consent does not cover; what was granted goes on being used. */
export function scopesFailure(missing: readonly string[]): Failure {
  return {
    kind: 'Terminal',
    reason: 'ScopesMissing',
    message: `The consent does not cover ${listForMessage(missing)}: allow them for the app at the vendor, then open status.authorization.url and consent again. What was granted goes on being used.`,
  };
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
