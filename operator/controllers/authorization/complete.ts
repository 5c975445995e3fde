import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { OperatorError, toFailure } from '../../api/errors.ts';
import type { SecretValue } from '../../api/secret-value.ts';
import type { ConsentGrant } from '../../providers/provider.ts';
import { callVendor, providerContext, warnOfFailure } from '../vendor-call.ts';
import { deniedAttempt, failedAtVendor, failedAttempt, refusedAttempt } from './attempts.ts';
import { newGrant } from './grants.ts';
import { sha256 } from '../../api/sha256.ts';
import { checkCandidate, inUse } from './identify.ts';
import { describeApp, isExpectedAccount, readParties, type AuthorizationDependencies, type Parties } from './parties.ts';
import { judgeState, listOf, spend, withClaim, type StateVerdict } from './pending.ts';
import type { Attempt, AuthorizationRecord, Pending, RecordChange, Redirect } from './record.ts';
import { persist, readAuthorization } from './store.ts';

/** How a redirect ended, for the page that a person sees and for the log. */
export interface Completion {
  readonly kind:
    | 'Authorized'
    /** The tokens are stored, and whose they are is still to be asked. */
    | 'Checking'
    | 'Denied'
    | 'AccountMismatch'
    | 'Expired'
    | 'Replayed'
    | 'Unknown'
    | 'Failed'
    | 'AliasGone'
    | 'VendorUnavailable'
    | 'NotStored';
  readonly alias?: ConnectionAlias;
  /** Account that was expected. */
  readonly account?: string;
}

/** The code lives 30 seconds: less than that for winning the claim. */
const claimForMs = 8_000;
/** Tokens that wait for their account to be told; more consents at a time are a stranger's. */
const mostCandidates = 4;

/** One redirect on its way. */
export interface RedirectCall {
  readonly redirect: Redirect;
  /** A browser may bring anything. What comes through the mailbox is of somebody who may write into it, so it may end the attempt. */
  readonly from: 'Browser' | 'Mailbox';
  /** Ends it at the hard end only. */
  readonly signal: AbortSignal;
}

/**
 * Takes a redirect to its end: claims its code, exchanges it, checks the account and stores the tokens before anything uses them (S62,
 * S63, T7). Safe on every replica at once: of any number of calls with one code exactly one exchanges, and of any number of consents
 * with one state one is kept. Only that spends the state: whoever knows it may send codes, refusals and consents for other accounts, and
 * the person who comes back is taken all the same (guard 12; docs/decisions/0015-time-and-strangers.md). Without a state
 * (facts/pagerduty.md 11) the alias's pending one is meant. Never throws for what the vendor or a person does.
 */
export async function completeRedirect(alias: ConnectionAlias, call: RedirectCall, dependencies: AuthorizationDependencies): Promise<Completion> {
  const { redirect, signal } = call;
  try {
    const seen = await readAuthorization(alias, { client: dependencies.client, signal });
    const verdict = judge(seen.kind === 'Present' ? seen.record : {}, redirect, dependencies.clock.now());
    if (verdict.kind !== 'Open') return { kind: verdict.kind, alias };
    if (isUnproven(redirect)) return { kind: redirect.error === 'access_denied' ? 'Denied' : 'Unknown', alias };
    const parties = await readParties(alias, dependencies, signal);
    return await new Completing(parties, call, dependencies).run();
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: explainFailure(error, alias, dependencies), alias };
  }
}

/** A refusal that anybody could have made up: a page answers it, and the address that the person has open stays good. */
function isUnproven({ state, code }: Redirect): boolean {
  return state === undefined && code === undefined;
}

function explainFailure(error: unknown, alias: ConnectionAlias, { logger }: AuthorizationDependencies): Completion['kind'] {
  warnOfFailure(error, alias, logger, 'a redirect could not be completed');
  const { kind, reason } = toFailure(error);
  if (reason === 'AliasGone') return 'AliasGone';
  return kind === 'Terminal' ? 'Failed' : 'NotStored';
}

function judge(record: AuthorizationRecord, { state }: Redirect, now: number): StateVerdict {
  const meant = state ?? record.pending?.state;
  return meant === undefined ? { kind: 'Unknown' } : judgeState(record, meant, now);
}

class Completing {
  readonly #parties: Parties;
  readonly #call: RedirectCall;
  readonly #dependencies: AuthorizationDependencies;
  /** Marks the claim and the grant as this call's. */
  readonly #id: string;

  constructor(parties: Parties, call: RedirectCall, dependencies: AuthorizationDependencies) {
    this.#parties = parties;
    this.#call = call;
    this.#dependencies = dependencies;
    this.#id = dependencies.createSecret();
  }

  async run(): Promise<Completion> {
    const { error, code } = this.#call.redirect;
    const now = this.#dependencies.clock.now();
    if (error === 'access_denied') return this.#fail('Denied', deniedAttempt(now));
    if (error !== undefined || code === undefined) return this.#fail('Failed', failedAtVendor(now));
    const verdict = await this.#claim(code);
    if (verdict.kind !== 'Open') return this.#end(verdict.kind);
    const obtained = await this.#exchange(verdict.pending, code);
    return 'kind' in obtained ? obtained : this.#keep(obtained, verdict.pending);
  }

