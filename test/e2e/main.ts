import { ensureTool } from '../chart/tools.ts';
import { ControlPlaneError, startControlPlane } from '../control-plane/index.ts';
import { openCluster } from './cluster.ts';
import { EndToEndError } from './commands.ts';
import { explainFailure } from './explain-failure.ts';
import { buildProductImage, buildSimulatorImage } from './images.ts';
import { checkRequirements, kindNodeImage } from './requirements.ts';
import { playScenario } from './scenario.ts';

/** The image, the chart and the simulator on a kind cluster, which is deleted at the end, however it ends. */
const ending = new AbortController();
const started = Date.now();

function say(line: string): void {
  process.stdout.write(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}\n`);
}

async function run(signal: AbortSignal): Promise<void> {
  await checkRequirements();
  const helm = await ensureTool('helm', { log: say, signal });
  await buildProductImage(signal);
  await buildSimulatorImage(signal);
  say('images are built');
  process.env['CONTROL_PLANE'] = 'kind';
  process.env['KIND_NODE_IMAGE'] = kindNodeImage();
  delete process.env['KUBECONFIG_TEST'];
  const plane = await startControlPlane({ log: say, signal });
  try {
    const cluster = await openCluster(plane, helm, signal);
    await playScenario(cluster, say).catch(async (error: unknown) => {
      if (!signal.aborted) await explainFailure(plane);
      throw error;
    });
  } finally {
    await plane.stop();
    say('the cluster is deleted');
  }
}

const stop = (): void => ending.abort(new EndToEndError('stopped'));
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

try {
  await run(ending.signal);
  say('all is well');
} catch (error) {
  const known = error instanceof EndToEndError || error instanceof ControlPlaneError || ending.signal.aborted;
  process.stderr.write(`e2e: ${known && error instanceof Error ? error.message : (error instanceof Error ? error.stack : String(error))}\n`);
  process.exitCode = 1;
}
