import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';

/** What tests need to find the control plane that the run started. */
export interface ProvidedControlPlane {
  readonly kubeconfig: string;
  readonly server: string;
  readonly directory: string;
  readonly auditLog: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    controlPlane: ProvidedControlPlane;
  }
}

const CRDS = fileURLToPath(new URL('../../crds', import.meta.url));

/** One control plane with the project's CRDs for all integration tests; vitest calls what it returns at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const plane = await startControlPlane({
    log: (line) => {
      process.stderr.write(`control plane: ${line}\n`);
    },
  });
  try {
    await installCrds(plane);
  } catch (error) {
    await plane.stop();
    throw error;
  }
  const { kubeconfig, server, directory, auditLog } = plane;
  project.provide('controlPlane', { kubeconfig, server, directory, auditLog });
  return async () => plane.stop();
}

/** Installs the project's CRDs and waits until they are served. */
export async function installCrds(plane: ControlPlane): Promise<void> {
  const names = await readdir(CRDS).catch(() => []);
  const files = names.filter((name) => name.endsWith('.yaml')).map((name) => join(CRDS, name));
  if (files.length === 0) return;
  const arguments_ = files.flatMap((file) => ['-f', file]);
  for (const command of [
    ['apply', '--server-side', '--force-conflicts', ...arguments_],
    ['wait', '--for=condition=Established', '--timeout=60s', ...arguments_],
  ]) {
    const result = await plane.kubectl(command);
    if (result.code !== 0) throw new Error(`kubectl ${command[0] ?? ''} of crds/ failed: ${result.stderr}`);
  }
}
