import { toFailure } from '../../api/errors.ts';
import type { StoredToken } from '../../api/token-secret.ts';
import { interruptedAttempt } from '../authorization/attempts.ts';
import { completeRedirect } from '../authorization/complete.ts';
import { checkCandidate, identify, withIdentity } from '../authorization/identify.ts';
import type { Parties } from '../authorization/parties.ts';
import { isInterrupted, listOf, makePending, rememberState } from '../authorization/pending.ts';
import type { Grant } from '../authorization/record.ts';
import { rotateGrant, saveRenewal } from '../authorization/rotate.ts';
import { emptyMailbox, makeMailbox, persist, readAuthorization, readMailbox, writeAuthorization } from '../authorization/store.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { credentialIdOf } from '../hash.ts';
import { warnOfFailure } from '../vendor-call.ts';
import { connectedOutcome } from './apply.ts';
import { credentialHash, requestedAt } from './decide-connect.ts';
import { consentScopes, decideGrantStep, decidePending, recordOf, wantsMailbox, type ConsentingInput, type GrantStep } from './decide-consent.ts';
import type { ConnectOutcome } from './input.ts';
import { writeTokenSecret } from './write-token.ts';

/** More steps than one pass can need; a bound for what a mistake can cost. */
const mostSteps = 6;

/** A pass over the consent of an alias: what it found afterwards, and what became of the token. */
export interface ConsentPass {
  readonly input: ConsentingInput;
  readonly outcome: ConnectOutcome;
}

interface Tools {
  readonly dependencies: ControllerDependencies;
  readonly signal: AbortSignal;
}

/**
 * Brings the consent of an alias up to date, a step at a time, each decided from what is stored: so that a pass may end
 * anywhere, and the next one goes on. What the vendor refuses is an outcome; a failing API server is thrown.
 */
export async function applyConsent(before: ConsentingInput, tools: Tools): Promise<ConsentPass> {
  let pass: ConsentPass = { input: await saveLeftOver(before, tools), outcome: { kind: 'NotTried' } };
  for (let count = 0; count < mostSteps; count += 1) {
    const step = decideGrantStep(pass.input, tools.dependencies.clock.now());
    if (step.kind === 'None' || step.kind === 'Wait') break;
    pass = await carryOut(step, pass, tools);
    if (pass.outcome.kind === 'Failed') break;
  }
  return { ...pass, input: await applyPending(pass.input, tools) };
}

/** A renewal that an earlier pass could not store comes before everything else. */
async function saveLeftOver(input: ConsentingInput, { dependencies }: Tools): Promise<ConsentingInput> {
  if (!dependencies.unsavedRenewals.has(input.alias.metadata.uid ?? '')) return input;
  return withSecret(input, await saveRenewal(input.alias, dependencies));
}

async function carryOut(step: Exclude<GrantStep, { kind: 'None' | 'Wait' }>, pass: ConsentPass, tools: Tools): Promise<ConsentPass> {
  const { input } = pass;
  switch (step.kind) {
    case 'DropClaim':
      return { ...pass, input: await dropClaim(input, tools) };
    case 'TakeRedirect':
      return { ...pass, input: await takeRedirect(input, tools) };
    case 'CheckCandidate':
      return askVendor(input, tools, () => checkStoredCandidates(input, tools));
    case 'Publish':
      return publish(input, step.grant, tools);
    case 'Rotate':
      return rotate(input, step.grant, tools);
    case 'Identify':
      return identifyGrant(pass, step.grant, tools);
    default:
      return step satisfies never;
  }
}

/** Whatever a replica had of a code is gone with it; a person starts again. */
async function dropClaim(input: ConsentingInput, { dependencies, signal }: Tools): Promise<ConsentingInput> {
  const { secret } = input.consent;
  if (secret.kind === 'Foreign') return input;
  const now = dependencies.clock.now();
  const claims = (recordOf(input).claims ?? []).filter((claim) => !isInterrupted(claim, now));
  const change = { claims: listOf(claims), attempt: interruptedAttempt(now) };
  return withSecret(input, await writeAuthorization(input.alias, secret, change, { client: dependencies.client, signal }));
}

/** What `saaslicense authorize` handed in is a redirect like any other; it is taken out afterwards, so that it is not lost. */
async function takeRedirect(input: ConsentingInput, { dependencies, signal }: Tools): Promise<ConsentingInput> {
  const { mailbox } = input.consent;
  if (mailbox.kind !== 'Full') return input;
  const tools = { client: dependencies.client, signal };
  await completeRedirect(input.alias, { redirect: mailbox.redirect, from: 'Mailbox', signal }, dependencies);
  await emptyMailbox(input.alias, { uid: mailbox.uid, resourceVersion: mailbox.resourceVersion }, tools);
  return { ...input, consent: { secret: await readAuthorization(input.alias, tools), mailbox: { kind: 'Empty' } } };
}

/** One that nobody can tell the account of holds up no other. Throws where none was kept, and one could not be asked for. */
async function checkStoredCandidates(input: ConsentingInput, { dependencies, signal }: Tools): Promise<ConsentingInput> {
  const failures: unknown[] = [];
  for (const candidate of recordOf(input).candidates ?? []) {
    try {
      if ((await checkCandidate(partiesOf(input), candidate, dependencies, signal)) === 'Kept') break;
    } catch (error) {
      failures.push(error);
    }
  }
  const after = withSecret(input, await readAuthorization(input.alias, { client: dependencies.client, signal }));
  if (failures.length > 0 && recordOf(after).candidates !== undefined) throw failures[0];
  return after;
}

