import type { ControlPlane } from '../control-plane/index.ts';

/** Runs kubectl, with the object as its input if there is one; throws what it says when it fails. */
export async function mustKubectl(plane: ControlPlane, args: string[], input?: unknown): Promise<string> {
  const result = await plane.kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
  if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

/** Runs kubectl with `-o json` and answers what it prints, which the caller knows the shape of. */
export async function readJson<T>(plane: ControlPlane, args: string[]): Promise<T> {
  return JSON.parse(await mustKubectl(plane, [...args, '-o', 'json'])) as T;
}

export function processIsThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
