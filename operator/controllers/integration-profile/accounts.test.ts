import { describe, expect, it } from 'vitest';
import { anAlias, aProfile } from '../../../test/support/builders.ts';
import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { ProfilePosition } from '../../api/license-position.ts';
import { createProviders } from '../../providers/registry.ts';
import type { Stores } from '../dependencies.ts';
import { accountsOf } from './accounts.ts';

const providers = new Map(createProviders().map((provider) => [provider.type, provider]));
const counting = (name: string, alias: string) => aProfile({ name, spec: { connectionAliasRef: { name: alias } }, status: { position: {} as ProfilePosition } });

function accounts(aliases: readonly ConnectionAlias[], ...profiles: ReturnType<typeof counting>[]): object {
  // Only aliases are looked at.
  const stores = { aliases: { get: (key: string) => aliases.find(({ metadata }) => key === `team-a/${metadata.name}`) } } as Stores;
  return Object.fromEntries(accountsOf(profiles, { stores, providers }));
}

describe('the vendor account of a profile', () => {
  it('S77: is that of the settings, the parent’s where the alias has none', () => {
    const parent = anAlias({ name: 'parent' });
    const twin = anAlias({ name: 'twin' });
    const europe = anAlias({ name: 'europe', spec: { pagerduty: { region: 'EU', subdomain: 'acme' } } });
    const { pagerduty: _own, ...rest } = anAlias().spec;
    const child: ConnectionAlias = { ...anAlias({ name: 'child' }), spec: { ...rest, parentAliasRef: { name: 'parent' } } };
    expect(accounts([parent, twin, europe, child], counting('a', 'parent'), counting('b', 'twin'), counting('c', 'europe'), counting('d', 'child'))).toEqual({
      a: 'PagerDuty acme (US)',
      b: 'PagerDuty acme (US)',
      c: 'PagerDuty acme (EU)',
      d: 'PagerDuty acme (US)',
    });
  });

  it('cannot be told without an alias, a parent, settings or a provider, and is not asked for where nobody is counted', () => {
    const lost = anAlias({ name: 'lost', spec: { parentAliasRef: { name: 'gone' } } });
    const wrong = anAlias({ name: 'wrong', spec: { pagerduty: { region: 'US' } } });
    const other = aProfile({ name: 'o', spec: { type: 'Other' }, status: { position: {} as ProfilePosition } });
    const draft = aProfile({ name: 'draft', spec: { connectionAliasRef: { name: 'pagerduty' } } });
    expect(accounts([lost, wrong, anAlias()], counting('a', 'gone'), counting('b', 'lost'), counting('c', 'wrong'), other, draft)).toEqual({});
  });
});
