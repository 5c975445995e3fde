import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { annotations } from '../../operator/api/group.ts';
import type { IntegrationProfile } from '../../operator/api/integration-profile.ts';
import type { ReclamationRule } from '../../operator/api/reclamation-rule.ts';
import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { Person } from '../pagerduty-simulator/company/company.ts';
import { release, type Cluster, type Colleague } from './cluster.ts';
import { EndToEndError } from './commands.ts';
import { expectThat, type Say } from './expectations.ts';
import { colleague, names, users } from './manifests.ts';
import { openVendor, type Vendor } from './vendor.ts';

/** For how long the vendor keeps the answer to the one DELETE back: time to kill who asked. */
const slowAnswerMs = 20_000;
/** A claim lasts three minutes (decide-attempt.ts), and a Lease has to run out before that. */
const patienceAfterKillMs = 330_000;

interface Scene {
  readonly cluster: Cluster;
  readonly vendor: Vendor;
  /** Somebody with the role `admin` of the chart, and no more. */
  readonly kim: Colleague;
  readonly rule: string;
  readonly say: Say;
}

/**
 * The destructive half, as somebody lives it with kubectl and saaslicense: a rule that made itself is confirmed, one person is downgraded, another
 * removed while the leader is killed, both are restored, and the audit trail is unbroken.
 */
export async function reclaim(cluster: Cluster, say: Say): Promise<void> {
  await cluster.apply(colleague());
  const scene: Scene = { cluster, say, vendor: openVendor(cluster), kim: await cluster.colleague(names.colleague), rule: await findRule(cluster) };
  await openRule(scene);
  await refuseOtherNames(scene);
  const downgraded = await downgrade(scene);
  const removed = await removeThroughKill(scene);
  await verifyAudit(scene);
  await restore(scene, downgraded);
  await restore(scene, removed);
  await refresh(scene);
}

/** The rule that covers most people, once it has been evaluated. */
async function findRule(cluster: Cluster): Promise<string> {
  const args = ['recrule', '-n', names.tenant];
  // Those of stakeholders are held: on-call duty, which is all that is watched, does not see them.
  const { items } = await cluster.until<{ items: ReclamationRule[] }>('a rule that has been evaluated', args, (list) => list.items.some((rule) => coveredOf(rule) > 0));
  const [largest] = items.toSorted((a, b) => coveredOf(b) - coveredOf(a));
  if (largest === undefined || largest.spec.confirmedRule !== undefined) throw new EndToEndError('no rule was made, or one that counts as confirmed');
  return largest.metadata.name;
}

function coveredOf({ status }: ReclamationRule): number {
  return status?.evaluation?.covered ?? 0;
}

/** In this made-up company most people sleep; each limit is raised on purpose, as somebody would who has looked. */
async function openRule(scene: Scene): Promise<void> {
  const { cluster, kim, rule, say } = scene;
  await kim.patch('intprof', names.profile, { reclaimSubscriptions: true, reclaimLimits: { maxPerDay: 1000, maxPercentPerDay: 100 } });
  await kim.patch('recrule', rule, { limits: { maxCandidateRatio: 100, maxPercent: 100, maxPerRun: 20, minAdmins: 1 } });
  await confirm(scene);
  const found = await cluster.until<ReclamationRule>('the rule has opened its candidates', ['recrule', rule, '-n', names.tenant], isOpened);
  expectThat((found.status?.openCandidates ?? 0) > 0, `rule ${rule}, confirmed by somebody, has ${found.status?.openCandidates} candidates`, say);
}

/** As docs/reclaim.md says: with the id of the rule that was read. */
async function confirm({ cluster, kim, rule }: Scene): Promise<void> {
  const isCurrent = ({ metadata, status }: ReclamationRule): boolean => status?.observedGeneration === metadata.generation && status?.review !== undefined;
  const { status } = await cluster.until<ReclamationRule>('the rule has an id to confirm', ['recrule', rule, '-n', names.tenant], isCurrent);
  await kim.patch('recrule', rule, { confirmedRule: status?.review?.id });
}

