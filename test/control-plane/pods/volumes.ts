import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, relative } from 'node:path';
import type { ClusterReader } from './cluster.ts';
import { MissingReference, pickReference, readField, type Container, type DownwardItem, type KeyToPath, type ObjectReference, type Pod, type ProjectedSource, type Volume } from './pod.ts';
import type { LocalMount } from './rewrite.ts';

const DEFAULT_MODE = 0o644;

export interface VolumeContext {
  readonly pod: Pod;
  readonly nodeName: string;
  /** The pod's own folder; volumes are below `<root>/volumes`. */
  readonly root: string;
  readonly cluster: ClusterReader;
  /** Tokens of the pod by audience, kept until a fifth of their time is left. */
  readonly tokens: Map<string, PodToken>;
  readonly now: () => number;
}

export interface PodToken {
  readonly token: string;
  /** Milliseconds since the epoch from which a new one is fetched. */
  readonly renewAt: number;
}

interface VolumeFile {
  readonly content: Buffer;
  readonly mode: number;
}

/**
 * Writes the pod's volumes, or brings them up to date, as a kubelet does about once a minute. Throws MissingReference
 * for a Secret or ConfigMap that is not there.
 */
export async function writeVolumes(context: VolumeContext): Promise<void> {
  for (const volume of context.pod.spec.volumes) {
    const folder = volumeFolder(context.root, volume.name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (volume.emptyDir === undefined) await writeFiles(folder, await collectFiles(context, volume));
  }
}

/** Where the container's mounts are on this machine. Throws MissingReference for a mount of a volume the pod has not. */
export function planMounts(container: Container, pod: Pod, root: string): LocalMount[] {
  return container.volumeMounts.map(({ name, mountPath, subPath }) => {
    if (!pod.spec.volumes.some((volume) => volume.name === name)) throw new MissingReference(`no volume "${name}" for the mount ${mountPath}`);
    return { mountPath, localPath: subPath === '' ? volumeFolder(root, name) : join(volumeFolder(root, name), subPath) };
  });
}

function volumeFolder(root: string, name: string): string {
  return join(root, 'volumes', name);
}

type Files = Map<string, VolumeFile>;

async function collectFiles(context: VolumeContext, volume: Volume): Promise<Files> {
  const files: Files = new Map();
  const { secret, configMap, downwardAPI, projected } = volume;
  if (secret !== undefined) await addObject(files, context, { ...secret, kind: 'secret', name: secret.secretName });
  if (configMap !== undefined) await addObject(files, context, { ...configMap, kind: 'configmap' });
  if (downwardAPI !== undefined) addFields(files, context, downwardAPI.items, downwardAPI.defaultMode);
  for (const source of projected?.sources ?? []) await addSource(files, context, source, projected?.defaultMode);
  return files;
}

async function addSource(files: Files, context: VolumeContext, source: ProjectedSource, defaultMode: number | undefined): Promise<void> {
  const reference = pickReference(source.secret, source.configMap);
  if (reference !== undefined) await addObject(files, context, { ...reference, defaultMode });
  if (source.downwardAPI !== undefined) addFields(files, context, source.downwardAPI.items, defaultMode);
  if (source.serviceAccountToken !== undefined) await addToken(files, context, source.serviceAccountToken);
}

interface ObjectSource extends ObjectReference {
  readonly items?: readonly KeyToPath[] | undefined;
  readonly defaultMode?: number | undefined;
}

async function addObject(files: Files, context: VolumeContext, source: ObjectSource): Promise<void> {
  const data = await context.cluster.readData(source.kind, context.pod.metadata.namespace, source.name);
  if (data === undefined) {
    if (source.optional) return;
    throw new MissingReference(`${source.kind} "${source.name}" not found`);
  }
  const items = source.items ?? [...data.keys()].map((key): KeyToPath => ({ key, path: key }));
  for (const { key, path, mode } of items) {
    const content = data.get(key);
    if (content !== undefined) files.set(path, { content, mode: mode ?? source.defaultMode ?? DEFAULT_MODE });
    else if (!source.optional) throw new MissingReference(`references non-existent ${source.kind} key: ${key}`);
  }
}

function addFields(files: Files, context: VolumeContext, items: readonly DownwardItem[], defaultMode: number | undefined): void {
  for (const { path, fieldRef, mode } of items) {
    const value = readField(context.pod, context.nodeName, fieldRef?.fieldPath ?? 'resourceFieldRef');
    files.set(path, { content: Buffer.from(value), mode: mode ?? defaultMode ?? DEFAULT_MODE });
  }
}

async function addToken(files: Files, context: VolumeContext, wish: { audience?: string | undefined; expirationSeconds: number; path: string }): Promise<void> {
  const key = `${wish.audience ?? ''}:${wish.expirationSeconds}`;
  let held = context.tokens.get(key);
  if (held === undefined || context.now() >= held.renewAt) {
    const issued = await context.cluster.requestToken(context.pod, wish.expirationSeconds, wish.audience);
    const now = context.now();
    held = { token: issued.token, renewAt: now + 0.8 * (issued.expiresAt - now) };
    context.tokens.set(key, held);
  }
  // A kubelet gives tokens to their owner only.
  files.set(wish.path, { content: Buffer.from(held.token), mode: 0o600 });
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, file] of files) await writeOne(folder, path, file);
  const wanted = new Set([...files.keys()].map((path) => normalize(path)));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (!wanted.has(relative(folder, path))) await rm(path, { force: true });
  }
}

/** A reader sees the old content or the new one, never half of it. */
async function writeOne(folder: string, path: string, file: VolumeFile): Promise<void> {
  const target = join(folder, path);
  const present = await readFile(target).catch(() => undefined);
  if (present?.equals(file.content) === true) return;
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const draft = `${target}.new`;
  await writeFile(draft, file.content, { mode: 0o600 });
  // The process has this user's id, whatever the pod's group is: it must be able to read its own files.
  await chmod(draft, file.mode | 0o400);
  await rename(draft, target);
}
