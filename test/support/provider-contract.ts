import { describe, expect, it } from 'vitest';
import type { Provider, Session } from '../../operator/providers/provider.ts';
import { describeConsent } from './consent-contract.ts';
import { describeReclaim } from './reclaim-contract.ts';
import { catchAny, expectNoSecret, expectUnion, gather, idsOf, pullsOf, reading, signalsOf, type ContractFault, type ContractScene, type ContractSubject } from './contract-scene.ts';
import { createSession } from './provider-session.ts';

/** Verbs that read, run to their end. */
const verbs: Readonly<Record<string, (provider: Provider, session: Session, scene: ContractScene) => Promise<unknown>>> = {
  validate: (provider, session) => provider.validate(reading, session),
  download: (provider, session) => gather(provider.download(session)),
  activity: (provider, session, scene) => gather(provider.activity(pullsOf(provider, scene), session)),
};

/** What every provider must hold to (design section 2, provider contract), whatever its vendor. */
export function describeProviderContract(name: string, subject: ContractSubject): void {
  describe(`${name}: the provider contract`, () => {
    describeTokens(subject);
    describeWholeness(subject);
    describeFaults(subject);
    describeAbort(subject);
    describeRefusals(subject);
    describe('reclaiming', () => describeReclaim(subject));
    for (const type of subject.consentTypes) describe(`with the consent of a person (${type})`, () => describeConsent(subject, type));
  });
}

interface Opened {
  readonly provider: Provider;
  readonly session: ReturnType<typeof createSession>;
}

async function connect(subject: ContractSubject, scene: ContractScene, signal?: AbortSignal): Promise<Opened> {
  const provider = subject.create();
  const { required, optional } = provider.scopes({ processes: reading, signals: signalsOf(provider) });
  const context = createSession({ settings: scene.settings, clock: scene.clock });
  const { token } = await provider.connect({ credential: scene.credential, requiredScopes: required, optionalScopes: optional }, context);
  const session = createSession({ settings: scene.settings, clock: scene.clock, ...(signal === undefined ? {} : { signal }) });
  return { provider, session: { ...session, token } };
}

function describeTokens(subject: ContractSubject): void {
  it('connects with the scopes that were required, until a time to come', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    for (const scope of provider.scopes({ processes: reading, signals: signalsOf(provider) }).required) expect(session.token.scopes ?? [scope]).toContain(scope);
    const { expiresAt } = await provider.connect({ credential: scene.credential, requiredScopes: [], optionalScopes: [] }, session);
    expect(expiresAt ?? Number.POSITIVE_INFINITY).toBeGreaterThan(scene.clock.now());
  });

  it('needs more for more processes, and nothing for none', () => {
    const provider = subject.create();
    expect(provider.scopes({ processes: [], signals: signalsOf(provider) })).toEqual({ required: [], optional: [] });
    const { required } = provider.scopes({ processes: reading, signals: signalsOf(provider) });
    expect(required).toEqual(Array.from(new Set(required)).sort());
    expect(provider.scopes({ processes: [...reading, 'ReclaimSubscription'], signals: signalsOf(provider) }).required).toEqual(expect.arrayContaining(required));
  });

  it('shows no secret when a session is printed', async () => {
    await using scene = await subject.open();
    const { session } = await connect(subject, scene);
    expectNoSecret(session, [...scene.secrets, session.token.value.reveal()]);
  });
}

function describeWholeness(subject: ContractSubject): void {
  it('downloads everybody, each once, licence data first, and again the same', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    const pages = await gather(provider.download(session));
    expect(idsOf(pages).toSorted()).toEqual(scene.personIds().toSorted());
    const kinds = pages.map((page) => page.kind);
    expect(kinds.slice(kinds.indexOf('Subscriptions')).every((kind) => kind === 'Subscriptions')).toBe(true);
    expect(kinds.filter((kind) => kind === 'LicenseData').length).toBe(1);
    expect(await gather(provider.download(session))).toEqual(pages);
  });

  it('observes activity of those who were active, never in the future, by signals of its own', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    const names = signalsOf(provider);
    const pages = await gather(provider.activity(pullsOf(provider, scene), session));
    expect(pages.flatMap((page) => (page.kind === 'SignalEnd' ? [page.signal] : [])).toSorted()).toEqual(names.toSorted());
    const seen = pages.flatMap((page) => (page.kind === 'Observations' ? page.observations : []));
    // Activity before the window is a fact as well, where a signal tells of it.
    const inside = seen.filter(({ at }) => at >= scene.window.from);
    expect(Array.from(new Set(inside.map((observation) => observation.externalUserId))).toSorted()).toEqual(scene.activeIds().toSorted());
    for (const page of pages) expect(page).not.toMatchObject({ outcome: { kind: 'Unavailable' } });
    for (const { at, signal } of seen) {
      expect(at).toBeLessThanOrEqual(scene.clock.now());
      expect(names).toContain(signal);
    }
  });

  it('guard 6: lists everybody whom a signal observed, where it tells whom it looked at', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    const pages = await gather(provider.activity(pullsOf(provider, scene), session));
    for (const page of pages) {
      if (page.kind !== 'SignalEnd' || page.outcome.kind !== 'Complete' || page.outcome.listed === undefined) continue;
      const { listed } = page.outcome;
      const observed = pages.flatMap((one) => (one.kind === 'Observations' ? one.observations : [])).filter(({ signal }) => signal === page.signal);
      expect(observed.filter(({ externalUserId }) => !listed.has(externalUserId))).toEqual([]);
      expect(scene.personIds().filter((id) => listed.has(id)).length).toBeGreaterThan(0);
    }
  });

  it('S65, S66: validates by one request for each reading process, and never writes', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    const before = scene.requests().length;
    const checks = await provider.validate([...reading, 'ReclaimSubscription'], session);
    expect(scene.requests().length - before).toBe(reading.length);
    expect(checks.map((check) => check.result).toSorted()).toEqual(['NotVerified', 'Passed', 'Passed']);
  });

  it('guard 1: makes no request that could change anything, and reports each one made', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    const before = scene.requests().length;
    for (const verb of Object.values(verbs)) await verb(provider, session, scene);
    expect(scene.requests().filter((request) => request.write)).toEqual([]);
    expect(session.requests.length).toBe(scene.requests().length - before);
  });
}

