import type { Provider } from '../provider.ts';
import { observeActivity } from './activity.ts';
import { obtainToken } from './auth.ts';
import { createClient, type Equipment } from './client.ts';
import { downloadPages } from './download.ts';
import { writeGuide, writeRoles } from './guide.ts';
import { listScopes, product, profileType, publisher, signals, subflows, vendorConfiguration } from './permissions.ts';
import { fragment, nameAccount, parseSettings, refuseCustomEndpoints } from './settings.ts';
import { createThrottles } from './throttle.ts';
import { sendWithGot } from './transport.ts';
import { validateProcesses } from './validate.ts';

export interface PagerDutyOptions extends Partial<Equipment> {
  /** Refuse aliases that name endpoints of their own: always, outside of tests and demos. */
  readonly refuseCustomEndpoints?: boolean;
}

/** PagerDuty. The value holds the rate budgets of all credentials: make one for a process. */
export function createPagerDutyProvider(options: PagerDutyOptions = {}): Provider {
  const { transport = sendWithGot, throttles = createThrottles() } = options;
  const tools: Equipment = { transport, throttles };
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
    scopes: listScopes,
    describeAccount(settings) {
      check(settings);
      return nameAccount(parseSettings(settings));
    },
    async connect(request, context) {
      check(context.settings);
      return obtainToken(request, context, transport);
    },
    async validate(processes, session) {
      check(session.settings);
      return validateProcesses(processes, createClient(session, tools));
    },
    async *download(session) {
      check(session.settings);
      yield* downloadPages(createClient(session, tools));
    },
    async *activity(pulls, session) {
      check(session.settings);
      yield* observeActivity(pulls, createClient(session, tools));
    },
  };
}
