import type { ClusterReader } from './cluster.ts';
import { MissingReference, pickReference, readField, UnsupportedPod, type Container, type LocalImage, type ObjectReference, type Pod } from './pod.ts';
import { expandVariables, rewriteMountPaths, type LocalMount } from './rewrite.ts';

/** What the image's system gives a process: nothing of this machine's environment, which may hold secrets. */
const BASE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface LaunchContext {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: LocalImage;
  readonly mounts: readonly LocalMount[];
  /** The pod's own folder for its home, its temporary files and its work. */
  readonly home: string;
  readonly nodeName: string;
  /** URL of the API server. */
  readonly server: string;
}

export interface Launch {
  readonly command: string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

/** The process that stands for the container. Throws MissingReference for a Secret or ConfigMap that is not there. */
export async function planLaunch(context: LaunchContext, cluster: ClusterReader): Promise<Launch> {
  const { container, image, mounts } = context;
  const declared = await readEnvironment(context, cluster);
  const rewrite = (text: string): string => rewriteMountPaths(text, mounts);
  const expand = (text: string): string => rewrite(expandVariables(text, declared));
  const entrypoint = container.command.length > 0 ? container.command.map(expand) : [...image.command];
  const workingDir = container.workingDir === undefined ? undefined : rewrite(container.workingDir);
  return {
    command: [...entrypoint, ...container.args.map(expand)],
    env: { ...baseEnvironment(context), ...Object.fromEntries(Object.entries(declared).map(([name, value]) => [name, rewrite(value)])) },
    // A working folder of the image exists only there: only one inside a mount can be meant here.
    cwd: workingDir === undefined || workingDir === container.workingDir ? (image.cwd ?? context.home) : workingDir,
  };
}

function baseEnvironment(context: LaunchContext): Record<string, string> {
  return {
    PATH: BASE_PATH,
    HOME: context.home,
    TMPDIR: context.home,
    HOSTNAME: context.pod.metadata.name,
    ...context.image.env,
    ...serviceEnvironment(context.server),
  };
}

/** The API server's loopback address: nothing here would translate a service address. */
function serviceEnvironment(server: string): Record<string, string> {
  const { hostname, port } = new URL(server);
  const servicePort = port === '' ? '443' : port;
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: servicePort, KUBERNETES_SERVICE_PORT_HTTPS: servicePort };
}

/** envFrom, then env, where a value may use the variables before it. */
async function readEnvironment(context: LaunchContext, cluster: ClusterReader): Promise<Record<string, string>> {
  const variables = serviceEnvironment(context.server);
  for (const { prefix, secretRef, configMapRef } of context.container.envFrom) {
    const reference = pickReference(secretRef, configMapRef);
    if (reference === undefined) continue;
    const data = await readObject(context, cluster, reference);
    for (const [key, value] of data ?? []) variables[prefix + key] = value.toString('utf8');
  }
  for (const { name, value, valueFrom } of context.container.env) {
    const found = valueFrom === undefined ? expandVariables(value ?? '', variables) : await readValue(context, cluster, valueFrom);
    if (found !== undefined) variables[name] = found;
  }
  return variables;
}

type ValueFrom = NonNullable<Container['env'][number]['valueFrom']>;

async function readValue(context: LaunchContext, cluster: ClusterReader, from: ValueFrom): Promise<string | undefined> {
  if (from.fieldRef !== undefined) return readField(context.pod, context.nodeName, from.fieldRef.fieldPath);
  const reference = pickReference(from.secretKeyRef, from.configMapKeyRef);
  if (reference === undefined) throw new UnsupportedPod(`the pod runner does not know valueFrom ${Object.keys(from).join(', ')}`);
  const value = (await readObject(context, cluster, reference))?.get(reference.key);
  if (value !== undefined || reference.optional) return value?.toString('utf8');
  throw new MissingReference(`couldn't find key ${reference.key} in ${reference.kind} ${context.pod.metadata.namespace}/${reference.name}`);
}

async function readObject(context: LaunchContext, cluster: ClusterReader, reference: ObjectReference): Promise<Map<string, Buffer> | undefined> {
  const data = await cluster.readData(reference.kind, context.pod.metadata.namespace, reference.name);
  if (data !== undefined || reference.optional) return data;
  throw new MissingReference(`${reference.kind} "${reference.name}" not found`);
}
