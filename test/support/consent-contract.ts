import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { SecretValue } from '../../operator/api/secret-value.ts';
import type { ConsentGrant, OAuthType, Provider } from '../../operator/providers/provider.ts';
import { catchAny, expectNoSecret, expectUnion, gather, idsOf, reading, signalsOf, type ConsentScene, type ContractFault, type ContractScene, type ContractSubject } from './contract-scene.ts';
import { createSession } from './provider-session.ts';

const verifier = 'planted-code-verifier-of-at-least-forty-three-characters';
const challenge = createHash('sha256').update(verifier).digest('base64url');

interface Consenting {
  readonly provider: Provider;
  readonly scene: ConsentScene;
  readonly session: ReturnType<typeof createSession>;
  readonly scopes: readonly string[];
  readonly url: string;
}

function askForConsent(subject: ContractSubject, scene: ContractScene, type: OAuthType): Consenting {
  const provider = subject.create();
  const consent = scene.consent(type);
  const scopes = provider.scopes({ processes: reading, signals: signalsOf(provider), login: type }).required;
  const request = { ...consent.client, scopes, state: 'state-of-the-test', codeChallenge: challenge };
  const url = provider.consent.authorizationUrl(request, scene.settings);
  return { provider, scene: consent, scopes, url, session: createSession({ settings: scene.settings, clock: scene.clock }) };
}

async function redeem({ provider, scene, session, scopes }: Consenting, code: string): Promise<ConsentGrant> {
  return provider.consent.exchange({ ...scene.client, scopes, code: new SecretValue(code), codeVerifier: new SecretValue(verifier) }, session);
}

async function renew({ provider, scene, session }: Consenting, { refreshToken, token }: ConsentGrant): Promise<ConsentGrant> {
  return provider.consent.refresh({ ...scene.client, refreshToken, scopes: token.scopes ?? [] }, session);
}

async function consentCode({ scene, url }: Consenting): Promise<string> {
  return (await scene.decide(url, 'Consent')).searchParams.get('code') ?? '';
}

/** What a provider holds to where a person consents (S59–S63), whatever its vendor. */
export function describeConsent(subject: ContractSubject, type: OAuthType): void {
  describeConsentFlow(subject, type);
  describeConsentFaults(subject, type);
}

function describeConsentFlow(subject: ContractSubject, type: OAuthType): void {
  it('S59, S62, S63: leads from the address to a token, renews it, and the refresh token before is dead', async () => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const first = await redeem(consenting, await consentCode(consenting));
    const second = await renew(consenting, first);
    expect(second.refreshToken.reveal()).not.toBe(first.refreshToken.reveal());
    expect(await catchAny(renew(consenting, first))).toMatchObject({ failure: { kind: 'Terminal', reason: 'AuthorizationRevoked' } });
    for (const grant of [first, second]) {
      for (const scope of consenting.scopes) expect(grant.token.scopes).toContain(scope);
      expect(grant.expiresAt).toBeGreaterThan(scene.clock.now());
      expect(grant.refreshTokenLifetimeMs).toBeLessThan(grant.consentLifetimeMs);
      expectNoSecret(grant, [...scene.secrets, grant.token.value.reveal(), grant.refreshToken.reveal()]);
    }
  });

  it('S60, S61: tells whose token it is, in the words of describeAccount', async () => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const grant = await redeem(consenting, await consentCode(consenting));
    const { userId, role } = consenting.scene;
    const account = consenting.provider.describeAccount(scene.settings);
    expect(grant.identity).toMatchObject({ account, userId });
    expect(await consenting.provider.consent.identify({ ...consenting.session, token: grant.token })).toEqual({ account, userId, role });
    expect(consenting.provider.consent.insufficientRole(role, reading)).toEqual([]);
  });

  it('C11: lets the token do what its scopes are for', async () => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const { token } = await redeem(consenting, await consentCode(consenting));
    const session = { ...consenting.session, token };
    expect((await consenting.provider.validate(reading, session)).filter((check) => check.result === 'Failed')).toEqual([]);
    expect(idsOf(await gather(consenting.provider.download(session))).toSorted()).toEqual(scene.personIds().toSorted());
  });

  it('S62: is told of a denial, and puts no secret into the address', async () => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const back = (await consenting.scene.decide(consenting.url, 'Deny')).searchParams;
    expect([back.get('error'), back.get('state'), back.get('code')]).toEqual(['access_denied', 'state-of-the-test', null]);
    for (const secret of [consenting.scene.client.clientSecret.reveal(), verifier]) expect(consenting.url.includes(secret)).toBe(false);
  });

  it('T7: takes a code once', async () => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const code = await consentCode(consenting);
    await redeem(consenting, code);
    expect(await catchAny(redeem(consenting, code))).toMatchObject({ failure: { kind: 'Terminal', reason: 'CodeRejected' } });
  });
}

/** What the vendor may have answered, and what that makes of a code and of a refresh token. */
function describeConsentFaults(subject: ContractSubject, type: OAuthType): void {
  const unclear: readonly ContractFault[] = ['ServerError', 'Garbage', 'CutOff', 'Reset'];

  it.each(unclear)('never sends a code or refresh token again after %s, and says that the outcome is unclear', async (fault) => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const grant = await redeem(consenting, await consentCode(consenting));
    const code = await consentCode(consenting);
    scene.spoil(fault, 'All');
    const before = scene.requests().length;
    const secrets = [...scene.secrets, code, verifier, grant.refreshToken.reveal(), grant.token.value.reveal()];
    expect(expectUnion(await catchAny(redeem(consenting, code)), secrets)).toMatchObject({ kind: 'Terminal', reason: 'ExchangeUnclear' });
    expect(expectUnion(await catchAny(renew(consenting, grant)), secrets)).toMatchObject({ kind: 'Retryable', reason: 'RotationUnclear' });
    expect(scene.requests().length - before).toBe(2);
  });

  it.each<ContractFault>(['TooManyRequests', 'Unauthorized', 'Forbidden'])('guard 7: keeps its secrets under lasting %s', async (fault) => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const grant = await redeem(consenting, await consentCode(consenting));
    const code = await consentCode(consenting);
    scene.spoil(fault, 'All');
    const secrets = [...scene.secrets, code, verifier, grant.refreshToken.reveal(), grant.token.value.reveal()];
    for (const work of [redeem(consenting, code), renew(consenting, grant)]) expectUnion(await catchAny(work), secrets);
    const { provider, session } = consenting;
    if (fault !== 'Forbidden') expectUnion(await catchAny(provider.consent.identify({ ...session, token: grant.token })), secrets);
  });

  it('asks nothing when aborted before, and nothing with settings that it cannot use', async () => {
    await using scene = await subject.open();
    const consenting = askForConsent(subject, scene, type);
    const grant = await redeem(consenting, await consentCode(consenting));
    const before = scene.requests().length;
    const { provider, session } = consenting;
    const stopped = { ...consenting, session: { ...session, signal: AbortSignal.abort() } };
    const broken = { ...consenting, session: { ...session, settings: { nonsense: true } } };
    for (const work of [redeem(stopped, 'code'), renew(stopped, grant)]) expect(expectUnion(await catchAny(work), scene.secrets).kind).toBe('Retryable');
    for (const work of [redeem(broken, 'code'), renew(broken, grant), provider.consent.identify({ ...broken.session, token: grant.token })]) {
      expect(await catchAny(work)).toMatchObject({ failure: { kind: 'Terminal', reason: 'InvalidSettings' } });
    }
    expect(scene.requests().length).toBe(before);
  });
}
