import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { OperatorError } from '../../api/errors.ts';
import { buildWorkbench } from '../../licensing/position/build-workbench.ts';
import { requireRules } from '../rule/rule-scene.ts';
import { aSnapshot, namespaceNow } from '../../../test/support/position-namespace.ts';
import { factsOf } from './snapshot-facts.ts';
import { digestOf, parseSnapshot, readSnapshot, writeSnapshot } from './snapshot-file.ts';
import type { Snapshot } from './snapshot-schema.ts';
import { writePrivately } from './write-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-snapshot-'));
});
afterAll(async () => rm(folder, { recursive: true }));

const good = writeSnapshot(aSnapshot());

/** What is said of the file. */
function refusal(text: string | Uint8Array): string {
  try {
    parseSnapshot('q3.json', typeof text === 'string' ? Buffer.from(text) : text);
  } catch (error) {
    expect(error).toBeInstanceOf(OperatorError);
    return (error as OperatorError).message;
  }
  return '';
}

type Loose = Record<string, unknown> & { profiles: (Record<string, unknown> & { seats: Record<string, unknown>[] })[]; models: Record<string, unknown>[]; contracts: Record<string, unknown>[]; exclusions: Record<string, unknown>[]; candidates: Record<string, unknown>[] };

/** What is said of the good file after an edit. */
function refusalOf(edit: (snapshot: Loose) => void): string {
  const value = JSON.parse(good) as Loose;
  edit(value);
  return refusal(JSON.stringify(value));
}

describe('C32: a hostile file of recorded data', () => {
  it('is refused wherever it was cut off', () => {
    expect(refusal(good)).toBe('');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length - 3 }), (length) => {
        expect(refusal(good.slice(0, length))).toContain('q3.json is not used:\n  the file as a whole: is not complete JSON');
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('is refused when it is no JSON, no UTF-8, no object, or of another version, with what to do', () => {
    for (const text of ['', 'x', '[]', '"a"', 'null', '{}', '17', new Uint8Array([0x7b, 0xff, 0x7d])]) {
      expect(refusal(text)).toMatch(/^q3\.json is not used:.*write it again with saaslicense snapshot\.$/s);
    }
    expect(refusalOf((one) => (one['apiVersion'] = 'snapshot.saaslicense.dev/v3'))).toContain('It may be of another version of saaslicense');
  });

  it('tells the place and what is wrong', () => {
    expect(refusalOf((one) => (one.profiles[0]!.seats[17]!['roleGroup'] = 'Boss'))).toContain('profiles[0].seats[17].roleGroup: ');
    expect(refusalOf((one) => (one.contracts[0]!['start'] = '2026-02-30'))).toContain('contracts[0].start: must be a day such as 2026-11-24');
    expect(refusalOf((one) => (one.contracts[1]!['rights'] = 1.5))).toContain('contracts[1].rights: ');
    expect(refusalOf((one) => (one.contracts[1]!['rights'] = -1))).toContain('contracts[1].rights: ');
    expect(refusalOf((one) => (one.models[1]!['thresholdDays'] = 0))).toContain('models[1].thresholdDays: ');
    expect(refusalOf((one) => (one['at'] = 'yesterday'))).toContain('at: must be an RFC 3339 time');
    expect(refusalOf((one) => (one['namespace'] = '../../etc'))).toContain('namespace: ');
    expect(refusalOf((one) => (one.models[0]!['savings'] = 1))).toContain('models[0]: ');
    expect(refusalOf((one) => delete one['counts'])).toContain('counts: ');
  });

  it('C24: is refused when a figure in it was edited, and its digest is the same whatever the order of its lists', () => {
    expect(refusalOf((one) => (one.contracts[0]!['rights'] = Number(one.contracts[0]!['rights']) + 1))).toContain('digest: is not that of the data');
    expect(refusalOf((one) => (one['digest'] = `sha256:${'0'.repeat(64)}`))).toContain('It was edited');
    expect(refusalOf((one) => delete one['digest'])).toContain('digest: ');
    expect(refusalOf((one) => (one.profiles[0]!.seats = one.profiles[0]!.seats.toReversed()))).toBe('');
    const snapshot = aSnapshot();
    const [profile, ...rest] = snapshot.profiles;
    const ranked = (teamPrecedence: string[]) => digestOf({ ...snapshot, profiles: [{ ...profile!, teamPrecedence }, ...rest] });
    expect(ranked(['a', 'b'])).not.toBe(ranked(['b', 'a']));
  });

  it('is refused when it contradicts itself', () => {
    expect(refusalOf((one) => one.profiles[0]!.seats.pop())).toContain('counts.seats: says 60, the file has 59');
    expect(refusalOf((one) => one.contracts.pop())).toContain('counts.contracts: says 4, the file has 3');
    expect(refusalOf((one) => (one.models[0]!['profile'] = 'gone'))).toContain('models[0].profile: there is no such profile in the file');
    expect(refusalOf((one) => (one.profiles[1]!['name'] = 'pagerduty'))).toContain('profiles: has pagerduty twice');
    expect(refusalOf((one) => (one.profiles[0]!.seats[1]!['name'] = one.profiles[1]!.seats[1]!['name']))).toContain('profiles[].seats: has seat-');
    expect(refusalOf((one) => (one.contracts[3]!['end'] = '2025-01-01'))).toContain('contracts[3].end: is before its start');
    expect(refusalOf((one) => delete one.exclusions[0]!['person'])).toContain('exclusions[0]: must have exactly one of person, licence');
    expect(refusalOf((one) => (one.candidates[0]!['person'] = 'Robin'))).toContain('candidates: tell names of people, while people says Pseudonyms');
  });

  it('guard 7: no address out of it is in what is said', () => {
    expect(refusalOf((one) => (one.models[0]!['robin@example.com'] = 1))).toContain('(address)');
    expect(refusal(`{"apiVersion": robin@example.com`)).not.toContain('@');
  });

  it('says no more than five problems', () => {
    const text = refusalOf((one) => {
      for (const seat of one.profiles[0]!.seats) delete seat['role'];
    });
    expect(text.split('\n').length).toBe(8);
    expect(text).toContain('more\n');
  });

  it('never makes anything else than a refusal of random changes', () => {
    const paths = (value: unknown, path: string[] = []): string[][] =>
      typeof value === 'object' && value !== null ? [path, ...Object.entries(value).flatMap(([key, each]) => paths(each, [...path, key]))] : [path];
    const places = paths(JSON.parse(good)).filter((path) => path.length > 0);
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (place, value) => {
        const changed = JSON.parse(good) as Record<string, unknown>;
        const parent = place.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, changed);
        parent[place.at(-1)!] = value;
        // Throws anything but an OperatorError: fails.
        refusal(JSON.stringify(changed));
      }),
      { numRuns: 300, seed: 2 },
    );
  });

  it('says so when there is no file, or a folder', async () => {
    await expect(readSnapshot(join(folder, 'none.json'))).rejects.toThrow('cannot be read (ENOENT): name a file that saaslicense snapshot wrote.');
    await expect(readSnapshot(folder)).rejects.toThrow('cannot be read (EISDIR)');
  });
});

