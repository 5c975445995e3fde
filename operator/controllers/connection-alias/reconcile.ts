import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { stampConditions } from '../stamp.ts';
import { connectAlias } from './apply.ts';
import { decideConnect, missingScopes } from './decide-connect.ts';
import { aliasConditionTypes, decideStatus } from './decide-status.ts';
import { gatherAlias } from './gather.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';

/** Brings one ConnectionAlias up to date: gather → decide → apply → status, last and only when it changed. */
export async function reconcileAlias(
  key: string,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const alias = dependencies.ownWrites.aliases.newest(key, dependencies.stores.aliases.get(key));
  if (alias === undefined) {
    dependencies.metrics.forgetConnectionAlias(objectName(key));
    return {};
  }
  // The token Secret goes with its owner; nothing outside has to be undone.
  if (alias.metadata.deletionTimestamp !== undefined) return {};
  const input = await gatherAlias(alias, dependencies, signal);
  const decision = decideConnect(input, dependencies.clock.now());
  const outcome: ConnectOutcome =
    decision.kind === 'Connect' ? await connectAlias(input, decision, dependencies, signal) : { kind: 'NotTried' };
  const now = dependencies.clock.now();
  const plan = decideStatus(input, decision, outcome, now);
  const { generation } = alias.metadata;
  const conditions = stampConditions(alias.status?.conditions, plan.conditions, { generation, now, ownedTypes: aliasConditionTypes });
  await dependencies.ownWrites.aliases.write(key, alias, { ...plan.status, conditions }, signal);
  recordEvents(alias, input, outcome, dependencies);
  dependencies.metrics.setConnectionAlias(objectName(key), plan.status);
  return plan.requeueAfterMs === undefined ? {} : { requeueAfterMs: plan.requeueAfterMs };
}

function recordEvents(alias: ConnectionAlias, input: AliasInput, outcome: ConnectOutcome, { events }: ControllerDependencies): void {
  if (outcome.kind === 'Failed') {
    events.record(alias, { type: 'Warning', reason: outcome.failure.reason, action: 'Connect', note: outcome.failure.message });
  }
  if (outcome.kind !== 'Connected') return;
  events.record(alias, { type: 'Normal', reason: 'TokenIssued', action: 'Connect', note: 'A new access token is in the token Secret.' });
  const missing = missingScopes(input, outcome.grantedScopes);
  if (missing.length > 0) {
    events.record(alias, {
      type: 'Warning',
      reason: 'ScopesNotGranted',
      action: 'Connect',
      note: `The vendor did not grant ${missing.join(', ')}.`,
    });
  }
}
