import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { stampConditions } from '../stamp.ts';
import { applyConsent } from './apply-consent.ts';
import { connectAlias } from './apply.ts';
import { consentEvents } from './consent-events.ts';
import { decideConnect, findObstacle, missingScopes, type ConnectDecision } from './decide-connect.ts';
import { aliasConditionTypes, asConsenting, decideStatus, expectRenewal, type AliasPlan } from './decide-status.ts';
import { gatherAlias } from './gather.ts';
import type { AliasInput, ConnectOutcome } from './input.ts';
import { decideTokenRemoval, removeLeftovers } from './leftover-secrets.ts';

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
  const found = await gatherAlias(alias, dependencies, signal);
  const removal = decideTokenRemoval(found, dependencies.clock.now());
  const gathered = await removeLeftovers(found, removal, dependencies, signal);
  const { input, decision, outcome } = await applyToken(gathered, dependencies, signal);
  const now = dependencies.clock.now();
  const plan = decideStatus(input, decision, outcome, now);
  const { generation } = alias.metadata;
  const conditions = stampConditions(alias.status?.conditions, plan.conditions, { generation, now, ownedTypes: aliasConditionTypes });
  await dependencies.ownWrites.aliases.write(key, alias, { ...plan.status, conditions }, signal);
  recordEvents(alias, input, outcome, dependencies);
  recordConsent(alias, input, plan, dependencies);
  dependencies.metrics.setConnectionAlias(objectName(key), expectRenewal(input, plan.status));
  const waits = [plan.requeueAfterMs, removal.kind === 'Wait' ? removal.ms : undefined].filter((ms) => ms !== undefined);
  return waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) };
}

interface TokenPass {
  /** As things stand after what was done. */
  readonly input: AliasInput;
  readonly decision: ConnectDecision;
  readonly outcome: ConnectOutcome;
}

/** A credential is exchanged for a token; a consent is waited for, kept and renewed. */
async function applyToken(input: AliasInput, dependencies: ControllerDependencies, signal: AbortSignal): Promise<TokenPass> {
  const consenting = asConsenting(input);
  if (consenting !== undefined) {
    const pass = await applyConsent(consenting, { dependencies, signal });
    return { ...pass, decision: findObstacle(pass.input, dependencies.clock.now()) ?? { kind: 'Keep' } };
  }
  const decision = decideConnect(input, dependencies.clock.now());
  return { input, decision, outcome: await connectAlias(input, decision, dependencies, signal) };
}

function recordEvents(alias: ConnectionAlias, input: AliasInput, outcome: ConnectOutcome, { events }: ControllerDependencies): void {
  if (outcome.kind === 'Failed') {
    events.record(alias, { type: 'Warning', reason: outcome.failure.reason, action: 'Connect', note: outcome.failure.message });
  }
  if (outcome.kind !== 'Connected' || !outcome.isNew) return;
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

function recordConsent(alias: ConnectionAlias, input: AliasInput, { status, conditions }: AliasPlan, { events }: ControllerDependencies): void {
  const consenting = asConsenting(input);
  if (consenting === undefined) return;
  for (const note of consentEvents(alias, { input: consenting, status, parts: conditions })) events.record(alias, note);
}
