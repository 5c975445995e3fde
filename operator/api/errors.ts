/**
 * The one error union of the house (design section 2; facts/operators.md A9.4). What to do about an
 * error is decided by its kind, never by its text. `reason` is CamelCase and becomes a condition and
 * event reason; `message` is for people, is a pure function of the spec and the class of failure
 * (no times, request ids or vendor text) and never holds a secret or an e-mail address (guard 7).
 */
export type Failure = TerminalFailure | WaitingFailure | RetryableFailure | ConflictFailure;

interface FailureText {
  readonly reason: string;
  readonly message: string;
}

/** A person has to change something; retrying does not help. */
export interface TerminalFailure extends FailureText {
  readonly kind: 'Terminal';
}

/** Something that will come by itself is not there yet; look again, without counting a failure. */
export interface WaitingFailure extends FailureText {
  readonly kind: 'Waiting';
  /** Milliseconds after which to look again. */
  readonly retryAfterMs: number;
}

/** A fault that may pass; retry with back-off, not before `retryAfterMs` when the other side said so. */
export interface RetryableFailure extends FailureText {
  readonly kind: 'Retryable';
  /** Least milliseconds to wait, from Retry-After or a rate-limit header. */
  readonly retryAfterMs?: number;
}

/** Somebody else wrote first; read again and decide again, at once. */
export interface ConflictFailure extends FailureText {
  readonly kind: 'Conflict';
}

/** Carries a Failure through promises. `detail` goes to logs only (vendor text, request ids); it is never a secret. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly failure: Failure;
  readonly detail: Readonly<Record<string, string | number | boolean>>;

  constructor(failure: Failure, detail: Readonly<Record<string, string | number | boolean>> = {}) {
    super(failure.message);
    this.failure = failure;
    this.detail = detail;
  }
}

export function terminal(reason: string, message: string, detail: OperatorError['detail'] = {}): OperatorError {
  return new OperatorError({ kind: 'Terminal', reason, message }, detail);
}

export function waiting(reason: string, message: string, retryAfterMs: number): OperatorError {
  return new OperatorError({ kind: 'Waiting', reason, message, retryAfterMs });
}

export function retryable(
  reason: string,
  message: string,
  options: { retryAfterMs?: number | undefined; detail?: OperatorError['detail'] } = {},
): OperatorError {
  const wait = options.retryAfterMs === undefined ? {} : { retryAfterMs: options.retryAfterMs };
  return new OperatorError({ kind: 'Retryable', reason, message, ...wait }, options.detail ?? {});
}

export function conflict(message: string, detail: OperatorError['detail'] = {}): OperatorError {
  return new OperatorError({ kind: 'Conflict', reason: 'Conflict', message }, detail);
}

/**
 * The Failure of anything thrown. What is not an OperatorError is a defect of ours: it is retried with
 * back-off, and its text, which could hold anything, stays out of the message.
 */
export function toFailure(error: unknown): Failure {
  if (error instanceof OperatorError) return error.failure;
  return {
    kind: 'Retryable',
    reason: 'InternalError',
    message: 'An unexpected internal error occurred; the operator log has the details.',
  };
}
