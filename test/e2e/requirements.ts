import { missingForKind } from '../control-plane/engines.ts';
import { runCommand } from '../control-plane/command.ts';
import { EndToEndError } from './commands.ts';
import { nodeImage } from './images.ts';

export function kindNodeImage(): string {
  return process.env['KIND_NODE_IMAGE'] ?? 'local/kind-node:v1.37.2';
}

/** Throws EndToEndError with what to install. */
export async function checkRequirements(): Promise<void> {
  const missing = await missingForKind(kindNodeImage());
  if (missing !== undefined) throw new EndToEndError(`${missing}. ${advice}`);
  const base = await runCommand(['docker', 'image', 'inspect', nodeImage()]);
  if (base.code !== 0) throw new EndToEndError(`Docker has no image ${nodeImage()} (NODE_IMAGE may name another). ${advice}`);
}

const advice = `The end-to-end test needs:
  - Docker: a running engine ("docker info" answers)
  - kind 0.30 or newer in PATH (kind.sigs.k8s.io)
  - a node image: KIND_NODE_IMAGE=kindest/node:v… after "docker pull", or local/kind-node:v1.37.2
  - Node's image: "docker pull node:26-bookworm-slim", or NODE_IMAGE
Where no registry of images is reached, the scripts of the folder kind-node (beside the checkout, in shared/) make both images and kind from Go modules and Debian packages: "build", then "node-base-image".
Without Docker: "npm run demo" and "npm test" show the same on a real API server, with the pods as local processes.`;
