import { describe, expect, it } from 'vitest';
import { anAliasInput, aTokenSecret, connectedAlias, now } from '../../../test/support/alias-fixtures.ts';
import { anAlias } from '../../../test/support/builders.ts';
import { aConsentInput, aGrant, published } from '../../../test/support/consent-fixtures.ts';
import { decideConnect, findObstacle } from './decide-connect.ts';
import { decideGrantStep } from './decide-consent.ts';
import { decideStatus } from './decide-status.ts';
import { decideTokenRemoval } from './leftover-secrets.ts';

const suspended = { alias: anAlias({ spec: { suspend: true } }) };

describe('S2: whether the token Secret is kept', () => {
  it('is kept while a profile uses the alias, also when the credential cannot be read or a parent is missing', () => {
    const failure = { kind: 'Waiting', reason: 'SecretMissing', message: 'gone', retryAfterMs: 1 } as const;
    for (const change of [{}, { credential: { kind: 'Failed', failure } as const }, { parentFailure: failure, spec: { ...anAlias().spec, appToken: undefined } }]) {
      expect(decideTokenRemoval(connectedAlias(change), now)).toEqual({ kind: 'Keep' });
    }
  });

  it.each([
    ['no profile uses the alias', { processes: [] }],
    ['the alias is suspended', suspended],
    ['a parent is suspended', { spec: { ...anAlias().spec, suspend: true } }],
    ['the alias is suspended while its parents cannot be followed', { ...suspended, parentFailure: { kind: 'Terminal', reason: 'ParentAliasLoop', message: 'loop' } as const }],
  ])('goes when %s, and the alias is Ready without one', (_why, change) => {
    const input = connectedAlias(change);
    expect(decideTokenRemoval(input, now)).toMatchObject({ kind: 'Remove' });
    const after = { ...input, tokenSecret: { kind: 'Absent' as const }, alias: { ...input.alias, status: { ...input.alias.status, token: undefined } } };
    expect(decideTokenRemoval(after, now)).toEqual({ kind: 'Keep' });
    if ('parentFailure' in change) return;
    const { status, conditions } = decideStatus(after, decideConnect(after, now), { kind: 'NotTried' }, now);
    expect(status.token).toBeUndefined();
    expect(conditions.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'True', message: expect.stringContaining('requests and keeps no token') as string });
  });

  it('never asks the vendor more often than before: a token younger than half a minute is kept until then', () => {
    const young = connectedAlias(suspended, { issuedAt: now - 1000 });
    expect(decideTokenRemoval(young, now)).toEqual({ kind: 'Wait', ms: 29_000 });
    expect(decideTokenRemoval(young, now + 29_000)).toMatchObject({ kind: 'Remove' });
    // Nobody knows how old a Secret is whose content was broken by hand.
    const broken = { ...aTokenSecret('h'), stored: undefined } as ReturnType<typeof aTokenSecret>;
    expect(decideTokenRemoval(anAliasInput({ ...suspended, tokenSecret: broken }), now)).toMatchObject({ kind: 'Remove' });
  });

  it('goes at once when the alias’s login was changed', () => {
    const switched = { ...aConsentInput(), tokenSecret: aTokenSecret('h', {}, 'appToken') };
    expect(decideTokenRemoval(switched, now)).toMatchObject({ kind: 'Remove', why: 'the alias’s login was changed' });
  });

  it('goes with a consent for another account, and not with one whose record was lost', () => {
    const other = aGrant({ account: 'globex (US)' });
    expect(decideTokenRemoval(published(aConsentInput({ grant: other }), other), now)).toMatchObject({ kind: 'Remove' });
    expect(decideTokenRemoval(published(aConsentInput(), aGrant()), now)).toEqual({ kind: 'Keep' });
  });

  it('is somebody else’s: never deleted', () => {
    expect(decideTokenRemoval(anAliasInput({ ...suspended, tokenSecret: { kind: 'Foreign' } }), now)).toEqual({ kind: 'Keep' });
  });

  it('is not made anew while it is not wanted: a consent is kept and not published', () => {
    const grant = aGrant();
    for (const change of [suspended, { processes: [] }]) {
      const input = aConsentInput({ grant }, change);
      expect(findObstacle(input, now)).toEqual({ kind: 'Keep' });
      expect(decideGrantStep(input, now)).toEqual({ kind: 'None' });
    }
    expect(decideGrantStep(aConsentInput({ grant }), now)).toMatchObject({ kind: 'Publish' });
  });
});
