import type { Transport, TransportFault, VendorCall, VendorReply } from '../../../operator/providers/pagerduty/transport.ts';
import type { Core } from '../core.ts';
import type { Fault } from '../faults/rules.ts';
import { encode } from '../faults/transport.ts';
import { dispatch, type Carried } from './dispatch.ts';
import type { Reply } from './replies.ts';

/**
 * The simulator without a wire: the same dispatch, faults, locks and journal, and no socket, so that a test can run thousands of stories.
 * Resets and cut-off bodies become faults of the transport, as got tells of them. What an abort leaves behind is still carried out, as by a
 * server that does not see the client go. The control API is not here, `withinMs` is not kept, and a dripping answer comes at once.
 */
export function createInProcessTransport(core: Core): Transport {
  return async (call) => {
    // Sent while the signal is aborted: got leaves nothing on the wire, and does not say so.
    if (call.signal.aborted) return aborted;
    const answered = dispatch(core, carry(call), (reply, fault) => carryBack(reply, fault, call));
    return call.signal.aborted ? aborted : Promise.race([answered, whenAborted(call.signal, answered)]);
  };
}

const aborted: TransportFault = { kind: 'Fault', code: 'ABORT_ERR', isUnsent: false };
const reset: TransportFault = { kind: 'Fault', code: 'ECONNRESET', isUnsent: false };

function carry({ method, url, headers, form, json }: VendorCall): Carried {
  const body = form !== undefined ? new URLSearchParams(form).toString() : json === undefined ? '' : JSON.stringify(json);
  const typed = form === undefined ? headers : { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  const address = new URL(url);
  const lower = Object.fromEntries(Object.entries(typed).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, url: address, headers: { host: address.host, ...lower }, readBody: () => Promise.resolve(body) };
}

function carryBack(reply: Reply | undefined, fault: Fault | undefined, { maxBytes = Number.POSITIVE_INFINITY }: VendorCall): VendorReply | TransportFault {
  if (reply === undefined || endsEarly(fault)) return reset;
  const { bytes, contentType } = encode(reply, fault);
  const kept = fault?.kind === 'truncate' ? bytes.subarray(0, fault.keepBytes) : bytes;
  if (kept.length > maxBytes) return { kind: 'Fault', code: 'BODY_TOO_LARGE', isUnsent: false };
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  return { kind: 'Reply', status: reply.status, headers: { ...reply.headers, ...type }, body: kept.toString('utf8') };
}

function endsEarly(fault: Fault | undefined): boolean {
  return fault?.kind === 'reset' || (fault?.kind === 'truncate' && fault.contentLength === 'whole');
}

/** The fault of an abort; pending for ever where the answer comes first. */
function whenAborted(signal: AbortSignal, answered: Promise<unknown>): Promise<TransportFault> {
  const { promise, resolve } = Promise.withResolvers<TransportFault>();
  const stop = (): void => resolve(aborted);
  signal.addEventListener('abort', stop, { once: true });
  const forget = (): void => signal.removeEventListener('abort', stop);
  answered.then(forget, forget);
  return promise;
}