function describeFaults(subject: ContractSubject): void {
  const passing: readonly ContractFault[] = ['ServerError', 'TooManyRequests', 'Garbage', 'CutOff', 'Reset', 'RepeatedPage', 'EarlyEnd'];

  it.each(passing)('guard 6: a single %s costs a try, and nobody', async (fault) => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    scene.spoil(fault, 'Next');
    expect(Array.from(new Set(idsOf(await gather(provider.download(session))))).toSorted()).toEqual(scene.personIds().toSorted());
  });

  const lasting: readonly ContractFault[] = ['ServerError', 'TooManyRequests', 'Garbage', 'CutOff', 'Reset', 'Unauthorized'];
  for (const verb of Object.keys(verbs)) {
    it.each(lasting)(`guards 6, 7: ${verb} under lasting %s fails within the union, and keeps its secrets`, async (fault) => {
      await using scene = await subject.open();
      const { provider, session } = await connect(subject, scene);
      scene.spoil(fault, 'All');
      expectUnion(await catchAny(verbs[verb]?.(provider, session, scene)), [...scene.secrets, session.token.value.reveal()]);
    });
  }

  it.each(lasting)('guard 7: connect under lasting %s fails within the union, and keeps its secrets', async (fault) => {
    await using scene = await subject.open();
    scene.spoil(fault, 'All');
    expectUnion(await catchAny(connect(subject, scene)), scene.secrets);
  });

  it.each<ContractFault>(['RepeatedPage', 'EarlyEnd'])('guard 6: a pull under lasting %s is never taken for whole', async (fault) => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    scene.spoil(fault, 'All');
    expect(expectUnion(await catchAny(gather(provider.download(session))), scene.secrets).kind).toBe('Retryable');
  });

  it('says in a failed check what a person must mend', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    scene.spoil('Forbidden', 'All');
    const failed = (await provider.validate(reading, session)).filter((check) => check.result === 'Failed');
    expect(failed.length).toBe(reading.length);
    for (const check of failed) expect(check.message?.length).toBeGreaterThan(20);
  });
}

function describeAbort(subject: ContractSubject): void {
  for (const verb of Object.keys(verbs)) {
    it(`ends ${verb} at once when aborted, also while the vendor is silent`, async () => {
      await using scene = await subject.open();
      const stop = new AbortController();
      const { provider, session } = await connect(subject, scene, stop.signal);
      const hanging = scene.hang();
      const ended = catchAny(verbs[verb]?.(provider, session, scene));
      while (hanging() === 0) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      expectUnion(await ended, scene.secrets);
      expect(hanging()).toBe(1);
    });

    it(`asks nothing for ${verb} when aborted before`, async () => {
      await using scene = await subject.open();
      const { provider, session } = await connect(subject, scene, AbortSignal.abort());
      const before = scene.requests().length;
      expectUnion(await catchAny(verbs[verb]?.(provider, session, scene)), scene.secrets);
      expect(scene.requests().length).toBe(before);
    });
  }

  it('stops asking when the reader leaves in the middle', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    for await (const page of provider.download(session)) if (page.kind === 'Subscriptions') break;
    const after = scene.requests().length;
    // The account is free for the next one: nothing of the pull that was left is in the way.
    await provider.validate(['DownloadSubscriptions'], session);
    expect(scene.requests().length).toBeLessThanOrEqual(after + 2);
  });
}

function describeRefusals(subject: ContractSubject): void {
  it('guard 8: refuses settings that it cannot use, in every verb', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    const broken = { ...session, settings: { nonsense: true } };
    expect(await catchAny((async () => provider.describeAccount(broken.settings))())).toMatchObject({ failure: { kind: 'Terminal', reason: 'InvalidSettings' } });
    for (const verb of Object.values(verbs)) {
      expect(await catchAny(verb(provider, broken, scene))).toMatchObject({ failure: { kind: 'Terminal', reason: 'InvalidSettings' } });
    }
    expect(provider.describeAccount(scene.settings).length).toBeGreaterThan(0);
  });

  it('refuses a signal that it does not have', async () => {
    await using scene = await subject.open();
    const { provider, session } = await connect(subject, scene);
    expect(await catchAny(gather(provider.activity([{ signal: 'no such signal', window: scene.window }], session)))).toMatchObject({ failure: { kind: 'Terminal', reason: 'UnknownSignal' } });
  });
}
