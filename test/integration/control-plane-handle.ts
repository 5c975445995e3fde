import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { attachToControlPlane, type ControlPlane } from '../control-plane/index.ts';

/** The control plane that global-setup.ts started. Its `stop` does nothing: the end of the test run stops it. */
export async function attachControlPlane(): Promise<ControlPlane> {
  const plane = await attachToControlPlane(inject('controlPlane').directory);
  return { ...plane, stop: async () => undefined };
}

/** Makes a namespace of that test's own, so that tests do not see each other's objects, and answers its name. */
export async function createNamespace(prefix: string, of?: ControlPlane): Promise<string> {
  const plane = of ?? (await attachControlPlane());
  const name = `${prefix}-${randomBytes(4).toString('hex')}`;
  const created = await plane.kubectl(['create', 'namespace', name]);
  if (created.code !== 0) throw new Error(`namespace ${name} was not created: ${created.stderr}`);
  return name;
}