function isOpened({ metadata, status }: ReclamationRule): boolean {
  return status?.observedGeneration === metadata.generation && status?.held === undefined && (status?.openCandidates ?? 0) > 0;
}

/** A candidate that is ready, and whom nothing at the vendor keeps. */
async function choose({ cluster, vendor, rule }: Scene, action: 'Downgrade' | 'Remove'): Promise<RemovalCandidate> {
  const free = await vendor.free();
  const fits = ({ spec, status }: RemovalCandidate): boolean =>
    status?.state === 'Ready' && spec.decision === undefined && spec.subject.action === action && spec.subject.ruleRef.name === rule && free.has(spec.subject.externalUserId);
  const { items } = await cluster.until<{ items: RemovalCandidate[] }>(`a candidate to ${action}`, ['remcand', '-n', names.tenant], (list) => list.items.some(fits));
  const found = items.find(fits);
  if (found === undefined) throw new EndToEndError(`there is nobody to ${action}`);
  return found;
}

/** C24: the policy of the chart, on a cluster whose API server enforces it. */
async function refuseOtherNames(scene: Scene): Promise<void> {
  const { metadata } = await choose(scene, 'Downgrade');
  const said = await decide(scene, metadata.name, 'alex').catch((error: unknown) => String(error));
  expectThat(typeof said === 'string' && said.includes(`spec.decision.by must be ${scene.kim.username}`), 'nobody decides under another name than their own', scene.say);
}

async function decide({ kim }: Scene, candidate: string, by: string): Promise<void> {
  await kim.patch('remcand', candidate, { decision: { verdict: 'Reclaim', by, reason: 'Has not been on call for two months' } });
}

interface Acted {
  readonly candidate: RemovalCandidate;
  readonly before: Person;
}

async function start(scene: Scene, action: 'Downgrade' | 'Remove'): Promise<Acted> {
  const candidate = await choose(scene, action);
  const before = await scene.vendor.person(candidate.spec.subject.externalUserId);
  if (before === undefined) throw new EndToEndError(`${candidate.metadata.name} is about nobody`);
  return { candidate, before };
}

async function downgrade(scene: Scene): Promise<Acted> {
  const { vendor, kim, say } = scene;
  const acted = await start(scene, 'Downgrade');
  const { externalUserId, downgradeTo } = acted.candidate.spec.subject;
  await decide(scene, acted.candidate.metadata.name, kim.username);
  await untilClosed(scene, acted);
  expectThat((await vendor.person(externalUserId))?.role === downgradeTo?.role, `a decided downgrade: ClosedComplete, and a ${downgradeTo?.role ?? '?'} at the vendor`, say);
  await expectOneWrite(scene, acted, 'PUT 200');
  return acted;
}

/** Guard 4: the process that sends the one DELETE dies while it waits for the answer; another one finds out, and sends none. */
async function removeThroughKill(scene: Scene): Promise<Acted> {
  const { cluster, vendor, kim, rule, say } = scene;
  await kim.patch('recrule', rule, { action: 'Remove', downgradeTo: null });
  await confirm(scene);
  const acted = await start(scene, 'Remove');
  const { externalUserId, subscriptionRef } = acted.candidate.spec.subject;
  await vendor.delayNext('DELETE', slowAnswerMs);
  await decide(scene, acted.candidate.metadata.name, kim.username);
  await cluster.until<RemovalCandidate>('the one request is claimed', argsOf(acted), ({ status }) => status?.attempt?.phase === 'Claimed');
  const leader = await killLeader(cluster);
  say(`ok  ${leader}, the leader, is killed with the DELETE on its way`);
  await untilClosed(scene, acted, patienceAfterKillMs);
  expectThat((await vendor.person(externalUserId)) === undefined, 'the next leader has read it back: ClosedComplete, and gone from the vendor', say);
  await expectOneWrite(scene, acted, 'DELETE 204');
  const left = await cluster.kubectl('get', 'swsub', subscriptionRef.name, '-n', names.tenant, '--ignore-not-found', '-o', 'name');
  expectThat(left === '', 'the subscription of the person who was removed is gone', say);
  await cluster.kubectl('-n', names.operatorNamespace, 'rollout', 'status', `deployment/${release}`, '--timeout=60s');
  return acted;
}

