import type { KubernetesObject } from '../api/meta.ts';

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** For ERROR a metav1.Status; else the object, or for BOOKMARK only its resourceVersion. */
  object: KubernetesObject;
}

/** Thrown for a line that is no whole watch event; the caller names the request in its own error. */
export class MalformedLine extends Error {
  override readonly name = 'MalformedLine';
}

/** No object of the API server is near it: etcd refuses requests of more than 1.5 MiB. */
const maxLineBytes = 16 * 1024 * 1024;

/** Cuts a body into its lines and parses each; a rest without a line end is a truncated event. */
export async function* readWatchEvents(body: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent> {
  let rest: Buffer[] = [];
  let restBytes = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      const piece = chunk.subarray(start, end);
      const line = rest.length === 0 ? piece : Buffer.concat([...rest, piece]);
      rest = [];
      restBytes = 0;
      start = end + 1;
      if (line.length > 0) yield parseLine(line);
    }
    if (start === chunk.length) continue;
    rest.push(chunk.subarray(start));
    restBytes += chunk.length - start;
    if (restBytes > maxLineBytes) throw new MalformedLine('line too long');
  }
  if (restBytes > 0) throw new MalformedLine('line without an end');
}

const types: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']);

function parseLine(line: Buffer): WatchEvent {
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    throw new MalformedLine('not JSON');
  }
  if (!isWatchEvent(value)) throw new MalformedLine('not a watch event');
  return value;
}

function isWatchEvent(value: unknown): value is WatchEvent {
  if (!isRecord(value) || typeof value['type'] !== 'string' || !types.has(value['type'])) return false;
  const object = value['object'];
  if (!isRecord(object)) return false;
  if (value['type'] === 'ERROR') return true;
  return isRecord(object['metadata']) && typeof object['metadata']['resourceVersion'] === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
