import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditStart, claimAll, firstKey, handOverTo, makeChain, secondKey } from '../../test/support/audit-records.ts';
import type { AuditRecordSpec } from '../api/audit-record.ts';
import { chainStart, hashRecord, linkRecord, recordName } from './chain.ts';
import { makeSigner, readPublicKey, writePublicKey } from './keys.ts';
import { verifyChain, type ClaimedRecord, type VerifyOptions } from './verify-chain.ts';

const given: VerifyOptions = { publicKeys: [firstKey] };
const verify = (records: readonly ClaimedRecord[], options: VerifyOptions = given) => verifyChain(records, options);

/** The chain with one of its records replaced. */
function withSpec(specs: readonly AuditRecordSpec[], index: number, change: (spec: AuditRecordSpec) => object): ClaimedRecord[] {
  return claimAll(specs).map((record, at) => (at === index ? { ...record, spec: change(specs[at] as AuditRecordSpec) } : record));
}

describe('an unbroken chain', () => {
  it('C24, D8: is intact, and tells its ends and its key', () => {
    const specs = makeChain(6);
    expect(specs[0]?.previous).toBe(chainStart);
    expect(verify(claimAll(specs))).toMatchObject({ intact: true, count: 6, first: { sequence: 0 }, last: { sequence: 5, hash: specs[5]?.hash }, keyIds: [firstKey.id], trust: 'Given' });
  });

  it('D8: is intact by the key that it carries, and says that this is weaker', () => {
    expect(verify(claimAll(makeChain(3)), { publicKeys: [] })).toMatchObject({ intact: true, trust: 'Carried' });
  });

  it('D8: goes on with a second key after the first has signed which one it is', () => {
    expect(verify(claimAll(makeChain(6, 3)))).toMatchObject({ intact: true, keyIds: [firstKey.id, secondKey.id] });
  });

  it('D8: is verified in part only when that is allowed', () => {
    const part = claimAll(makeChain(6)).slice(3);
    expect(verify(part)).toMatchObject({ intact: false, fault: 'Gap', record: recordName(3), position: 1 });
    expect(verify(part, { ...given, allowsPartial: true })).toMatchObject({ intact: true, count: 3, first: { sequence: 3 } });
  });

  it('D8: shows a cut-off end to whoever kept the head', () => {
    const specs = makeChain(6);
    const head = specs[5]?.hash ?? '';
    expect(verify(claimAll(specs), { ...given, head })).toMatchObject({ intact: true });
    expect(verify(claimAll(specs.slice(0, 5)), { ...given, head })).toMatchObject({ intact: false, fault: 'Head', record: undefined });
  });

  it('D8: no record at all proves nothing', () => {
    expect(verify([])).toMatchObject({ intact: false, fault: 'Empty' });
  });

  it('the time never goes back, whatever the clock says', () => {
    const first = linkRecord(undefined, { event: 'RunHeld', actor: 'operator' }, { now: auditStart, signer: firstKey });
    const next = linkRecord(first, { event: 'RunHeld', actor: 'operator' }, { now: auditStart - 60_000, signer: firstKey });
    expect(next.time).toBe(first.time);
  });

  it('the order of keys and of data does not count', () => {
    const [, spec] = makeChain(2) as [AuditRecordSpec, AuditRecordSpec];
    const turned = Object.fromEntries(Object.entries({ ...spec, data: spec.data?.toReversed() }).toReversed());
    expect(verify([...claimAll(makeChain(1)), { name: recordName(1), spec: turned }])).toMatchObject({ intact: true });
  });
});

