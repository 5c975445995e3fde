import { beforeAll, describe, expect, it } from 'vitest';
import { parseManifests } from '../../operator/cli/validate/parse-manifests.ts';
import { validateManifests } from '../../operator/cli/validate/validate-manifests.ts';
import { createProviders } from '../../operator/providers/registry.ts';
import type { ControlPlane } from '../control-plane/contract.ts';
import { manifestCorpus, type CorpusCase } from '../support/manifest-corpus.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('validate');
});

/** What `saaslicense validate` finds that the API server would find too: what only the operator would find is not its matter. */
function findErrors({ text }: CorpusCase): string[] {
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
});
