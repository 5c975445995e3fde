import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditStart, claimAll, firstKey, makeChain, secondKey } from '../../test/support/audit-records.ts';
import type { AuditRecordSpec } from '../api/audit-record.ts';
import { pruneEntry } from './anchor.ts';
import { linkRecord } from './chain.ts';
import { makeSigner, type AuditSigner } from './keys.ts';
import { planPrune } from './plan-prune.ts';
import { verifyChain } from './verify-chain.ts';

const carried = { publicKeys: [] };
const given = { publicKeys: [firstKey, secondKey] };

/** The chain with the record that says that its first `count` records are pruned, all of them still there. */
function announce(chain: readonly AuditRecordSpec[], count: number, signer: AuditSigner = firstKey): AuditRecordSpec[] {
  const [last, next] = [chain[count - 1], chain[count]];
  if (last === undefined || next === undefined) throw new Error('nothing is left');
  const key = next.keyId === firstKey.id ? firstKey : secondKey;
  return [...chain, linkRecord(chain.at(-1), pruneEntry('ada', { last, next: key, count, exportSha256: 'x' }), { now: auditStart + 1e6, signer })];
}

describe('C24, D8: a chain whose beginning was pruned', () => {
  it('is intact without it, and says who pruned it and when, whatever key is believed', () => {
    const whole = announce(makeChain(8), 5);
    for (const options of [carried, given]) {
      expect(verifyChain(claimAll(whole.slice(5)), options)).toMatchObject({ intact: true, count: 4, first: { sequence: 5 }, pruned: { sequence: 8, actor: 'ada' } });
      // What the export holds, and the rest, are one whole: nothing is missing then.
      expect(verifyChain(claimAll(whole), options)).toMatchObject({ intact: true, count: 9, first: { sequence: 0 }, pruned: undefined });
    }
  });

  it('is intact when the pruning was interrupted: a part of what it names is still there', () => {
    const whole = announce(makeChain(8), 5);
    for (const deleted of [1, 3]) expect(verifyChain(claimAll(whole.slice(deleted)), carried)).toMatchObject({ intact: true, first: { sequence: deleted } });
  });

  it('is pruned again, and verified with the export of either pruning', () => {
    const once = announce(makeChain(6), 2);
    const twice = announce([...once, linkRecord(once.at(-1), { event: 'RunHeld', actor: 'operator' }, { now: auditStart + 2e6, signer: firstKey })], 4);
    expect(verifyChain(claimAll(twice.slice(4)), carried)).toMatchObject({ intact: true, first: { sequence: 4 } });
    // The export of the second pruning and the rest.
    expect(verifyChain(claimAll(twice.slice(2)), carried)).toMatchObject({ intact: true, first: { sequence: 2 } });
  });

  it('is intact where the key was changed among what was pruned, and where it is changed later', () => {
    const before = announce(makeChain(8, 3), 5, secondKey);
    expect(verifyChain(claimAll(before.slice(5)), carried)).toMatchObject({ intact: true, keyIds: [secondKey.id] });
    const after = announce(makeChain(8, 6), 4, secondKey);
    expect(verifyChain(claimAll(after.slice(4)), carried)).toMatchObject({ intact: true, keyIds: [firstKey.id, secondKey.id] });
  });

  const whole = announce(makeChain(8), 5);
  const strangers = makeSigner('a stranger');
  const forged = announce(makeChain(8), 5, strangers);
  const lied = (change: Partial<AuditRecordSpec>): AuditRecordSpec[] => {
    const chain = makeChain(8);
    const last = { ...(chain[4] as AuditRecordSpec), ...change };
    return [...chain, linkRecord(chain.at(-1), pruneEntry('ada', { last, next: firstKey, count: 5, exportSha256: 'x' }), { now: auditStart + 1e6, signer: firstKey })];
  };

  it.each<[string, AuditRecordSpec[], string]>([
    ['more is gone than was pruned', whole.slice(6), 'Gap'],
    ['there is no record of it', makeChain(8).slice(5), 'Gap'],
    ['its record was cut off', whole.slice(5, 8), 'Gap'],
    ['a record in the middle is gone', whole.toSpliced(0, 5).toSpliced(1, 1), 'Gap'],
    ['its record was signed by a stranger', forged.slice(5), 'UnknownKey'],
    ['its record was signed by a stranger in our key’s name', forged.slice(5).map((spec) => ({ ...spec, keyId: firstKey.id })), 'Signature'],
    ['its record was changed to name more', whole.slice(6).map((spec) => (spec.event === 'ChainPruned' ? { ...spec, data: spec.data?.map((pair) => (pair.key === 'prunedThrough' ? { ...pair, value: '5' } : pair)) ?? [] } : spec)), 'Link'],
    ['its record names another record of that number', lied({ hash: `sha256:${'1'.repeat(64)}` }).slice(5), 'Link'],
    ['its record names a number with another’s hash', lied({ sequence: 6 }).slice(7), 'Link'],
  ])('is broken where %s', (_what, chain, fault) => {
    for (const options of [carried, given]) expect(verifyChain(claimAll(chain), options)).toMatchObject({ intact: false, fault });
  });

  it('D8: hides no tampering: every changed character of what is left is found', () => {
    const rest = claimAll(whole.slice(5));
    for (const [index, record] of rest.entries()) {
      const text = JSON.stringify(record.spec);
      for (let at = 0; at < text.length; at += 1) {
        const changed = `${text.slice(0, at)}${text[at] === 'x' ? 'y' : 'x'}${text.slice(at + 1)}`;
        const report = verifyChain(rest.with(index, { ...record, spec: parse(changed) }), { publicKeys: [firstKey] });
        expect([index, at, report.intact]).toEqual([index, at, false]);
      }
    }
  });
});