/** Kills the process at once, as a node that fails does. */
async function killLeader(cluster: Cluster): Promise<string> {
  const holder = await cluster.kubectl('get', 'lease', `${release}-leader`, '-n', names.operatorNamespace, '-o', 'jsonpath={.spec.holderIdentity}');
  const pod = holder.replace(/_[^_]*$/u, '');
  await cluster.kubectl('delete', 'pod', pod, '-n', names.operatorNamespace, '--force', '--grace-period=0');
  return pod;
}

async function untilClosed({ cluster }: Scene, acted: Acted, patienceMs?: number): Promise<void> {
  const closed = await cluster.until<RemovalCandidate>('the candidate is closed', argsOf(acted), ({ status }) => status?.state === 'ClosedComplete' || status?.state === 'AttentionRequired', patienceMs);
  if (closed.status?.state !== 'ClosedComplete') throw new EndToEndError(`${acted.candidate.metadata.name} needs somebody: ${JSON.stringify(closed.status)}`);
  const secret = closed.status.undo?.secret ?? 'none';
  const type = await cluster.kubectl('get', 'secret', secret, '-n', names.tenant, '-o', 'jsonpath={.type}');
  if (type !== 'saaslicense.dev/undo') throw new EndToEndError(`${secret} is of type ${type}, and holds no undo`);
}

async function expectOneWrite({ vendor, say }: Scene, { candidate }: Acted, write: string): Promise<void> {
  const writes = await vendor.writesOn(candidate.spec.subject.externalUserId);
  expectThat(writes.length === 1 && writes[0] === write, `one write for that person in the vendor's journal: ${writes.join(', ')}`, say);
}

/** D8: exported and verified from outside, with what the colleague may read. */
async function verifyAudit({ kim, say }: Scene): Promise<void> {
  const folder = await mkdtemp(join(kim.directory, 'audit-'));
  try {
    await kim.saaslicense('audit', 'export', '--out', join(folder, 'pack'));
    const said = await kim.saaslicense('audit', 'verify', join(folder, 'pack'));
    expectThat(said.startsWith('Intact: '), said.split('\n', 1)[0] ?? '', say);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** D4: what was taken is given back, to the same person or, after a removal, to a new account of theirs. */
async function restore({ vendor, kim, say }: Scene, { candidate, before }: Acted): Promise<void> {
  const { action } = candidate.spec.subject;
  // The leader that was killed had the turn to write to the account; nobody can know that it is dead, so its turn has to end.
  const said = await kim.saaslicense('restore', candidate.metadata.name, '--wait', '8m');
  const after = await vendor.byAddress(before.email);
  const isBack = after?.role === before.role && after.name === before.name && JSON.stringify(after.teams) === JSON.stringify(before.teams);
  expectThat(isBack && said.includes('restored at'), `restored after ${action}: role, name and teams as before${after?.id === before.id ? '' : ', in a new account'}`, say);
}

/** Who is back is seen at the next refresh. */
async function refresh({ cluster, kim, say }: Scene): Promise<void> {
  const before = await cluster.kubectl('get', 'intprof', names.profile, '-n', names.tenant, '-o', 'jsonpath={.status.refresh.subscriptions.startTime}');
  await kim.kubectl('annotate', 'intprof', names.profile, `${annotations.requestedAt}=${Date.now()}`);
  const args = ['intprof', names.profile, '-n', names.tenant];
  await cluster.until<IntegrationProfile>('a refresh that sees everybody', args, ({ status }) => {
    const run = status?.refresh?.subscriptions;
    // Until then the figures are those of the first.
    return run !== undefined && run.startTime !== before && run.result === 'Succeeded' && status?.subscriptions?.total === users && status.position?.assigned === users;
  });
  const { items } = JSON.parse(await cluster.kubectl('get', 'swsub', '-n', names.tenant, '-o', 'json')) as { items: unknown[] };
  expectThat(items.length === users, `the next refresh sees all ${users} people again`, say);
}

function argsOf({ candidate }: Acted): string[] {
  return ['remcand', candidate.metadata.name, '-n', names.tenant];
}