/** The vendor's failure becomes an outcome, shown in status and waited out. */
async function askVendor(input: ConsentingInput, { signal, dependencies }: Tools, ask: () => Promise<ConsentingInput>): Promise<ConsentPass> {
  try {
    return { input: await ask(), outcome: { kind: 'Settled' } };
  } catch (error) {
    if (signal.aborted || toFailure(error).kind === 'Conflict') throw error;
    warnOfFailure(error, input.alias, dependencies.logger, 'the vendor did not tell whose the consent is');
    return { input, outcome: { kind: 'Failed', failure: toFailure(error), credentialHash: credentialHash(input) } };
  }
}

async function publish(input: ConsentingInput, grant: Grant, { dependencies, signal }: Tools): Promise<ConsentPass> {
  const { credentialHash: hash, issuedAt } = grant;
  const stored: StoredToken = {
    token: grant.accessToken,
    scheme: 'Bearer',
    scopes: grant.scopes,
    credentialId: credentialIdOf(input.alias),
    expiresAt: grant.expiresAt,
    issuedAt,
  };
  const tokenSecret = await writeTokenSecret(input, { stored, credentialHash: hash }, { client: dependencies.client, signal });
  return { input: { ...input, tokenSecret }, outcome: connectedOutcome({ stored, issuedAt, credentialHash: hash }, true) };
}

async function rotate(input: ConsentingInput, grant: Grant, { dependencies, signal }: Tools): Promise<ConsentPass> {
  const { secret } = input.consent;
  if (secret.kind !== 'Present') return { input, outcome: { kind: 'NotTried' } };
  const cause = { forRejection: input.rejection?.at, forRequest: requestedAt(input.alias) };
  const before = { ...secret, record: { ...secret.record, grant } };
  const rotation = await rotateGrant(partiesOf(input), before, cause, { dependencies, signal });
  const after = withSecret(input, rotation.secret);
  if (rotation.kind !== 'Failed') return { input: after, outcome: { kind: 'Settled' } };
  return { input: after, outcome: { kind: 'Failed', failure: rotation.failure, credentialHash: credentialHash(input) } };
}

/** The role is of use to people, not needed to work: what asking fails with is logged, and asked again with the next tokens. */
async function identifyGrant(pass: ConsentPass, grant: Grant, { dependencies, signal }: Tools): Promise<ConsentPass> {
  const { input } = pass;
  const parties = partiesOf(input);
  const identity = await identify(parties, grant, dependencies, signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    const { namespace, name } = input.alias.metadata;
    dependencies.logger.warn({ err: error, namespace, name }, 'the vendor did not tell who consented');
    return undefined;
  });
  const known = withIdentity(grant, identity);
  const secret = await persist(input.alias, (record) => (record.grant?.id === grant.id && !record.grant.isIdentified ? { grant: known } : undefined), dependencies);
  return { ...pass, input: withSecret(input, secret) };
}

/** Makes, renews or takes away what a person may authorize now, and the mailbox for a laptop. */
async function applyPending(input: ConsentingInput, { dependencies, signal }: Tools): Promise<ConsentingInput> {
  const { client, clock, createSecret } = dependencies;
  const tools = { client, signal };
  const now = clock.now();
  const step = decidePending(input, now);
  const { secret, mailbox } = input.consent;
  if (step.kind !== 'Keep' && secret.kind !== 'Foreign') {
    const record = recordOf(input);
    const scopes = consentScopes(input);
    const pending = step.kind === 'Drop' ? undefined : makePending({ aliasUid: input.alias.metadata.uid ?? '', ...step, scopes, now, createSecret });
    const handled = step.kind === 'Make' && step.request !== undefined ? { handledRequest: step.request } : {};
    const written = await writeAuthorization(input.alias, secret, { pending, used: rememberState(record, 'Expired'), ...handled }, tools);
    return openMailbox(withSecret(input, written), tools);
  }
  return mailbox.kind === 'Absent' ? openMailbox(input, tools) : input;
}

async function openMailbox(input: ConsentingInput, tools: Parameters<typeof makeMailbox>[1]): Promise<ConsentingInput> {
  const { pending } = recordOf(input);
  if (pending?.request === undefined || !wantsMailbox(input.alias, pending)) return input;
  const mailbox = await readMailbox(input.alias, tools);
  if (mailbox.kind === 'Absent') await makeMailbox(input.alias, tools);
  return { ...input, consent: { ...input.consent, mailbox: mailbox.kind === 'Absent' ? { kind: 'Empty' } : mailbox } };
}

function withSecret(input: ConsentingInput, secret: ConsentingInput['consent']['secret']): ConsentingInput {
  return { ...input, consent: { ...input.consent, secret } };
}

/** Only after `decideGrantStep` has said that nothing stands in the way. */
function partiesOf(input: ConsentingInput): Parties {
  const { alias, spec, provider, credential, account } = input;
  if (provider === undefined || spec.oauth === undefined || credential.kind === 'Failed' || credential.credential.kind !== 'OAuthClient') {
    throw new TypeError('the consent of an alias without an OAuth client was to be worked on');
  }
  const expected = account !== undefined && 'name' in account ? account.name : '';
  return { alias, spec, provider, client: credential.credential, type: spec.oauth.type, account: expected, credentialHash: credentialHash(input) };
}
