import { auditRecordResource, type AuditRecord } from '../../operator/api/audit-record.ts';
import { removalCandidateResource, type RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { Transport } from '../../operator/providers/pagerduty/transport.ts';
import { simulatorTransport } from '../pagerduty-simulator/index.ts';
import { settle } from '../support/fake-clock.ts';
import { areClocksRight } from './hands-time.ts';
import { isLate, putOff } from './late.ts';
import { requestText } from './people.ts';
import type { Process } from './process.ts';
import { namespace } from './subscriptions.ts';
import type { UndoWrite } from './undo-line.ts';
import { witness, type Witness } from './witness.ts';
import type { World } from './world.ts';

/** The line of one process to the vendor: each request that changes an account has a witness. */
export function createVendorLine(world: World, process: Process): Transport {
  const base = simulatorTransport(world.simulator);
  return async (call) => {
    const path = new URL(call.url).pathname;
    const person = call.method === 'GET' ? undefined : /^\/users\/([^/]+)$/.exec(path)?.[1];
    const isTimely = areClocksRight(world);
    const what = `${call.method} ${person === undefined ? path : '/users/{id}'}`;
    await process.between(what, 'before');
    const carryOut = async (): ReturnType<Transport> => base({ ...call, signal: new AbortController().signal });
    const whenSent = world.simulator.state.company;
    const undoing = call.method === 'GET' ? undefined : describeUndo(world, process.current);
    const send = undoing === undefined ? carryOut : async () => undo(world, { ...undoing, method: call.method, path, areClocksRight: isTimely, whenSent }, carryOut);
    const reply = person === undefined ? await send() : await carry(world, witness(world, { person, method: call.method, candidate: process.current, target: targetOf(call.json), areClocksRight: isTimely }), send);
    await process.between(what, 'after');
    return reply;
  };
}

async function carry(world: World, seen: Witness, send: () => ReturnType<Transport>): ReturnType<Transport> {
  world.underWay += 1;
  try {
    // The way there and back takes time, in which others may come.
    await travel(world);
    if (isLate(world)) return putOff(world, seen, send);
    const reply = await send();
    const entry = world.simulator.journal.list().findLast(({ method, person }) => method === seen.method && person === seen.person);
    if (entry !== undefined) seen.entry = entry;
    seen.after = world.simulator.state.company;
    await travel(world);
    return reply;
  } finally {
    world.underWay -= 1;
  }
}

async function travel({ dice }: World): Promise<void> {
  if (dice.chance(0.3)) await settle(dice.between(1, 40));
  else for (let turn = dice.between(0, 12); turn > 0; turn -= 1) await Promise.resolve();
}

function targetOf(json: unknown): Witness['target'] {
  const { user } = (json ?? {}) as { user?: { role: string; license?: { id: string } } };
  return user === undefined ? undefined : { role: user.role, subscriptionIdentifier: user.license?.id };
}

type Undoing = Omit<UndoWrite, 'before' | 'after'>;

/** Of an undo, each request is seen with what it changes. */
async function undo(world: World, about: Undoing, send: () => ReturnType<Transport>): ReturnType<Transport> {
  const before = world.simulator.state.company;
  const reply = await send();
  world.undone.push({ ...about, before, after: world.simulator.state.company });
  return reply;
}

/** What was intended last for the candidate. */
export function isUndoing(records: readonly AuditRecord['spec'][], candidate: string): boolean {
  const last = records.findLast(({ event, candidate: of }) => event === 'WriteIntended' && of === candidate);
  return last?.data?.some(({ key, value }) => key === 'action' && value === 'Restore') === true;
}

/** What is known of the undo that the candidate is in; undefined where it is in none. */
function describeUndo({ cluster, records: kept, restores }: World, name: string): Omit<Undoing, 'method' | 'path' | 'areClocksRight' | 'whenSent'> | undefined {
  const records = kept.list<AuditRecord>(auditRecordResource).map(({ spec }) => spec);
  const candidate = cluster.get<RemovalCandidate>(removalCandidateResource, { namespace, name });
  if (candidate === undefined || !isUndoing(records, name)) return undefined;
  const { metadata, spec: { subject, origin, restore } } = candidate;
  const asked = new Set(restores.filter((one) => one.origin === origin?.id).map(({ text }) => text));
  return {
    candidate: name,
    uid: metadata.uid ?? '',
    origin: origin?.id ?? '',
    subject: { id: subject.externalUserId, address: (subject.userPrincipalName ?? '').toLowerCase(), action: subject.action, left: subject.downgradeTo?.role },
    isAsked: restore !== undefined && asked.has(requestText(restore)),
    asked: asked.size,
    restored: records.filter((record) => record.event === 'Restored' && record.origin === origin?.id).length,
  };
}
