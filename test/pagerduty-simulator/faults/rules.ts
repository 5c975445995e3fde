import type { ErrorVariant } from '../http/replies.ts';

/** What goes wrong with an answer. Only `status` and a reset before processing keep the request from being carried out. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly body?: ErrorVariant; readonly headers?: Readonly<Record<string, string>> }
  /** The body ends after `keepBytes`. `whole`: content-length promises all of it, then the connection ends; `kept`: it looks complete. */
  | { readonly kind: 'truncate'; readonly keepBytes: number; readonly contentLength: 'whole' | 'kept' }
  | { readonly kind: 'malformed-json' }
  | { readonly kind: 'html'; readonly status?: number }
  | { readonly kind: 'empty'; readonly status?: number }
  /** The page before is served again under the offset asked for. */
  | { readonly kind: 'duplicate-page' }
  /** As if somebody earlier in the list had been deleted (1: one is missed) or added (-1: one comes twice) while paging. */
  | { readonly kind: 'shift'; readonly by: number }
  /** `more` says the opposite of what is true. */
  | { readonly kind: 'wrong-more' }
  | { readonly kind: 'reset'; readonly when: 'before-processing' | 'before-headers' | 'after-headers' }
  | { readonly kind: 'drip'; readonly chunkBytes: number; readonly everyMs: number };

export interface FaultRule {
  readonly id?: string;
  readonly method?: string;
  /** Path or pattern: `*` or `{…}` stands for one part, a last `**` for any rest. Default: every path. */
  readonly route?: string;
  /** Query parameters that must have these values. */
  readonly where?: Readonly<Record<string, string>>;
  /** Matching requests to let pass first. Default 0. */
  readonly skip?: number;
  /** Requests to spoil; null = all that follow. Default 1. */
  readonly count?: number | null;
  /** Real milliseconds to wait before answering. */
  readonly delayMs?: number;
  /** Undefined = only the delay. */
  readonly fault?: Fault;
}

export interface FaultState extends FaultRule {
  readonly id: string;
  readonly matched: number;
  readonly applied: number;
}

export interface FaultRules {
  /** Adds a rule; returns its id. The first rule that is due decides. */
  add(rule: FaultRule): string;
  remove(id: string): boolean;
  list(): FaultState[];
  clear(): void;
}

export interface AskableFaultRules extends FaultRules {
  /** The rule for this request; counts it. */
  next(request: { method: string; path: string; query: URLSearchParams }): FaultRule | undefined;
}

export function createFaultRules(): AskableFaultRules {
  const rules = new Map<string, FaultState>();
  let number = 0;

  return {
    add(rule) {
      number += 1;
      const id = rule.id ?? `fault-${number}`;
      rules.set(id, { ...rule, id, matched: 0, applied: 0 });
      return id;
    },
    remove: (id) => rules.delete(id),
    list: () => [...rules.values()],
    clear: () => rules.clear(),
    next(request) {
      let chosen: FaultRule | undefined;
      for (const rule of rules.values()) {
        if (!matches(rule, request)) continue;
        const matched = rule.matched + 1;
        const due = chosen === undefined && matched > (rule.skip ?? 0) && rule.applied < (rule.count === null ? Infinity : (rule.count ?? 1));
        rules.set(rule.id, { ...rule, matched, applied: rule.applied + (due ? 1 : 0) });
        if (due) chosen = rule;
      }
      return chosen;
    },
  };
}

function matches(rule: FaultRule, request: { method: string; path: string; query: URLSearchParams }): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false;
  if (rule.route !== undefined && !fitsRoute(rule.route, request.path)) return false;
  return Object.entries(rule.where ?? {}).every(([name, value]) => request.query.getAll(name).includes(value));
}

function fitsRoute(route: string, path: string): boolean {
  const wanted = route.split('/');
  const given = path.split('/');
  if (wanted.at(-1) === '**') return wanted.slice(0, -1).every((part, index) => fitsPart(part, given[index]));
  return wanted.length === given.length && wanted.every((part, index) => fitsPart(part, given[index]));
}

function fitsPart(part: string, given: string | undefined): boolean {
  return given !== undefined && (part === '*' || part.startsWith('{') || part === given);
}
