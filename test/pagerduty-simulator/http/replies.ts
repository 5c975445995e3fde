/** What is to be answered, before faults get at it. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: ReplyBody;
}

export type ReplyBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string; readonly contentType: string }
  | { readonly kind: 'none' };

/** Thrown by a handler to answer something else than it was asked for. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`answered with ${reply.status}`);
    this.reply = reply;
  }
}

export function json(value: unknown, status = 200): Reply {
  return { status, body: { kind: 'json', value } };
}

export function noContent(): Reply {
  return { status: 204, body: { kind: 'none' } };
}

export interface ApiError {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly errors?: readonly string[];
}

export function apiError(error: ApiError): Reply {
  const { status, code, message, errors } = error;
  return json({ error: { message, code, ...(errors === undefined ? {} : { errors }) } }, status);
}

/** The errors of facts 6.2, by what happened. */
export const notFound: ApiError = { status: 404, code: 2100, message: 'Not Found' };
export const notAuthenticated: ApiError = { status: 401, code: 2006, message: 'Authentication failed' };

export function accessDenied(...errors: string[]): ApiError {
  return { status: 403, code: 2010, message: 'Access Denied', ...(errors.length === 0 ? {} : { errors }) };
}

export function missingAbility(): ApiError {
  return { status: 402, code: 2014, message: 'Missing Account Ability' };
}

export function invalidInput(...errors: string[]): ApiError {
  return { status: 400, code: 2001, message: 'Invalid Input Provided', errors };
}

export function missingArguments(...errors: string[]): ApiError {
  return { status: 400, code: 2003, message: 'Missing Arguments', errors };
}

export function argumentError(code: 2002 | 2004 | 2005, ...errors: string[]): ApiError {
  return { status: 400, code, message: 'Arguments Caused Error', errors };
}

export function refuse(error: ApiError): never {
  throw new Refusal(apiError(error));
}

/** The shapes that error bodies were seen in (facts 6.2, 1.7). */
export type ErrorVariant =
  | 'normal'
  | 'errors-string'
  | 'errors-null'
  | 'errors-object'
  | 'error-array'
  | 'error-string'
  | 'no-code-no-message'
  | 'code-is-status'
  | 'missing-scopes'
  | 'not-json'
  | 'html'
  | 'empty';

export function errorVariant(variant: ErrorVariant, error: ApiError): Reply {
  const { status, code, message } = error;
  const details = error.errors ?? [message];
  const values: Record<Exclude<ErrorVariant, 'not-json' | 'html' | 'empty'>, unknown> = {
    normal: { error: { message, code, errors: details } },
    'errors-string': { error: { message, code, errors: details.join(' ') } },
    'errors-null': { error: { message, code, errors: null } },
    'errors-object': { error: { message, code, errors: { base: details } } },
    'error-array': { error: [message, ...details] },
    'error-string': { error: message },
    'no-code-no-message': { error: { errors: details } },
    'code-is-status': { error: { code: status, message, errors: [] } },
    'missing-scopes': { error: { message: 'Token missing required scopes', required_scopes: 'users.read', token_scopes: 'openid' } },
  };
  if (variant === 'not-json') return { status, body: { kind: 'text', text: message, contentType: 'text/plain; charset=utf-8' } };
  if (variant === 'html') return html(status);
  if (variant === 'empty') return { status, body: { kind: 'none' } };
  return json(values[variant], status);
}

export function html(status: number): Reply {
  const text = `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>Something went wrong</h1></body></html>\n`;
  return { status, body: { kind: 'text', text, contentType: 'text/html; charset=utf-8' } };
}
