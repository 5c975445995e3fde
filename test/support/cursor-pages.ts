/** A page of audit records as PagerDuty wraps it; the cursor is the place of the next row. */
export function auditPageOf(records: readonly unknown[], query: URLSearchParams): Record<string, unknown> {
  const limit = Number(query.get('limit') ?? 100);
  const start = Number(query.get('cursor') ?? 0);
  const end = start + limit;
  return { records: records.slice(start, end), limit, next_cursor: end < records.length ? String(end) : null };
}

/** A page of analytics as PagerDuty wraps it; the cursor names the last row that was given. */
export function signInPageOf(rows: readonly { readonly id: string }[], body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const limit = Number(body['limit'] ?? 1000);
  const start = 'starting_after' in body ? rows.findIndex((row) => `after ${row.id}` === body['starting_after']) + 1 : 0;
  const data = rows.slice(start, start + limit);
  const mark = (row: { readonly id: string } | undefined): string | null => (row === undefined ? null : `after ${row.id}`);
  return { data, first: mark(data[0]), last: mark(data.at(-1)), more: start + data.length < rows.length, limit, time_zone: 'Etc/UTC', order: 'asc', order_by: 'user_id' };
}