describe('a chain that was tampered with names the first bad record', () => {
  const specs = makeChain(8);
  const strangers = makeSigner('a stranger');
  const resign = (spec: AuditRecordSpec, signer = strangers): AuditRecordSpec => {
    const { hash: _hash, keyId: _keyId, signature: _signature, ...content } = spec;
    const forged = linkRecord({ sequence: spec.sequence - 1, time: spec.time, hash: spec.previous }, { event: spec.event, actor: spec.actor }, { now: 0, signer });
    return { ...content, hash: hashRecord(content), keyId: signer.id, signature: forged.signature };
  };

  it.each<[string, ClaimedRecord[], { fault: string; record: string }]>([
    ['a value that was changed', withSpec(specs, 3, (spec) => ({ ...spec, actor: 'somebody else' })), { fault: 'Hash', record: recordName(3) }],
    ['a field that was taken out', withSpec(specs, 4, ({ candidate: _candidate, ...spec }) => spec), { fault: 'Hash', record: recordName(4) }],
    ['a field that was added', withSpec(specs, 4, (spec) => ({ ...spec, approvedBy: 'the boss' })), { fault: 'Malformed', record: recordName(4) }],
    ['something added to its data', withSpec(specs, 4, (spec) => ({ ...spec, data: spec.data?.map((pair) => ({ ...pair, note: 'x' })) ?? [{ key: 'a', value: 'b', note: 'x' }] })), { fault: 'Malformed', record: recordName(4) }],
    ['a removed record', claimAll(specs).toSpliced(3, 1), { fault: 'Gap', record: recordName(4) }],
    ['several removed records', claimAll(specs).toSpliced(3, 3), { fault: 'Gap', record: recordName(6) }],
    ['a removed beginning', claimAll(specs).slice(1), { fault: 'Gap', record: recordName(1) }],
    ['a record twice', claimAll(specs).toSpliced(4, 0, ...claimAll(specs).slice(3, 4)), { fault: 'Duplicate', record: recordName(3) }],
    ['two that changed places', claimAll([specs[0], specs[2], specs[1]] as AuditRecordSpec[]), { fault: 'Gap', record: recordName(2) }],
    ['one that comes late', claimAll([specs[0], specs[1], specs[2], specs[1]] as AuditRecordSpec[]), { fault: 'Order', record: recordName(1) }],
    ['another name', claimAll(specs).map((record, at) => (at === 2 ? { ...record, name: recordName(9) } : record)), { fault: 'Name', record: recordName(9) }],
    ['a record with a hash made anew, and its old signature', withSpec(specs, 3, (spec) => ({ ...spec, actor: 'x', hash: hashRecord({ ...withoutProof(spec), actor: 'x' }) })), { fault: 'Signature', record: recordName(3) }],
    ['a record signed by a stranger', withSpec(specs, 3, (spec) => resign(spec)), { fault: 'UnknownKey', record: recordName(3) }],
    ['a stranger’s signature under our key’s name', withSpec(specs, 3, (spec) => ({ ...resign(spec), keyId: firstKey.id })), { fault: 'Signature', record: recordName(3) }],
    ['a signature written another way', withSpec(specs, 3, (spec) => ({ ...spec, signature: spec.signature.replace(/.==$/, (end) => `${end.startsWith('A') ? 'B' : nextLetter(end)}==`) })), { fault: 'Signature', record: recordName(3) }],
    ['no object at all', claimAll(specs).map((record, at) => (at === 5 ? { ...record, spec: undefined } : record)), { fault: 'Malformed', record: recordName(5) }],
  ])('D8: %s', (_what, records, expected) => {
    expect(verify(records)).toMatchObject({ intact: false, ...expected });
  });

  it('D8: a whole chain by a stranger is refused by the key that was kept', () => {
    const forged: AuditRecordSpec[] = [linkRecord(undefined, { ...handOverTo(strangers), event: 'ChainStarted' }, { now: auditStart, signer: strangers })];
    expect(verify(claimAll(forged))).toMatchObject({ intact: false, fault: 'UnknownKey', record: recordName(0) });
    expect(verify(claimAll(forged), { publicKeys: [] })).toMatchObject({ intact: true, trust: 'Carried' });
  });

  it('D8: another key without a hand-over is refused, also one that is known', () => {
    const changed = [...makeChain(3), linkRecord(makeChain(3)[2], { event: 'RunHeld', actor: 'operator' }, { now: auditStart + 5000, signer: secondKey })];
    expect(verify(claimAll(changed))).toMatchObject({ fault: 'UnknownKey', record: recordName(3) });
    expect(verify(claimAll(changed), { publicKeys: [firstKey, secondKey] })).toMatchObject({ fault: 'KeyChange', record: recordName(3) });
  });

  it('D8: after the hand-over the old key is refused', () => {
    const handed = makeChain(4, 2);
    const back = linkRecord(handed[3], { event: 'RunHeld', actor: 'operator' }, { now: auditStart + 5000, signer: firstKey });
    expect(verify(claimAll([...handed, back]))).toMatchObject({ fault: 'KeyChange', record: recordName(4) });
  });

  it('D8: a hand-over that carries no key, or another than it names, is refused', () => {
    const start = makeChain(2);
    for (const data of [undefined, { keyId: secondKey.id }, { ...handOverTo(secondKey).data, keyId: strangers.id }]) {
      const bad = linkRecord(start[1], { event: 'KeyChanged', actor: 'operator', ...(data === undefined ? {} : { data }) }, { now: auditStart + 5000, signer: firstKey });
      expect(verify(claimAll([...start, bad]))).toMatchObject({ fault: 'KeyChange', record: recordName(2) });
    }
  });

  it('D8: a record that links elsewhere is refused though our key signed it', () => {
    const other = linkRecord({ ...(specs[2] as AuditRecordSpec), hash: chainStart }, { event: 'RunHeld', actor: 'operator' }, { now: auditStart + 9000, signer: firstKey });
    expect(verify(claimAll([...specs.slice(0, 3), other]))).toMatchObject({ fault: 'Link', record: recordName(3) });
  });

  it('D8: a time that goes back is refused though our key signed it', () => {
    const other = linkRecord({ ...(specs[2] as AuditRecordSpec), time: '' }, { event: 'RunHeld', actor: 'operator' }, { now: auditStart - 9000, signer: firstKey });
    expect(verify(claimAll([...specs.slice(0, 3), other]))).toMatchObject({ fault: 'Time', record: recordName(3) });
  });
});

