import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandResult, ControlPlane } from '../control-plane/contract.ts';
import { leastSpecs } from '../support/least-specs.ts';
import { acceptedSpecs, manifest, refusedSpecs, set, setSubject, type Change, type KindName } from '../support/manifest-cases.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('api');
});

/** Writes the object; with `dryRun` the API server does everything but keep it. */
async function apply(text: string, ...options: string[]): Promise<CommandResult> {
  return plane.kubectl(['-n', namespace, 'apply', '--server-side', '-f', '-', ...options], { input: text });
}

async function check(kind: KindName, change?: Change): Promise<CommandResult> {
  return apply(manifest(kind, 'checked', change), '--dry-run=server');
}

describe('the API server takes the least spec of each kind', () => {
  it.each(Object.keys(leastSpecs) as KindName[])('%s', async (kind) => {
    expect(await check(kind)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('the API server refuses, with a message that says why', () => {
  it.each(refusedSpecs)('%s', async (_name, kind, change, message) => {
    const result = await check(kind, change);
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(message);
  });

  it('0.4: a namespace in a reference is an unknown field', async () => {
    const result = await check('IntegrationProfile', set({ connectionAliasRef: { name: 'acme', namespace: 'other' } }));
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(/connectionAliasRef\.namespace|field not declared in schema/);
  });

  it('a misspelt field', async () => {
    const created = await plane.kubectl(['-n', namespace, 'create', '--dry-run=server', '-f', '-'], {
      input: manifest('IntegrationProfile', 'misspelt', set({ downloadActivty: false })),
    });
    expect(created.code).not.toBe(0);
    expect(created.stderr).toMatch(/unknown field "spec\.downloadActivty"/);
  });
});

describe('the API server accepts', () => {
  it.each(acceptedSpecs)('%s', async (_name, kind, change) => {
    expect(await check(kind, change)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('objects on the API server', () => {
  async function read(resource: string, name: string): Promise<{ spec: Record<string, unknown>; status?: unknown }> {
    const { code, stdout, stderr } = await plane.kubectl(['-n', namespace, 'get', resource, name, '-o', 'json']);
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as { spec: Record<string, unknown>; status?: unknown };
  }

  it('S38, S40, S48: get their defaults', async () => {
    expect(await apply(manifest('IntegrationProfile', 'defaults'))).toMatchObject({ code: 0 });
    expect((await read('intprof', 'defaults')).spec).toMatchObject({
      downloadSubscriptions: true,
      downloadActivity: true,
      reclaimSubscriptions: true,
      publish: false,
      publicationPolicy: 'Automatic',
      maxLookBackDays: 60,
      schedules: { timeZone: 'Etc/UTC' },
    });
  });

  it('C12: get the defaults of groups that were left out', async () => {
    expect(await apply(manifest('ReclamationRule', 'groups'))).toMatchObject({ code: 0 });
    expect((await read('recrule', 'groups')).spec).toMatchObject({
      limits: { maxPerRun: 10, maxPercent: 5, maxCandidateRatio: 30, minAdmins: 2 },
      protect: { tags: ['license-keep'] },
      notify: { daysBeforeAutoReclaim: 14 },
      mode: 'Propose',
    });
  });

  it('S33: keep no status that a user applies', async () => {
    const text = manifest('IntegrationProfile', 'status', undefined, { status: { state: 'Published' } });
    expect(await apply(text)).toMatchObject({ code: 0 });
    expect(await read('intprof', 'status')).not.toHaveProperty('status');
  });

  it.each<[string, KindName, Change, RegExp]>([
    ['S38: clearing Download Subscriptions', 'IntegrationProfile', set({ downloadSubscriptions: false }), /downloadSubscriptions cannot be cleared/],
    ['a candidate made for somebody else', 'RemovalCandidate', setSubject({ externalUserId: 'P2' }), /subject cannot be changed/],
    ['a candidate made for another action', 'RemovalCandidate', setSubject({ action: 'Downgrade', downgradeTo: { role: 'observer' } }), /subject cannot be changed/],
    ['a model of another profile', 'SoftwareModel', set({ profileRef: { name: 'q' } }), /profileRef cannot be changed/],
  ])('do not take %s', async (name, kind, after, message) => {
    const object = `changed-${name.replaceAll(/[^a-z]+/gi, '-').toLowerCase()}`;
    expect(await apply(manifest(kind, object))).toMatchObject({ code: 0 });
    const result = await apply(manifest(kind, object, after));
    expect(result.code).not.toBe(0);
    expect(result.stderr).toMatch(message);
  });

  it('take a decision on a candidate', async () => {
    expect(await apply(manifest('RemovalCandidate', 'decided'))).toMatchObject({ code: 0 });
    const decided = set({ decision: { verdict: 'Keep', by: 'Alex Kim', reason: 'on call next quarter' } });
    expect(await apply(manifest('RemovalCandidate', 'decided', decided))).toMatchObject({ code: 0 });
  });

  it('are listed together by the category, and each kind by its short name', async () => {
    for (const kind of Object.keys(leastSpecs) as KindName[]) {
      expect(await apply(manifest(kind, 'listed'))).toMatchObject({ code: 0 });
    }
    const all = await plane.kubectl(['get', 'saaslicense', '-A', '-o', 'name']);
    for (const kind of Object.keys(leastSpecs)) expect(all.stdout).toContain(kind.toLowerCase().slice(0, -1));
    for (const name of ['connalias', 'intprof', 'recrule', 'subexcl', 'swmodel', 'swent', 'swsub', 'remcand']) {
      expect(await plane.kubectl(['-n', namespace, 'get', name, 'listed'])).toMatchObject({ code: 0 });
    }
  });

  it('B1.10: show their columns', async () => {
    expect(await apply(manifest('ReclamationRule', 'columns', set({ lastActivityThresholdDays: 90 })))).toMatchObject({ code: 0 });
    const { stdout } = await plane.kubectl(['-n', namespace, 'get', 'recrule', 'columns']);
    const [header = '', row = ''] = stdout.split('\n');
    expect(header.split(/\s{2,}/).map((cell) => cell.trim())).toEqual(['NAME', 'PROFILE', 'MODE', 'ACTION', 'DAYS', 'CONFIRMED', 'READY', 'CANDIDATES', 'HELD', 'AGE']);
    expect(row).toMatch(/columns\s+p\s+Propose\s+Remove\s+90\s+\d+s/);
  });

  it('B1.15: are explained by kubectl, without the sources that are for us', async () => {
    const { code, stdout } = await plane.kubectl(['explain', 'reclamationrule.spec.lastActivityThresholdDays']);
    expect(code).toBe(0);
    expect(stdout).toContain('Days without activity after which a subscription is inactive.');
  });
});
