import type { Failure } from '../../api/errors.ts';
import type { Attempt } from './record.ts';

/** Ways in which an attempt to authorize ends other than well. Messages depend on spec and class of failure only. */
export function deniedAttempt(at: number): Attempt {
  return {
    result: 'Denied',
    reason: 'AuthorizationDenied',
    message: 'The consent was denied: open the address in status.authorization.url again and consent, with a role that may.',
    at,
  };
}

/** The vendor came back with another error than a denial; its text is not repeated. */
export function failedAtVendor(at: number): Attempt {
  return {
    result: 'Failed',
    reason: 'AuthorizationFailed',
    message: 'The vendor ended the authorization with an error: check scopes and redirect URL of the registered app, then open status.authorization.url again.',
    at,
  };
}

/** S61: a person of another account consented. */
export function refusedAttempt(expected: string, at: number): Attempt {
  return {
    result: 'Refused',
    reason: 'AccountMismatch',
    message: `The consent was given for another account than ${expected}, and nothing of it was kept: sign in to ${expected}, where the app was made, and open status.authorization.url again.`,
    at,
  };
}

export function failedAttempt({ reason, message }: Failure, at: number): Attempt {
  return { result: 'Failed', reason, message, at };
}

/** The replica that had the code ended before it stored the tokens. */
export function interruptedAttempt(at: number): Attempt {
  return {
    result: 'Failed',
    reason: 'AuthorizationInterrupted',
    message: 'The operator was interrupted while it took the consent, and the code works only once: open status.authorization.url again.',
    at,
  };
}

/** The consent in use is over. */
export function endedAttempt(reason: 'AuthorizationRevoked' | 'AuthorizationLost', at: number): Attempt {
  return { result: 'Ended', reason, message: endMessages[reason], at };
}

const endMessages = {
  AuthorizationRevoked:
    'The vendor no longer takes the refresh token: the consent was taken back, or has run out. Open the address in status.authorization.url and consent again; an access token that is still valid is used meanwhile.',
  AuthorizationLost:
    'A renewal was interrupted, and the vendor takes neither refresh token any more. Open the address in status.authorization.url and consent again; an access token that is still valid is used meanwhile.',
} as const;
