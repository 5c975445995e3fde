import type { ConnectionAlias } from '../../api/connection-alias.ts';
import { OperatorError, toFailure } from '../../api/errors.ts';
import type { SecretValue } from '../../api/secret-value.ts';
import type { ConsentGrant } from '../../providers/provider.ts';
import { callVendor, providerContext, warnOfFailure } from '../vendor-call.ts';
import { deniedAttempt, failedAtVendor, failedAttempt, refusedAttempt } from './attempts.ts';
import { newGrant } from './grants.ts';
import { checkCandidate } from './identify.ts';
import { describeApp, isExpectedAccount, readParties, type AuthorizationDependencies, type Parties } from './parties.ts';
import { judgeState, rememberState, type StateVerdict } from './pending.ts';
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
/** Codes without a state that may fail before the URL is made anew; PKCE refuses those that are not ours. */
const maxStatelessAttempts = 5;

/**
 * Takes a redirect to its end: claims its state, exchanges the code, checks the account and stores the tokens before
 * anything uses them (S62, S63, T7). Safe on every replica at once: of any number of calls with one state exactly one
 * exchanges. Without a state (facts/pagerduty.md 11) the alias's pending one is meant, and a code that does not fit its verifier
 * leaves the URL usable. Never throws for what the vendor or a person does; `signal` ends it at the hard end only.
 */
