import type { SignalOutcome } from './observations.ts';
import { signalScopes, type SignalName } from './permissions.ts';

/** What lets a credential read a signal, where PagerDuty refuses it for its role or kind (facts/pagerduty.md 1.1, 2, 4.6). */
const remedies: Readonly<Record<SignalName, string>> = {
  OnCall: 'give it a role that may list on-calls',
  SignIn: 'use an app token, or an API token that is not read-only',
  AuditActor: 'use an app token, an account’s API token, or the consent of a Global Admin or the Account Owner',
  IncidentResponse: 'give it a role that sees all incidents',
};

/** The signal of a token without its scope. */
export function explainScope(signal: SignalName): SignalOutcome {
  return {
    kind: 'Unavailable',
    reason: 'SignalScopeMissing',
    message: `The token lacks the scope ${signalScopes[signal]} that ${signal} needs: grant it to the app in PagerDuty, or ${giveUp(signal)}.`,
  };
}

/** How a signal ends whose question PagerDuty refused for the given reason; undefined where that is no matter of permission or plan. */
export function explainRefusal(signal: SignalName, reason: string): SignalOutcome | undefined {
  switch (reason) {
    case 'ScopeMissing':
      return explainScope(signal);
    case 'PlanLacksFeature':
      return {
        kind: 'Unavailable',
        reason: 'SignalPlanMissing',
        message: `The account’s PagerDuty plan does not include what ${signal} needs: change the plan, or ${giveUp(signal)}.`,
      };
    case 'AccessDenied':
      return {
        kind: 'Unavailable',
        reason: 'SignalForbidden',
        message: `PagerDuty does not permit this credential to read what ${signal} needs: ${remedies[signal]}, or ${giveUp(signal)}.`,
      };
    case 'NotFound':
      // On-calls are everywhere: where even they are not found, the address is wrong.
      if (signal === 'OnCall') return undefined;
      return {
        kind: 'Unavailable',
        reason: 'SignalNotOffered',
        message: `The account’s PagerDuty does not offer the API of ${signal}: check the endpoints of the ConnectionAlias, or ${giveUp(signal)}.`,
      };
    default:
      return undefined;
  }
}

function giveUp(signal: SignalName): string {
  return `take ${signal} out of spec.activitySignals`;
}
