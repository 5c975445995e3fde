import type { Failure } from '../../api/errors.ts';
import { processNames, type ProcessName } from '../../api/integration-profile.ts';
import { listForMessage } from '../conditions.ts';
import type { AliasInput } from './input.ts';

/** As much as `status.lastFailure.message` takes. */
const longestMessage = 1024;
/** Fields of a profile that turn a process off; what is always on has none (S38). */
const switches: Readonly<Partial<Record<ProcessName, string>>> = {
  PullUserActivity: 'spec.downloadActivity: false',
  ReclaimSubscription: 'spec.reclaimSubscriptions: false',
};

/**
 * What a person can do about scopes that the app may not have: the vendor refuses all of them for one and does not say which
 * (T7), so each is told with the process and the profile that want it. Any other failure is given back as it is.
 */
export function explainRefusedScopes(input: AliasInput, failure: Failure): Failure {
  if (failure.reason !== 'ScopeNotAllowed') return failure;
  const wants = describeWants(input, scopesOf(input, input.processes));
  const off = switchesOf(input.processes);
  const otherWay = off.length === 0 ? '' : ` Or turn off what wants a scope that the app is not to have: ${off.join(', ')}.`;
  return { ...failure, message: `${failure.message} Wanted are ${wants}.${otherWay}`.slice(0, longestMessage) };
}

/** The same of a token that works and lacks scopes which only reclaims want: what reads goes on without them. */
export function describeReclaimLack(input: AliasInput, missing: readonly string[]): string {
  const wants = describeWants(input, missing);
  const mend = input.consent === undefined ? 'ask for a new token (annotation saaslicense.dev/requestedAt)' : 'open status.authorization.url and consent again';
  return `The token lacks ${wants}: allow it for the OAuth app at the vendor and ${mend}, or set spec.reclaimSubscriptions: false there. What only reads goes on without it.`.slice(0, longestMessage);
}

/** `users.write (ReclaimSubscription of pagerduty), …` */
function describeWants(input: AliasInput, scopes: readonly string[]): string {
  const each = scopes.map((scope) => {
    const processes = processNames.filter((name) => input.processes.includes(name) && scopesOf(input, [name]).includes(scope));
    const profiles = input.wishes.filter((wish) => wish.processes.some((name) => processes.includes(name))).map(({ profile }) => profile);
    return `${scope} (${processes.join(', ')} of ${listForMessage(profiles, 3)})`;
  });
  return listForMessage(each, 8);
}

function switchesOf(processes: readonly ProcessName[]): string[] {
  return processNames.filter((name) => processes.includes(name)).map((name) => switches[name]).filter((text) => text !== undefined);
}

function scopesOf({ provider, signals, spec }: AliasInput, processes: readonly ProcessName[]): readonly string[] {
  return provider?.scopes({ processes, signals, login: spec.oauth?.type ?? 'AppToken' }).required ?? [];
}