const texts = fc.string({ maxLength: 40, unit: 'binary' });

describe('random chains', () => {
  const entry = fc.record(
    { event: fc.constantFrom('Decided' as const, 'WriteDone' as const, 'RunHeld' as const), actor: fc.string({ minLength: 1, maxLength: 20 }), candidate: texts, externalUserId: texts, data: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), texts, { maxKeys: 4 }) },
    { requiredKeys: ['event', 'actor'] },
  );

  function chainOf(entries: readonly Parameters<typeof linkRecord>[1][]): AuditRecordSpec[] {
    const specs: AuditRecordSpec[] = [];
    for (const each of entries) specs.push(linkRecord(specs.at(-1), each, { now: auditStart, signer: firstKey }));
    return specs;
  }

  it('D8: are intact after JSON', () => {
    fc.assert(fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
      const specs = JSON.parse(JSON.stringify(chainOf(entries))) as AuditRecordSpec[];
      expect(verify(claimAll(specs))).toMatchObject({ intact: true, count: entries.length });
    }), { numRuns: 200 });
  });

  it('D8: any flipped bit of any value names the record that has it', () => {
    const cases = fc.tuple(fc.array(entry, { minLength: 2, maxLength: 6 }), fc.nat(), fc.nat(), fc.nat({ max: 6 }));
    fc.assert(fc.property(cases, ([entries, which, where, bit]) => {
      const specs = chainOf(entries);
      const index = which % specs.length;
      const line = JSON.stringify(specs[index]);
      const at = where % line.length;
      const flipped = line.slice(0, at) + String.fromCharCode(line.charCodeAt(at) ^ (1 << bit)) + line.slice(at + 1);
      const spec = parse(flipped);
      // A flip that writes the same value another way, such as another case of an escape, is none.
      if (JSON.stringify(spec) === line) return;
      const report = verify(claimAll(specs).map((record, place) => (place === index ? { ...record, spec } : record)));
      expect(report).toMatchObject({ intact: false, record: recordName(index) });
    }), { numRuns: 3000 });
  });

  it('D8: any removal, move or repetition but at the end is found', () => {
    const cases = fc.tuple(fc.integer({ min: 3, max: 9 }), fc.nat(), fc.nat(), fc.constantFrom('remove', 'move', 'repeat'));
    fc.assert(fc.property(cases, ([length, a, b, how]) => {
      const records = claimAll(makeChain(length));
      const from = a % (length - 1);
      const to = b % length;
      const [taken] = records.slice(from, from + 1) as [ClaimedRecord];
      const rest = how === 'repeat' ? records : records.toSpliced(from, 1);
      const changed = how === 'remove' ? rest : rest.toSpliced(to, 0, taken);
      if (JSON.stringify(changed) === JSON.stringify(records)) return;
      expect(verify(changed).intact).toBe(false);
    }), { numRuns: 500 });
  });
});

describe('keys', () => {
  it('guard 7: a signer that is printed shows no private key', () => {
    expect(JSON.stringify(firstKey)).not.toContain('PRIVATE');
  });

  it('guard 7: a private key is not taken for a public one', () => {
    const pem = firstKey.privateKey.export({ format: 'pem', type: 'pkcs8' });
    expect(() => readPublicKey(pem, 'the file')).toThrow('the file is no ed25519 public key');
    expect(readPublicKey(writePublicKey(firstKey), 'the file').id).toBe(firstKey.id);
  });
});

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutProof({ hash: _hash, keyId: _keyId, signature: _signature, ...content }: AuditRecordSpec) {
  return content;
}

/** Another last letter of base64 that says the same bytes to a careless reader. */
function nextLetter(end: string): string {
  return String.fromCharCode(end.charCodeAt(0) + 1);
}
