import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../control-plane/command.ts';
import { ControlPlaneError } from '../control-plane/contract.ts';

const module = 'github.com/prometheus-operator/prometheus-operator';
const names = ['servicemonitors', 'prometheusrules'];

/** Files of the Prometheus Operator's own CRDs, out of its Go module. Throws ControlPlaneError. */
export async function findMonitoringCrds(): Promise<string[]> {
  const cwd = fileURLToPath(new URL('go/prometheus-operator', import.meta.url));
  const env = { ...process.env, GOFLAGS: '', GOWORK: 'off' };
  const { code, stdout, stderr } = await runCommand(['go', 'mod', 'download', '-json', module], { cwd, env });
  if (code !== 0) throw new ControlPlaneError(`The Go module ${module} could not be fetched: ${(stderr + stdout).trim().split('\n').at(-1) ?? ''}`);
  const { Dir } = JSON.parse(stdout) as { Dir: string };
  return names.map((name) => join(Dir, 'example/prometheus-operator-crd', `monitoring.coreos.com_${name}.yaml`));
}