describe('C24: what may be pruned', () => {
  const chain = makeChain(10);
  const all = { chain, exported: chain, candidates: new Set<string>(), before: auditStart + 1e9 };

  it('is all that is old and exported, but for the last record', () => {
    expect(planPrune(all)).toMatchObject({ records: chain.slice(0, 9), stay: { record: { sequence: 9 }, why: 'it is the last one' } });
    expect(planPrune({ ...all, chain: [] })).toEqual({ records: [], stay: undefined });
  });

  it.each([
    ['not old enough', { before: auditStart + 4000 }, 4, 'not old enough'],
    ['not exported', { exported: chain.slice(0, 6) }, 6, 'the export does not hold it'],
    ['exported as something else', { exported: chain.map((spec) => (spec.sequence === 3 ? { ...spec, actor: 'x' } : spec)) }, 3, 'the export does not hold it'],
    ['missing in the middle of the export', { exported: chain.toSpliced(2, 1) }, 2, 'the export does not hold it'],
    ['no record in the export', { exported: [undefined, null, 'x', {}] }, 0, 'the export does not hold it'],
    ['about a candidate that is still there', { candidates: new Set(['pagerduty-pabc']) }, 1, 'its RemovalCandidate pagerduty-pabc is still there'],
    ['of a time that is none', { chain: chain.map((spec) => (spec.sequence === 2 ? { ...spec, time: 'yesterday' } : spec)) }, 2, 'not old enough'],
  ])('ends before the first record that is %s', (_what, change, count, why) => {
    const plan = planPrune({ ...all, ...change });
    expect(plan.records).toHaveLength(count);
    expect(plan.stay?.record.sequence).toBe(count);
    expect(plan.stay?.why).toContain(why);
  });

  it('leaves, with its record, a chain that is intact, whatever is pruned', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 20 }), fc.nat(19), fc.nat(), (length, changeAt, age) => {
        const made = makeChain(length, changeAt === 0 ? undefined : changeAt);
        const { records } = planPrune({ ...all, chain: made, exported: made, before: auditStart + (age % (length + 2)) * 1000 });
        if (records.length === 0) return;
        const signer = changeAt > 0 && changeAt < length ? secondKey : firstKey;
        const announced = announce(made, records.length, signer);
        expect(verifyChain(claimAll(announced.slice(records.length)), carried)).toMatchObject({ intact: true, first: { sequence: records.length } });
        expect(verifyChain(claimAll([...records, ...announced.slice(records.length)]), carried)).toMatchObject({ intact: true, first: { sequence: 0 } });
      }),
      { seed: 24 },
    );
  });
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
