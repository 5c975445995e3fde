import type { AuditActor, AuditRecord } from '../company/history.ts';
import type { Call } from '../http/call.ts';

/** Puts a change on record, under whoever asked (facts 4.6). */
export function recordChange(call: Call, change: Pick<AuditRecord, 'action' | 'root' | 'fields'>): void {
  const byKey = call.credential.scopes === undefined;
  call.account.record({ ...change, at: call.now, actors: [actorOf(call)], method: byKey ? 'api_token' : 'oauth' });
}

function actorOf({ credential }: Call): AuditActor {
  if (credential.userId !== undefined) return { type: 'user_reference', id: credential.userId };
  return { type: credential.kind === 'app' ? 'app_reference' : 'api_key_reference', id: credential.id };
}
