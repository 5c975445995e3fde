import { describe, expect, it } from 'vitest';
import { anAlias } from '../../test/support/builders.ts';
import type { ConnectionAlias, ConnectionAliasSpec } from './connection-alias.ts';
import { longestAliasChain, parentsOf, resolveAlias } from './effective-alias.ts';

const parent = named('parent', {
  pagerduty: { region: 'EU', subdomain: 'acme', endpoints: { api: 'https://api.gateway.example' } },
  appToken: { clientSecretRef: { name: 'app', clientIdKey: 'clientId', clientSecretKey: 'clientSecret' } },
  connectionName: 'Acme',
});

/** An alias with exactly this spec, besides type and suspend. */
function named(name: string, spec: Partial<ConnectionAliasSpec>): ConnectionAlias {
  return { ...anAlias({ name }), spec: { type: 'PagerDuty', suspend: false, ...spec } };
}

function child(spec: Partial<ConnectionAliasSpec>, name = 'child', of = 'parent'): ConnectionAlias {
  return named(name, { parentAliasRef: { name: of }, ...spec });
}

function resolve(alias: ConnectionAlias, others: readonly ConnectionAlias[] = [parent]): ReturnType<typeof resolveAlias> {
  return resolveAlias(alias, (name) => others.find((other) => other.metadata.name === name));
}

describe('child aliases', () => {
  it('L27: an alias without a parent is what it says', () => {
    expect(resolve(parent, [])).toEqual({ spec: parent.spec });
  });

  it('S77, S78: a child takes what it leaves out and keeps what it says, field by field', () => {
    expect(resolve(child({ pagerduty: { subdomain: 'globex' } }))).toEqual({
      spec: { ...parent.spec, pagerduty: { region: 'EU', subdomain: 'globex', endpoints: { api: 'https://api.gateway.example' } } },
    });
  });

  it('S78: a credential of its own is never mixed with the parent’s', () => {
    const apiToken = { secretRef: { name: 'key', key: 'token' } };
    const resolved = resolve(child({ apiToken }));
    expect(resolved).toMatchObject({ spec: { apiToken, pagerduty: { subdomain: 'acme' } } });
    expect('spec' in resolved && resolved.spec.appToken).toBeFalsy();
  });

  it('a suspended parent suspends its children', () => {
    expect(resolve(child({}), [{ ...parent, spec: { ...parent.spec, suspend: true } }])).toMatchObject({ spec: { suspend: true } });
  });

  it('takes from the nearest parent first, through several generations', () => {
    const middle = child({ pagerduty: { subdomain: 'middle' } }, 'middle');
    const resolved = resolve(child({}, 'child', 'middle'), [middle, parent]);
    expect(resolved).toMatchObject({ spec: { pagerduty: { region: 'EU', subdomain: 'middle' }, appToken: { clientSecretRef: { name: 'app' } } } });
    expect(parentsOf(child({}, 'child', 'middle'), (name) => [middle, parent].find((one) => one.metadata.name === name))).toEqual(['middle', 'parent']);
  });

  it('refuses a loop of parents, and ends', () => {
    const a = child({}, 'a', 'b');
    const b = child({}, 'b', 'a');
    expect(resolve(a, [a, b])).toMatchObject({ failure: { kind: 'Terminal', reason: 'ParentAliasLoop' } });
    expect(resolve(child({}, 'self', 'self'), [child({}, 'self', 'self')])).toMatchObject({ failure: { reason: 'ParentAliasLoop' } });
    expect(parentsOf(a, (name) => [a, b].find((one) => one.metadata.name === name))).toEqual(['b', 'a']);
  });

  it('refuses more generations than anybody needs', () => {
    const line = Array.from({ length: longestAliasChain + 2 }, (_, index) => child({}, `a${index}`, `a${index + 1}`));
    expect(resolve(line[0] ?? parent, line)).toMatchObject({ failure: { reason: 'ParentAliasLoop' } });
  });

  it('waits for a parent that is not there, and refuses one of another type', () => {
    expect(resolve(child({}), [])).toMatchObject({ failure: { kind: 'Waiting', reason: 'ParentAliasMissing' } });
    const other = { ...parent, spec: { ...parent.spec, type: 'Example' } };
    expect(resolve(child({}), [other])).toMatchObject({ failure: { kind: 'Terminal', reason: 'ParentAliasTypeMismatch' } });
  });
});
