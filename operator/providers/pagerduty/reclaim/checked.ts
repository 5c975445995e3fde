import { OperatorError } from '../../../api/errors.ts';
import type { VendorBlocker } from '../../reclaim.ts';
import { mayUse, type Client } from '../client.ts';
import { Overflow } from '../paging.ts';

/** What a question brought, or why it could not be put. */
export type Checked<T> = { readonly kind: 'Known'; readonly value: T } | { readonly kind: 'Unknown'; readonly why: string };

/** A question that this credential may not be allowed to put. */
export interface Question<T> {
  /** Needed, as far as PagerDuty says so; undefined where it names none. */
  readonly scope: string | undefined;
  readonly ask: () => Promise<T>;
}

/**
 * Puts a question. What this credential or plan is refused becomes `Unknown`, with what to grant; nothing is asked
 * where the scopes tell already. Everything that may pass by itself throws: half an answer is none (guard 6).
 */
export async function checkOff<T>({ scope, ask }: Question<T>, client: Client): Promise<Checked<T>> {
  if (scope !== undefined && !mayUse(client.session, scope)) return { kind: 'Unknown', why: `grant the scope ${scope}` };
  try {
    return { kind: 'Known', value: await ask() };
  } catch (error) {
    const why = explain(error, scope);
    if (why === undefined) throw error;
    return { kind: 'Unknown', why };
  }
}

function explain(error: unknown, scope: string | undefined): string | undefined {
  if (error instanceof Overflow) return 'there are more than the 10,000 that PagerDuty lists, so they cannot be read whole';
  if (!(error instanceof OperatorError)) return undefined;
  switch (error.failure.reason) {
    case 'ScopeMissing':
      return scope === undefined ? 'grant the scope that PagerDuty asks for' : `grant the scope ${scope}`;
    case 'AccessDenied':
      return `give the credential a role${scope === undefined ? '' : ` or the scope ${scope}`} that may read it`;
    case 'PlanLacksFeature':
      return 'the account’s plan does not let it be read';
    case 'NotFound':
      return 'PagerDuty does not offer it to this credential';
    default:
      return undefined;
  }
}

/** What the check found, or a blocker for the check that could not be made (guard 3). */
export function blockUnknown<T>(name: string, checked: Checked<T>, judge: (value: T) => VendorBlocker[]): VendorBlocker[] {
  return checked.kind === 'Known' ? judge(checked.value) : [{ kind: 'Unverified', name, detail: checked.why }];
}

export function known<T>(checked: Checked<T>): T | undefined {
  return checked.kind === 'Known' ? checked.value : undefined;
}
