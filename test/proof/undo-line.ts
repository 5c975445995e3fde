import type { CompanyState } from '../pagerduty-simulator/index.ts';

/** A request of an undo, and exactly what it has changed. */
export interface UndoWrite {
  readonly candidate: string;
  readonly uid: string;
  readonly origin: string;
  readonly method: string;
  readonly path: string;
  /** The account when the request left; the vendor may carry it out much later, and what comes in between no reading can see. */
  readonly whenSent: CompanyState;
  readonly before: CompanyState;
  readonly after: CompanyState;
  readonly subject: { readonly id: string; readonly address: string; readonly action: string; readonly left: string | undefined };
  readonly areClocksRight: boolean;
  /** Whether somebody had asked for it, word for word. */
  readonly isAsked: boolean;
  /** How many had asked, and how many undos were recorded as done, for all copies of the candidate. */
  readonly asked: number;
  readonly restored: number;
}
