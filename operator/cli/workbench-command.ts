import { parseArgs } from 'node:util';
import { terminal } from '../api/errors.ts';
import type { Clock } from '../api/clock.ts';
import { systemClock } from '../api/system-clock.ts';
import { buildWorkbench, toTrendPoint } from '../licensing/position/build-workbench.ts';
import type { TrendPoint, Workbench } from '../licensing/position/workbench.ts';
import { loadSnapshot, type CommandContext } from './position/load-snapshot.ts';
import { noteMixed } from './position/note-runs.ts';
import { print, runCommand } from './position/run-command.ts';
import { factsOf } from './position/snapshot-facts.ts';
import { clusterFlags, oneOf, readSource, readTime, sourceUsage, type PositionSource } from './position/source-options.ts';
import { writePrivately } from './position/write-file.ts';

export const workbenchUsage = `usage: saaslicense workbench [OPTION]...

Shows the licence position of a namespace: rights owned and used, compliance, costs, savings, renewals, candidates. It
calculates it anew from what is stored; it only reads, and calls no vendor.

${sourceUsage}
  --at TIME              time to show the position of (default: now, or the time of the recorded data)
  --trend FILE           an earlier snapshot of the namespace, for the trend; may be given several times
  -o, --output FORMAT    table (default), json, csv, focus, html
  --output-file FILE     write to this file, which only you may read (default: the standard output)
  --with-people          show the names of the people that candidates are about
  --fail-on NonCompliant  exit with 3 when rights are missing, for pipelines: not compliant, or used without any entitlement

exit codes: 0 shown, 1 it failed, 2 bad command line, 3 shown, and rights are missing (with --fail-on)`;

const formats = ['table', 'json', 'csv', 'focus', 'html'] as const;

export interface WorkbenchOptions {
  readonly source: PositionSource;
  readonly at: number | undefined;
  readonly trend: readonly string[];
  readonly format: (typeof formats)[number];
  readonly outputFile: string | undefined;
  readonly withPeople: boolean;
  readonly failsOnNonCompliant: boolean;
}

/** `saaslicense workbench`: the position in the format that is asked for (S83). */
export async function runWorkbenchCommand(argv: readonly string[], env: NodeJS.ProcessEnv, clock: Pick<Clock, 'now'> = systemClock): Promise<number> {
  return runCommand({ name: 'workbench', usage: workbenchUsage, read: readWorkbenchOptions, run: async (options) => workbench(options, { env, clock }) }, argv);
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readWorkbenchOptions(argv: readonly string[]): WorkbenchOptions {
  const { values } = parseArgs({
    args: [...argv],
    strict: true,
    options: {
      ...clusterFlags,
      from: { type: 'string' },
      at: { type: 'string' },
      trend: { type: 'string', multiple: true, default: [] },
      output: { type: 'string', short: 'o', default: 'table' },
      'output-file': { type: 'string' },
      'fail-on': { type: 'string' },
    },
  });
  const failOn = values['fail-on'];
  if (failOn !== undefined) oneOf('--fail-on', failOn, ['NonCompliant']);
  return {
    source: readSource(values),
    at: readTime('--at', values.at),
    trend: values.trend,
    format: oneOf('--output', values.output, formats),
    outputFile: values['output-file'],
    withPeople: values['with-people'],
    failsOnNonCompliant: failOn !== undefined,
  };
}

async function workbench(options: WorkbenchOptions, context: CommandContext): Promise<number> {
  const snapshot = await loadSnapshot(options.source, options.withPeople, context);
  const at = options.at ?? Date.parse(snapshot.at);
  const trend = await Promise.all(options.trend.map((file) => readTrend(file, { options, context, namespace: snapshot.namespace, before: at })));
  const built = buildWorkbench(factsOf(snapshot, at), oncePerTime(trend));
  const render = await renderers[options.format]();
  const text = render(built);
  await (options.outputFile === undefined ? print(text) : writePrivately(options.outputFile, text));
  // These formats have no room for notes.
  if (options.format === 'csv' || options.format === 'focus') for (const note of noteMixed(built.profiles)) console.error(`saaslicense workbench: ${note}`);
  // Rights that are used without any entitlement, such as after all contracts have ended, are missing too.
  const lacksRights = built.sum.compliance === 'NonCompliant' || built.sum.needed > 0;
  return options.failsOnNonCompliant && lacksRights ? 3 : 0;
}

interface TrendRequest {
  readonly options: WorkbenchOptions;
  readonly context: CommandContext;
  readonly namespace: string;
  readonly before: number;
}

/** The figures of an earlier snapshot, as of its own time; undefined for the one that is shown anyway. */
async function readTrend(file: string, { options, context, namespace, before }: TrendRequest): Promise<TrendPoint | undefined> {
  const source: PositionSource = { from: file, profile: options.source.profile, namespace: undefined, kubeconfig: undefined, context: undefined };
  const snapshot = await loadSnapshot(source, false, context);
  if (snapshot.namespace !== namespace) throw terminal('TrendMismatch', `${file} is of namespace ${snapshot.namespace}, and ${namespace} is to be shown: name snapshots of the same namespace.`);
  const at = Date.parse(snapshot.at);
  if (at > before) throw terminal('TrendMismatch', `${file} is of ${snapshot.at}, which is after the time that is to be shown: name earlier snapshots with --trend.`);
  return at === before ? undefined : toTrendPoint(buildWorkbench(factsOf(snapshot, at)));
}

function oncePerTime(points: readonly (TrendPoint | undefined)[]): TrendPoint[] {
  return [...new Map(points.flatMap((point) => (point === undefined ? [] : [[point.at, point] as const]))).values()];
}

/** Each renderer is loaded only when it is asked for. */
const renderers: Readonly<Record<WorkbenchOptions['format'], () => Promise<(built: Workbench) => string>>> = {
  table: async () => (await import('./workbench/render-table.ts')).renderTable,
  json: async () => (await import('./workbench/render-json.ts')).renderJson,
  csv: async () => (await import('./workbench/render-csv.ts')).renderCsv,
  focus: async () => (await import('./workbench/render-focus.ts')).renderFocus,
  html: async () => (await import('./workbench/render-html.ts')).renderHtml,
};
