import { DAY_MS } from '../company/company.ts';
import type { AuditRecord, CompanyState, Incident, Policy, Settings } from '../index.ts';
import type { Answer, TestAccount } from './open-account.ts';
import { makeCompany, NOW, openAccount } from './open-account.ts';

export const now = Date.parse(NOW);
export const POLICY: Policy = { id: 'PPOLICY', name: 'Web', description: null, teamIds: [], loops: 0, rules: [] };

interface ErrorBody {
  readonly error: { readonly message: string; readonly code: number; readonly errors: readonly string[] };
}

export function makeIncident(patch: Partial<Incident> & { id: string; number: number }): Incident {
  const createdAt = patch.createdAt ?? now - DAY_MS;
  return {
    title: 'Trouble',
    urgency: 'high',
    createdAt,
    status: 'resolved',
    assigneeIds: [],
    snapshot: POLICY,
    actions: [
      { type: 'trigger', at: createdAt, agent: { kind: 'integration' } },
      { type: 'notify', at: createdAt + 1000, agent: { kind: 'service' }, notifiedId: 'PSTAKE1' },
      { type: 'acknowledge', at: createdAt + 2000, agent: { kind: 'user', id: 'PRESP01' } },
      { type: 'resolve', at: createdAt + 3000, agent: { kind: 'user', id: 'PRESP01' } },
    ],
    ...patch,
  };
}

export function makeRecord(id: string, at: number, patch: Partial<AuditRecord> = {}): AuditRecord {
  const actors = [{ type: 'user_reference', id: 'POWNER1' } as const];
  return { id, at, actors, method: 'browser', action: 'update', root: { type: 'teams', id: 'PTEAM01', name: 'A' }, fields: [], ...patch };
}

/** With an account key of each kind and the key of an observer. */
export async function openHistory(company: Partial<CompanyState>, settings: Partial<Settings> = {}): Promise<TestAccount> {
  return await openAccount({ company: makeCompany(company), settings, apiKeys: [{ key: 'full-key' }, { key: 'read-key', access: 'read-only' }, { key: 'observer', userId: 'POBSERV' }] });
}

export function idsOf(answer: Answer<unknown>, key: string): string[] {
  return (answer.body as Record<string, readonly { id: string }[]>)[key]?.map(({ id }) => id) ?? [];
}

/** Status, code and errors. */
export function errorsOf(answer: Answer<unknown>): [number, number, readonly string[]] {
  const { code, errors } = (answer.body as ErrorBody).error;
  return [answer.status, code, errors];
}
