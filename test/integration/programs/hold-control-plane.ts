import { startControlPlane } from '../../control-plane/index.ts';
import { startPodRunner } from '../../control-plane/pod-runner.ts';

// A parent that a test kills without warning: it holds a control plane and a pod runner, and says where they are.
const plane = await startControlPlane();
await startPodRunner({ controlPlane: plane, images: { 'local/sleep:1': { command: ['/bin/sh', '-c', 'echo pid $$; exec sleep 600'] } } });
process.stdout.write(`${plane.directory}\n`);