  /** One write under the version that was read: of two with one code one wins. */
  async #claim(code: SecretValue): Promise<StateVerdict> {
    const { clock, identity } = this.#dependencies;
    const claim = { id: this.#id, code: sha256(code.reveal()), startedAt: clock.now(), by: identity };
    let verdict: StateVerdict = { kind: 'Unknown' };
    await persist(
      this.#parties.alias,
      (record) => {
        // A reply that was lost: the claim is ours already.
        if (this.#isClaimed(record)) return undefined;
        verdict = judge(record, this.#call.redirect, clock.now());
        if (verdict.kind !== 'Open') return undefined;
        const claims = withClaim(record, claim);
        if (claims === undefined) verdict = { kind: 'Replayed' };
        return claims === undefined ? undefined : { claims };
      },
      { ...this.#dependencies, forMs: claimForMs },
    );
    return verdict;
  }

  #isClaimed({ claims = [] }: AuthorizationRecord): boolean {
    return claims.some(({ id }) => id === this.#id);
  }

  async #exchange(pending: Pending, code: SecretValue): Promise<ConsentGrant | Completion> {
    const { provider, spec, client, type } = this.#parties;
    const { redirectURL, scopes, codeVerifier } = pending;
    const request = { type, clientId: client.clientId, clientSecret: client.clientSecret, redirectURL, scopes, code, codeVerifier };
    const context = providerContext(provider, spec, this.#dependencies);
    try {
      return await callVendor(this.#call.signal, (signal) => provider.consent.exchange(request, { ...context, signal }));
    } catch (error) {
      return this.#explainExchange(error);
    }
  }

  async #explainExchange(error: unknown): Promise<Completion> {
    const failure = toFailure(error);
    const { logger, clock } = this.#dependencies;
    warnOfFailure(error, this.#parties.alias, logger, 'the vendor gave no tokens for a code');
    if (this.#call.redirect.state === undefined && failure.reason === 'CodeRejected') {
      // A code of somebody else's browser, which has not even the state.
      await this.#settle(() => ({}));
      return this.#end('Unknown');
    }
    const isAnswered = failure.kind === 'Terminal' && failure.reason !== 'ExchangeUnclear';
    return this.#fail(isAnswered ? 'Failed' : 'VendorUnavailable', failedAttempt(failure, clock.now()));
  }

  async #keep(obtained: ConsentGrant, pending: Pending): Promise<Completion> {
    const { account, credentialHash, type, client } = this.#parties;
    const told = obtained.identity?.account;
    const now = this.#dependencies.clock.now();
    if (!isExpectedAccount(told, account)) return this.#fail('AccountMismatch', refusedAttempt(account, now));
    const grant = newGrant({ id: this.#id, obtained, askedAt: now, credentialHash }, { app: describeApp(type, client), givenFor: account });
    let isFirst = true;
    const keep = (change: (record: AuthorizationRecord) => RecordChange) => (record: AuthorizationRecord): RecordChange => {
      isFirst = record.pending?.state === pending.state;
      return isFirst ? change(record) : {};
    };
    if (told !== undefined) {
      await this.#settle(keep((record) => ({ ...spend(record), ...inUse(grant) })));
      return this.#end(isFirst ? 'Authorized' : 'Replayed');
    }
    await this.#settle(keep((record) => ({ ...this.#spendHandedIn(record), candidates: [...(record.candidates ?? []), grant].slice(-mostCandidates) })));
    return this.#end(isFirst ? await this.#check(grant) : 'Replayed');
  }

  async #check(candidate: Parameters<typeof checkCandidate>[1]): Promise<Completion['kind']> {
    try {
      const outcome = await checkCandidate(this.#parties, candidate, this.#dependencies, this.#call.signal);
      if (outcome === 'Kept') return 'Authorized';
      return outcome === 'Refused' ? 'AccountMismatch' : 'Replayed';
    } catch {
      // The leader asks again: what is stored is not used before.
      return 'Checking';
    }
  }

  async #fail(kind: Completion['kind'], attempt: Attempt): Promise<Completion> {
    await this.#settle((record) => ({ ...this.#spendHandedIn(record), ...(isSameAttempt(record.attempt, attempt) ? {} : { attempt }) }));
    return this.#end(kind);
  }

  /** Whoever handed it in waits for the end of the attempt, and for another address. */
  #spendHandedIn(record: AuthorizationRecord): RecordChange {
    const { from, redirect } = this.#call;
    return from === 'Mailbox' && record.pending?.state === redirect.state ? spend(record) : {};
  }

  /** The end of the claim, if there is one, with what came of it. */
  async #settle(decide: (record: AuthorizationRecord) => RecordChange): Promise<void> {
    let isSettled = false;
    const stored = await persist(
      this.#parties.alias,
      (record) => {
        const isOurs = this.#isClaimed(record);
        if (isSettled && !isOurs) return undefined;
        isSettled = true;
        const change = { ...decide(record), ...(isOurs ? { claims: listOf((record.claims ?? []).filter(({ id }) => id !== this.#id)) } : {}) };
        return Object.keys(change).length === 0 ? undefined : change;
      },
      this.#dependencies,
    );
    if (stored.kind !== 'Present') throw new OperatorError({ kind: 'Terminal', reason: 'AliasGone', message: 'The ConnectionAlias is gone.' });
  }

  #end(kind: Completion['kind']): Completion {
    const { alias, account } = this.#parties;
    this.#dependencies.logger.info({ namespace: alias.metadata.namespace, name: alias.metadata.name, result: kind }, 'a redirect was answered');
    return { kind, alias, account };
  }
}

/** Said once: a stranger who repeats himself causes no write. */
function isSameAttempt(known: Attempt | undefined, { result, reason, message }: Attempt): boolean {
  return known !== undefined && known.result === result && known.reason === reason && known.message === message;
}
