import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import { currentMembersOf } from '../pagerduty-simulator/company/shifts.ts';
import type { SoftwareModel } from '../../operator/api/software-model.ts';
import { pointAtModel, readIncludedSample, root } from '../support/product.ts';
import { apply, namespace, profile, type Stage } from './stage.ts';

interface Telling {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** From the rules that made themselves to a reclaim and its undoing, as somebody lives it with kubectl and saaslicense. */
export async function showReclaim(stage: Stage, { signal, say }: Telling): Promise<void> {
  const { name: rule, target } = await untilHeld(stage, signal);
  await kubectl(stage, ['get', 'recrule', '-n', namespace]);
  say(`rule ${rule} holds itself back: in this made-up company most people sleep, and that looks like a mistake. Somebody looks, and raises its limits`);
  await apply(stage.plane, pointAtModel(await readIncludedSample(), target));
  say('stakeholders are part of the contract, at no price: config/samples/software-entitlement-included.yaml. Without it nobody knows what a downgrade saves');
  await kubectl(stage, ['patch', 'intprof', profile, '-n', namespace, '--type=merge', '-p', '{"spec":{"reclaimSubscriptions":true}}']);
  await kubectl(stage, ['patch', 'recrule', rule, '-n', namespace, '--type=merge', '-p', '{"spec":{"limits":{"maxCandidateRatio":90}}}']);
  const id = await untilReviewable(stage, rule, signal);
  say('an edited rule is another rule: whoever has read it confirms it by the id of what they read, status.review.id');
  await kubectl(stage, ['patch', 'recrule', rule, '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec: { confirmedRule: id } })]);
  const candidates = await untilReady(stage, rule, signal);
  await kubectl(stage, ['get', 'remcand', '-n', namespace], 8);
  await saaslicense(stage, ['plan', '-n', namespace, '--rule', rule], 24);
  const [free, tied] = [chooseFree(stage, candidates), chooseTied(stage, candidates)];
  await saaslicense(stage, ['decide', free, tied, '-n', namespace, '--reclaim', '--reason', 'Has not been on call for two months']);
  await untilCandidate(stage, free, ({ status }) => status?.state === 'ClosedComplete', signal);
  await untilCandidate(stage, tied, ({ status }) => status?.state === 'AttentionRequired', signal);
  say('one is a stakeholder now; the other is on a schedule, so nobody touches them');
  await kubectl(stage, ['get', 'remcand', free, tied, '-n', namespace]);
  await kubectl(stage, ['get', 'remcand', tied, '-n', namespace, '-o', 'jsonpath={range .status.blockers[*]}{.kind}: {.name}{"\\n"}{end}']);
  await kubectl(stage, ['get', 'remcand', free, '-n', namespace, '-o', 'jsonpath={range .status.history[*]}{.at} {.state}: {.text}{"\\n"}{end}']);
  await saaslicense(stage, ['restore', free, '--reason', 'Comes back from leave', '-n', namespace]);
  await saaslicense(stage, ['audit', 'export', '-n', namespace, '--out', join(stage.plane.directory, 'audit')]);
  await saaslicense(stage, ['audit', 'verify', join(stage.plane.directory, 'audit')]);
}

/** The rule that covers most people, once it has been evaluated, and the model of the licence that it leaves them. */
async function untilHeld(stage: Stage, signal: AbortSignal): Promise<{ name: string; target: string }> {
  const find = async (): Promise<{ name: string; target: string } | undefined> => {
    const { items } = await read<{ items: ReclamationRule[] }>(stage, ['recrule']);
    const [largest] = items.filter(({ status }) => status?.evaluation !== undefined).toSorted((a, b) => (b.status?.evaluation?.covered ?? 0) - (a.status?.evaluation?.covered ?? 0));
    const models = await read<{ items: SoftwareModel[] }>(stage, ['swmodel']);
    const target = models.items.find(({ spec }) => spec.subscriptionIdentifiers.includes(largest?.spec.downgradeTo?.subscriptionIdentifier ?? ''));
    return largest === undefined || target === undefined ? undefined : { name: largest.metadata.name, target: target.metadata.name };
  };
  return until(find, 'a rule was evaluated', signal);
}

/** The id of the rule as it is now. */
async function untilReviewable(stage: Stage, rule: string, signal: AbortSignal): Promise<string> {
  const find = async (): Promise<string | undefined> => {
    const { metadata, status } = await read<ReclamationRule>(stage, ['recrule', rule]);
    return status?.observedGeneration === metadata.generation ? status?.review?.id : undefined;
  };
  return until(find, 'the rule has an id to confirm', signal);
}

async function untilReady(stage: Stage, rule: string, signal: AbortSignal): Promise<RemovalCandidate[]> {
  const find = async (): Promise<RemovalCandidate[] | undefined> => {
    const found = await read<ReclamationRule>(stage, ['recrule', rule]);
    const { items } = await read<{ items: RemovalCandidate[] }>(stage, ['remcand']);
    const ready = items.filter(({ spec, status }) => spec.subject.ruleRef.name === rule && status?.state === 'Ready');
    const isCurrent = found.status?.observedGeneration === found.metadata.generation && found.status?.held === undefined;
    const isWhole = ready.length > 0 && ready.length === found.status?.openCandidates && found.status.potentialSavings !== undefined;
    return isCurrent && isWhole ? ready : undefined;
  };
  return until(find, 'the candidates are there', signal);
}

async function untilCandidate(stage: Stage, name: string, holds: (candidate: RemovalCandidate) => boolean, signal: AbortSignal): Promise<void> {
  let seen = '';
  await until(async () => {
    const candidate = await read<RemovalCandidate>(stage, ['remcand', name]);
    seen = candidate.status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';
    return holds(candidate) ? candidate : undefined;
  }, `${name} has come so far`, signal).catch((error: unknown) => {
    throw new Error(`${error instanceof Error ? error.message : ''}; it says: ${seen}`, { cause: error });
  });
}

async function until<T>(find: () => Promise<T | undefined>, what: string, signal: AbortSignal): Promise<T> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    signal.throwIfAborted();
    const found = await find();
    if (found !== undefined) return found;
    await delay(200, undefined, { signal });
  }
  throw new Error(`it did not come within 60 s that ${what}`);
}

/** On no schedule and no policy, and signed up: nothing stands in the way. */
function chooseFree(stage: Stage, candidates: readonly RemovalCandidate[]): string {
  return choose(stage, candidates, (id, company) => !placesOf(company).includes(`"${id}"`) && company.users.some((user) => user.id === id && !user.invitationSent && user.role !== 'owner' && user.role !== 'admin'));
}

/** On a schedule that no policy uses: never on call, and not to be taken away behind its back (T4). */
function chooseTied(stage: Stage, candidates: readonly RemovalCandidate[]): string {
  const now = Date.now();
  return choose(stage, candidates, (id, company) => [...company.schedules, ...company.shiftSchedules].some((schedule) => currentMembersOf(schedule, now).has(id)));
}

type Company = Stage['simulator']['state']['company'];

function placesOf({ schedules, shiftSchedules, policies }: Company): string {
  return JSON.stringify([schedules, shiftSchedules, policies]);
}

function choose({ simulator }: Stage, candidates: readonly RemovalCandidate[], fits: (id: string, company: Company) => boolean): string {
  const found = candidates.find(({ spec }) => fits(spec.subject.externalUserId, simulator.state.company));
  if (found === undefined) throw new Error('the made-up company has nobody who shows this; try another --seed, or more --users');
  return found.metadata.name;
}

async function read<T>({ plane }: Stage, args: string[]): Promise<T> {
  const { code, stdout, stderr } = await plane.kubectl(['get', ...args, '-n', namespace, '-o', 'json']);
  if (code !== 0) throw new Error(stderr.trim());
  return JSON.parse(stdout) as T;
}

async function kubectl({ plane }: Stage, args: string[], maxLines = Infinity): Promise<void> {
  const { stdout, stderr } = await plane.kubectl(args);
  print(`kubectl ${args.map(quote).join(' ')}`, `${stdout}${stderr}`, maxLines);
}

/** As the kubectl plugin, which is the same program, or the container's own command. */
async function saaslicense({ plane }: Stage, args: string[], maxLines = Infinity): Promise<void> {
  const run = Promise.withResolvers<string>();
  execFile(process.execPath, [join(root, 'operator/main.ts'), ...args], { env: { ...process.env, KUBECONFIG: plane.kubeconfig } }, (error, stdout, stderr) => {
    if (error === null) run.resolve(stdout);
    else run.reject(new Error(`saaslicense ${args[0] ?? ''}: ${stderr.trim() || error.message}`));
  });
  print(`saaslicense ${args.map(quote).join(' ')}`, await run.promise, maxLines);
}

function quote(arg: string): string {
  return /^[\w./=-]+$/.test(arg) ? arg : `'${arg}'`;
}

function print(command: string, output: string, maxLines: number): void {
  const lines = output.trimEnd().split('\n');
  console.log(`\n$ ${command}`);
  console.log(lines.slice(0, maxLines).join('\n'));
  if (lines.length > maxLines) console.log(`… ${lines.length - maxLines} more lines`);
}
