import { OperatorError } from '../../../api/errors.ts';
import type { TimeWindow } from '../../provider.ts';
import { mayUse, type Client } from '../client.ts';
import { pullCursors, type CursorPage } from '../cursors.ts';
import { pageSize } from '../paging.ts';
import { auditRetention } from '../permissions.ts';
import { parseAnswer } from '../schemas.ts';
import { cutWindow, day, formatInstant, second } from '../windows.ts';
import { personPlace } from './places.ts';
import { provenanceAnswer, type ProvenanceRow } from './schemas.ts';

/** As for the signal AuditActor: a day less than PagerDuty lets one question reach. */
const parts = { maxWindow: 30 * day, minWindow: second };
const refusals = new Set(['ScopeMissing', 'AccessDenied', 'PlanLacksFeature', 'NotFound']);

/**
 * What made the account (C25): an identity provider that will make it anew after a removal, where the last twelve months of
 * audit records show it. Undefined where they do not, and where this credential may not read them: it is a hint, no guard.
 */
export async function findProvenance(id: string, client: Client): Promise<'IdentityProvider' | undefined> {
  if (!mayUse(client.session, 'audit_records.read')) return undefined;
  const now = client.session.clock.now();
  try {
    for (const part of cutWindow({ from: now - auditRetention, to: now }, parts).toReversed()) {
      const made = await findCreation(part, id, client);
      if (made !== undefined) return made.method?.type === 'identity_provider' ? 'IdentityProvider' : undefined;
    }
    return undefined;
  } catch (error) {
    if (error instanceof OperatorError && refusals.has(error.failure.reason)) return undefined;
    throw error;
  }
}

async function findCreation(part: TimeWindow, id: string, client: Client): Promise<ProvenanceRow | undefined> {
  const listing = { route: '/users/{id}/audit/records', ask: async (cursor: string | undefined) => askPage(part, { id, cursor }, client), identify: (row: ProvenanceRow) => row.id };
  for await (const rows of pullCursors(listing)) {
    const made = rows.find((row) => row.action === 'create');
    if (made !== undefined) return made;
  }
  return undefined;
}

async function askPage({ from, to }: TimeWindow, { id, cursor }: { id: string; cursor: string | undefined }, client: Client): Promise<CursorPage<ProvenanceRow>> {
  const place = personPlace(id, '/audit/records');
  const json = await client.get(place, [
    ['since', formatInstant(from - second)],
    ['until', formatInstant(to)],
    ['limit', String(pageSize)],
    ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
  ]);
  const { records, next_cursor: next } = parseAnswer(provenanceAnswer, json, place.route);
  return { rows: records, next: next === null ? { kind: 'End' } : { kind: 'At', cursor: next } };
}
