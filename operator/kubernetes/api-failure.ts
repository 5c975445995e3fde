import { z } from 'zod';
import { OperatorError, conflict, retryable, terminal } from '../api/errors.ts';

/** The parts of a metav1.Status that decide; everything else of an error body is dropped unread. */
const statusBody = z.object({
  reason: z.string().optional().catch(undefined),
  code: z.number().optional().catch(undefined),
  // Of the text no more than whether it says that the schema lacks a field: server-side apply tells it nowhere else.
  message: z
    .string()
    .transform((text) => (text.includes('field not declared in schema') ? 'FieldNotDeclared' : undefined))
    .optional()
    .catch(undefined),
  details: z
    .object({
      name: z.string().optional().catch(undefined),
      retryAfterSeconds: z.number().optional().catch(undefined),
      causes: z
        .array(z.object({ reason: z.string().optional(), field: z.string().optional() }))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
});
export type StatusBody = z.infer<typeof statusBody>;

/** Reads an error body, whatever it is: HTML of a proxy and a cut-off body give an empty Status. */
export function parseStatus(body: unknown): StatusBody {
  return statusBody.safeParse(body).data ?? {};
}

/** What was asked, in words that depend on the request only: `list of secrets`, `patch of leases tenant/a`. */
export interface FailedRequest {
  readonly what: string;
  /** HTTP status. */
  readonly code: number;
  readonly status: StatusBody;
  /** Value of the Retry-After header. */
  readonly retryAfter?: string | undefined;
  /** Milliseconds since the epoch, to read a Retry-After that is a date. */
  readonly now: number;
}

/** Reason of every 410: the version or the continue token is older than what the API server keeps. */
export const listExpired = 'ListExpired';
/** Reason of a 409 because another field manager has a field that was to be applied. */
export const fieldConflict = 'FieldManagerConflict';
/** Reason of a 404 for the kind itself: its CRD is not there, or something that is no API server answered. */
export const kindNotServed = 'KindNotServed';

/** Maps an HTTP status of the API server to the error union (contract of KubernetesClient). */
export function failureOf(request: FailedRequest): OperatorError {
  const { code } = request;
  if (code === 409) return conflictOf(request);
  if (code === 404) return notFound(request);
  if (code === 410) return retry(request, listExpired, 'the version asked for is too old; it is listed again');
  if (code === 401) return retry(request, 'Unauthorized', 'the API server does not accept our credential');
  if (code === 429) return retry(request, 'TooManyRequests', 'the API server has too much to do');
  if (code === 408 || code >= 500 || code < 400) return fault(request);
  return refusal(request);
}

/** An apply of a field that an older CRD does not have is answered as a fault of the server (facts/operators.md B3.37). */
function fault(request: FailedRequest): OperatorError {
  if (request.status.message !== 'FieldNotDeclared') return retry(request, 'ApiServerError', 'the API server has a fault that may pass');
  return retry(request, 'CrdsOutdated', 'the installed CRDs lack a field that this version writes; apply the CRDs of this version');
}

function conflictOf(request: FailedRequest): OperatorError {
  const causes = request.status.details?.causes ?? [];
  const taken = causes.some((cause) => cause.reason === 'FieldManagerConflict');
  if (!taken) return conflict(`The ${request.what} met a newer or other version of the object; it is read again.`, detailOf(request));
  const message = `The ${request.what} would change fields that another field manager owns; remove them there.`;
  return new OperatorError({ kind: 'Conflict', reason: fieldConflict, message }, detailOf(request));
}

/** A 404 that names an object means that the object went away under us; any other means that the kind is not served. */
function notFound(request: FailedRequest): OperatorError {
  if (namesObject(request.status)) {
    return conflict(`The ${request.what} found the object or its namespace deleted; it is read again.`, detailOf(request));
  }
  return retry(request, kindNotServed, 'the API server does not serve this kind; install its CustomResourceDefinition');
}

/** Tells a missing object from a missing kind: only the former has the object's name in the Status. */
export function namesObject(status: StatusBody): boolean {
  return status.reason === 'NotFound' && Boolean(status.details?.name);
}

function refusal(request: FailedRequest): OperatorError {
  const terminating = request.status.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') ?? false;
  if (terminating) return terminal('NamespaceTerminating', `The ${request.what} was refused: the namespace is being deleted.`, detailOf(request));
  if (request.code === 403) {
    return terminal('Forbidden', `The ${request.what} is forbidden; grant it to the service account of the operator.`, detailOf(request));
  }
  const reason = request.code === 422 ? 'Invalid' : 'BadRequest';
  return terminal(reason, `The ${request.what} was refused as invalid; the log names the fields.`, detailOf(request));
}

function retry(request: FailedRequest, reason: string, why: string): OperatorError {
  return retryable(reason, `The ${request.what} failed: ${why}.`, {
    retryAfterMs: retryAfterMs(request),
    detail: detailOf(request),
  });
}

/** Milliseconds of Retry-After (seconds or a date), else of the Status. */
function retryAfterMs(request: FailedRequest): number | undefined {
  const header = request.retryAfter?.trim() ?? '';
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  if (!Number.isNaN(date)) return Math.max(0, date - request.now);
  const seconds = request.status.details?.retryAfterSeconds;
  return seconds === undefined || seconds <= 0 ? undefined : seconds * 1000;
}

/** Field paths and reasons, never values: a rejected value could be a secret or a person's address (guard 7). */
function detailOf(request: FailedRequest): OperatorError['detail'] {
  const causes = request.status.details?.causes ?? [];
  const fields = causes.map((cause) => `${cause.field ?? '?'}: ${cause.reason ?? '?'}`);
  return {
    code: request.code,
    reason: request.status.reason ?? 'unknown',
    ...(fields.length === 0 ? {} : { fields: fields.slice(0, 10).join(', ') }),
  };
}
