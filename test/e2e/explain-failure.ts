import type { ControlPlane } from '../control-plane/index.ts';
import { names } from './manifests.ts';

/** What a person would look at next, while the cluster is still there. */
export async function explainFailure(plane: ControlPlane): Promise<void> {
  const looks = [
    ['get', 'pods', '-A', '-o', 'wide'],
    ['logs', '-n', names.operatorNamespace, '-l', 'app.kubernetes.io/name=saas-license-operator', '--tail=12', '--prefix'],
    ['logs', '-n', names.vendorNamespace, '-l', 'app=simulator', '--tail=8'],
    ['logs', '-n', names.tenant, '-l', 'app.kubernetes.io/part-of=saas-license-operator', '--tail=8', '--prefix'],
    ['get', 'connalias,intprof,recrule', '-n', names.tenant, '-o', 'yaml'],
    ['get', 'auditrec', '-n', names.tenant],
    ['get', 'events', '-A', '--sort-by=.lastTimestamp'],
  ];
  for (const args of looks) {
    const { stdout, stderr } = await plane.kubectl(args);
    process.stderr.write(`\n$ kubectl ${args.join(' ')}\n${(stdout + stderr).split('\n').slice(-120).join('\n')}`);
  }
}