describe('recorded data of an earlier version', () => {
  /** As the first version wrote it: nothing of what rules are judged by. */
  function asFirstVersion(): Snapshot {
    const { rules: _rules, ...snapshot } = aSnapshot();
    const { rules: _count, ...counts } = snapshot.counts;
    return {
      ...snapshot,
      apiVersion: 'snapshot.saaslicense.dev/v1',
      counts,
      profiles: snapshot.profiles.map(({ state: _state, ...profile }) => ({ ...profile, seats: profile.seats.map(({ subject: _subject, ...seat }) => seat) })),
      exclusions: snapshot.exclusions.map(({ kind: _kind, ...exclusion }) => exclusion),
      candidates: snapshot.candidates.map(({ rule: _rule, subscription: _subscription, ...candidate }) => candidate),
    };
  }

  it('D6: gives the same position', () => {
    const first = parseSnapshot('first.json', Buffer.from(writeSnapshot(asFirstVersion())));
    expect(buildWorkbench(factsOf(first, namespaceNow))).toEqual(buildWorkbench(factsOf(aSnapshot(), namespaceNow)));
  });

  it('D10: says that no rule can be judged by it', () => {
    expect(() => requireRules(asFirstVersion())).toThrow(/hold no rules: they were recorded by an earlier version.*Record them again/);
  });

  it('rules beside people of whom nothing is known that rules ask are refused', () => {
    expect(refusalOf((one) => delete one.profiles[0]!.seats[0]!['subject'])).toContain('seats of pagerduty have no subject, while there are rules');
  });
});

describe('writing recorded data', () => {
  it('makes a file that only its owner may read, and leaves nothing else behind', async () => {
    const file = join(folder, 'a.json');
    await writePrivately(file, good);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readSnapshot(file)).toEqual(aSnapshot());
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it('takes the place of an earlier file whole, also of one that others could read', async () => {
    const file = join(folder, 'b.json');
    await writeFile(file, 'x'.repeat(good.length * 2), { mode: 0o644 });
    await writePrivately(file, good);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const snapshot: Snapshot = await readSnapshot(file);
    expect(snapshot.counts.seats).toBe(60);
  });

  it('fails in a sentence when it cannot, and leaves nothing behind', async () => {
    const target = join(folder, 'taken');
    await expect(writePrivately(join(folder, 'no-such-folder', 'a.json'), good)).rejects.toThrow('cannot be written (ENOENT): check that its folder is there');
    await writePrivately(target, good);
    await expect(writePrivately(folder, good)).rejects.toThrow('cannot be written');
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});
