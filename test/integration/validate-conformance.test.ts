import { beforeAll, describe, expect, it } from 'vitest';
import { parseManifests } from '../../operator/cli/validate/parse-manifests.ts';
import { validateManifests } from '../../operator/cli/validate/validate-manifests.ts';
import { createProviders } from '../../operator/providers/registry.ts';
import type { ControlPlane } from '../control-plane/contract.ts';
import { kindSchemas } from '../../operator/cli/validate/kind-schemas.ts';
import { leastSpecs } from '../support/least-specs.ts';
import type { KindName } from '../support/manifest-cases.ts';
import { manifestCorpus, type CorpusCase } from '../support/manifest-corpus.ts';
import { randomManifest } from '../support/random-manifests.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('validate');
});

/** What `saaslicense validate` finds that the API server would find too: what only the operator would find is not its matter. */
function findErrors({ text }: Pick<CorpusCase, 'text'>): string[] {
  const { problems } = validateManifests(parseManifests('corpus.yaml', text), { providers: createProviders(), now: Date.now() });
  return problems.filter(({ severity, check }) => severity === 'error' && check !== 'Product').map(({ path, message }) => `${path}: ${message}`);
}

describe('saaslicense validate gives the verdict of the API server', () => {
  it('S74: of a corpus that is not small', () => {
    expect(manifestCorpus.length).toBeGreaterThan(150);
  });

  it.each(manifestCorpus.map((one) => [one.name, one] as const))('%s', { timeout: 60_000 }, async (_name, one) => {
    const { code, stderr } = await plane.kubectl(['-n', namespace, 'apply', '--dry-run=server', '-f', '-'], { input: one.text });
    const errors = findErrors(one);
    expect({ isGood: code === 0, stderr: code === 0 ? '' : stderr }).toMatchObject({ isGood: one.isGood });
    expect({ isGood: errors.length === 0, errors }).toMatchObject({ isGood: one.isGood });
  });

  // Any other seed does as well; this one is printed with what differs.
  const seed = Number(process.env['CONFORMANCE_SEED'] ?? 20261124);
  const kinds = Object.keys(leastSpecs) as KindName[];
  it.each(kinds)('of random changes of %s', { timeout: 120_000 }, async (kind) => {
    const random = createSeededRandom(seed + kinds.indexOf(kind));
    const schema = kindSchemas(createProviders()).get(kind)!;
    const different = [];
    let good = 0;
    for (let number = 0; number < 10; number += 1) {
      const text = randomManifest(kind, schema, random);
      const { code, stderr } = await plane.kubectl(['-n', namespace, 'apply', '--dry-run=server', '-f', '-'], { input: text });
      const errors = findErrors({ text });
      if (code === 0) good += 1;
      if ((code === 0) !== (errors.length === 0)) different.push({ seed, text, stderr, errors });
    }
    expect(different).toEqual([]);
    expect(good).toBeLessThan(10);
  });
});
