import type { ConsentFlow, Provider } from '../provider.ts';
import { observeActivity } from './activity.ts';
import { obtainToken } from './auth.ts';
import { listClassicScopes, writeAuthorizationUrl } from './authorize.ts';
import { createClient, type Equipment } from './client.ts';
import { exchangeCode, refreshGrant } from './consent.ts';
import { downloadPages } from './download.ts';
import { writeGuide, writeRoles } from './guide.ts';
import { findInsufficient, identifyPerson } from './identity.ts';
import { listScopes, product, profileType, publisher, signals, subflows, vendorConfiguration } from './permissions.ts';
import { fragment, nameAccount, parseSettings, refuseCustomEndpoints } from './settings.ts';
import { createReclaimVerbs } from './reclaim/index.ts';
import { strikeReplies } from './struck-replies.ts';
import { createThrottles } from './throttle.ts';
import { limitAnswers, sendWithGot } from './transport.ts';
import { validateProcesses } from './validate.ts';

export interface PagerDutyOptions extends Partial<Equipment> {
  /** Refuse aliases that name endpoints of their own: always, outside of tests and demos. */
  readonly refuseCustomEndpoints?: boolean;
}

/** PagerDuty. The value holds the rate budgets of all credentials: make one for a process. */
export function createPagerDutyProvider(options: PagerDutyOptions = {}): Provider {
  const transport = strikeReplies(options.transport ?? sendWithGot);
  const { throttles = createThrottles() } = options;
  const tools: Equipment = { transport, throttles };
  // For what the operator asks itself; a refresh, whose pages are large, has a process of its own.
  const small: Equipment = { transport: limitAnswers(transport), throttles };
  const check = options.refuseCustomEndpoints === true ? refuseCustomEndpoints : () => undefined;
  return {
    type: fragment.type,
    profileType,
    publisher,
    product,
    subflows,
    vendorConfiguration,
    fragment,
    signals,
    guide: { steps: writeGuide, roles: writeRoles },
    scopes: (needs) => (needs.login === 'Classic' ? listClassicScopes(needs.processes) : listScopes(needs)),
    describeAccount(settings) {
      check(settings);
      return nameAccount(parseSettings(settings));
    },
    async connect(request, context) {
      check(context.settings);
      return obtainToken(request, context, small.transport);
    },
    consent: createConsentFlow(small, check),
    async validate(processes, session) {
      check(session.settings);
      return validateProcesses(processes, createClient(session, small));
    },
    async *download(session) {
      check(session.settings);
      yield* downloadPages(createClient(session, tools));
    },
    async *activity(pulls, session) {
      check(session.settings);
      yield* observeActivity(pulls, createClient(session, tools));
    },
    reclaim: createReclaimVerbs(tools, check),
  };
}

function createConsentFlow(tools: Equipment, check: (settings: unknown) => void): ConsentFlow {
  return {
    authorizationUrl(request, settings) {
      check(settings);
      return writeAuthorizationUrl(request, settings);
    },
    async exchange(request, context) {
      check(context.settings);
      return exchangeCode(request, context, tools.transport);
    },
    async refresh(request, context) {
      check(context.settings);
      return refreshGrant(request, context, tools.transport);
    },
    async identify(session) {
      check(session.settings);
      return identifyPerson(createClient(session, tools));
    },
    insufficientRole: findInsufficient,
  };
}