export async function completeRedirect(
  alias: ConnectionAlias,
  redirect: Redirect,
  dependencies: AuthorizationDependencies,
  signal: AbortSignal,
): Promise<Completion> {
  try {
    const seen = await readAuthorization(alias, { client: dependencies.client, signal });
    const verdict = judge(seen.kind === 'Present' ? seen.record : {}, redirect, dependencies.clock.now());
    if (verdict.kind !== 'Open') return { kind: verdict.kind, alias };
    if (isUnproven(redirect)) return { kind: redirect.error === 'access_denied' ? 'Denied' : 'Unknown', alias };
    const parties = await readParties(alias, dependencies, signal);
    return await new Completing(parties, redirect, dependencies, signal).run();
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
  // Without a state the pending one stays until its code has been taken; meanwhile another code is a second click.
  if (state === undefined && record.claim !== undefined) return { kind: 'Replayed' };
  const meant = state ?? record.pending?.state;
  return meant === undefined ? { kind: 'Unknown' } : judgeState(record, meant, now);
}

/** One redirect on its way. */
class Completing {
  readonly #parties: Parties;
  readonly #redirect: Redirect;
  readonly #dependencies: AuthorizationDependencies;
  readonly #signal: AbortSignal;
  /** Marks the claim and the grant as this call's. */
  readonly #id: string;

  constructor(parties: Parties, redirect: Redirect, dependencies: AuthorizationDependencies, signal: AbortSignal) {
    this.#parties = parties;
    this.#redirect = redirect;
    this.#dependencies = dependencies;
    this.#signal = signal;
    this.#id = dependencies.createSecret();
  }

  async run(): Promise<Completion> {
    const verdict = await this.#claim();
    if (verdict.kind !== 'Open') return this.#end(verdict.kind);
    const { error, code } = this.#redirect;
    const now = this.#dependencies.clock.now();
    if (error === 'access_denied') return this.#fail('Denied', deniedAttempt(now));
    if (error !== undefined || code === undefined) return this.#fail('Failed', failedAtVendor(now));
    const obtained = await this.#exchange(verdict.pending, code);
    return 'kind' in obtained ? obtained : this.#keep(obtained);
  }

  /** One write under the version that was read: whoever loses the race finds the state used. */
  async #claim(): Promise<StateVerdict> {
    const { clock, identity } = this.#dependencies;
    let verdict: StateVerdict = { kind: 'Unknown' };
    await persist(
      this.#parties.alias,
      (record) => {
        // A reply that was lost: the claim is ours already.
        if (record.claim?.id === this.#id) return undefined;
        verdict = judge(record, this.#redirect, clock.now());
        if (verdict.kind !== 'Open') return undefined;
        const claim = { id: this.#id, startedAt: clock.now(), by: identity };
        return this.#redirect.state === undefined ? { claim } : { claim, ...useUp(record) };
      },
      { ...this.#dependencies, forMs: claimForMs },
    );
    return verdict;
  }

  async #exchange(pending: Pending, code: SecretValue): Promise<ConsentGrant | Completion> {
    const { provider, spec, client, type } = this.#parties;
    const { redirectURL, scopes, codeVerifier } = pending;
    const request = { type, clientId: client.clientId, clientSecret: client.clientSecret, redirectURL, scopes, code, codeVerifier };
    const context = providerContext(provider, spec, this.#dependencies);
    try {
      return await callVendor(this.#signal, (signal) => provider.consent.exchange(request, { ...context, signal }));
    } catch (error) {
      return this.#explainExchange(error, pending);
    }
  }

  async #explainExchange(error: unknown, pending: Pending): Promise<Completion> {
    const failure = toFailure(error);
    const { logger, clock } = this.#dependencies;
    warnOfFailure(error, this.#parties.alias, logger, 'the vendor gave no tokens for a code');
    const isForeign = this.#redirect.state === undefined && failure.reason === 'CodeRejected';
    if (isForeign && pending.attempts + 1 < maxStatelessAttempts) {
      // A code of somebody else's browser: the address that the person has open stays good.
      await this.#settle(() => ({ pending: { ...pending, attempts: pending.attempts + 1 } }));
      return this.#end('Unknown');
    }
    const isAnswered = failure.kind === 'Terminal' && failure.reason !== 'ExchangeUnclear';
    return this.#fail(isAnswered ? 'Failed' : 'VendorUnavailable', failedAttempt(failure, clock.now()));
  }

  async #keep(obtained: ConsentGrant): Promise<Completion> {
    const { account, credentialHash, type, client } = this.#parties;
    const told = obtained.identity?.account;
    const now = this.#dependencies.clock.now();
    if (!isExpectedAccount(told, account)) return this.#fail('AccountMismatch', refusedAttempt(account, now));
    const grant = newGrant({ id: this.#id, obtained, askedAt: now, credentialHash }, { app: describeApp(type, client), givenFor: account });
    if (told !== undefined) {
      await this.#settle((record) => ({ ...useUp(record), grant, candidate: undefined, rotation: undefined, attempt: undefined }));
      return this.#end('Authorized');
    }
    await this.#settle((record) => ({ ...useUp(record), candidate: grant }));
    return this.#end(await this.#check(grant));
  }

  async #check(candidate: Parameters<typeof checkCandidate>[1]): Promise<Completion['kind']> {
    try {
      const outcome = await checkCandidate(this.#parties, candidate, this.#dependencies, this.#signal);
      return outcome === 'Kept' ? 'Authorized' : 'AccountMismatch';
    } catch {
      // The leader asks again: what is stored is not used before.
      return 'Checking';
    }
  }

  async #fail(kind: Completion['kind'], attempt: Attempt): Promise<Completion> {
    await this.#settle((record) => ({ ...useUp(record), attempt }));
    return this.#end(kind);
  }

  /** The end of the claim, with what came of it. */
  async #settle(decide: (record: AuthorizationRecord) => RecordChange): Promise<void> {
    let isSettled = false;
    const stored = await persist(
      this.#parties.alias,
      (record) => {
        const isOurs = record.claim?.id === this.#id;
        if (isSettled && !isOurs) return undefined;
        isSettled = true;
        return { ...decide(record), ...(isOurs || record.claim === undefined ? { claim: undefined } : {}) };
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

/** The state is spent; a pending one that has taken its place is not there while a claim is. */
function useUp(record: AuthorizationRecord): RecordChange {
  return record.pending === undefined ? {} : { pending: undefined, used: rememberState(record, 'Used') };
}
