import { objectNamePattern } from '../../api/meta.ts';
import { time } from './snapshot-fields.ts';

/** Where the position comes from: a cluster, or recorded data. */
export interface PositionSource {
  /** File of recorded data; a cluster when left out. */
  readonly from: string | undefined;
  /** That of the kubeconfig's context when left out. */
  readonly namespace: string | undefined;
  readonly profile: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

/** Options of every command that reads a cluster, for `parseArgs`. */
export const clusterFlags = {
  namespace: { type: 'string', short: 'n' },
  profile: { type: 'string' },
  kubeconfig: { type: 'string' },
  context: { type: 'string' },
  'with-people': { type: 'boolean', default: false },
} as const;

export const sourceUsage = `  -n, --namespace NAME   namespace to read (default: that of the kubeconfig's context)
  --from FILE            read recorded data of saaslicense snapshot instead of a cluster
  --profile NAME         one IntegrationProfile only (default: all of the namespace)
  --kubeconfig FILE, --context NAME  API server to use`;

export interface SourceValues {
  readonly from?: string | undefined;
  readonly namespace?: string | undefined;
  readonly profile?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
}

/** Throws an Error whose message says what is wrong with the options. */
export function readSource({ from, namespace, profile, kubeconfig, context }: SourceValues): PositionSource {
  requireName('--namespace', namespace);
  requireName('--profile', profile);
  if (from !== undefined && [namespace, kubeconfig, context].some((value) => value !== undefined)) {
    throw new Error('--from reads no cluster: leave out --namespace, --kubeconfig and --context');
  }
  return { from, namespace, profile, kubeconfig, context };
}

/** Milliseconds of an RFC 3339 time, of whole seconds; undefined when it is not given. */
export function readTime(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!time.safeParse(value).success) throw new Error(`${flag} must be an RFC 3339 time such as 2026-11-24T12:00:00Z`);
  return wholeSeconds(Date.parse(value));
}

export function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

export function isName(text: string): boolean {
  return text.length <= 253 && objectNamePattern.test(text);
}

/** One of the known words, or an Error that lists them. */
export function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) throw new Error(`${flag} must be one of ${known.join(', ')}`);
  return found;
}

function requireName(flag: string, value: string | undefined): void {
  if (value !== undefined && !isName(value)) throw new Error(`${flag} must be a name of Kubernetes: lower case letters, digits, - and .`);
}
