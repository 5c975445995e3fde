import type { Provider } from '../provider.ts';
import { observeActivity } from './activity.ts';
import { obtainToken } from './auth.ts';
import { createClient, type Equipment } from './client.ts';
import { downloadPages } from './download.ts';
import { listScopes, product, profileType, publisher, signals, subflows, vendorConfiguration } from './permissions.ts';
import { fragment, nameAccount, parseSettings } from './settings.ts';
import { createThrottles } from './throttle.ts';
import { sendWithGot } from './transport.ts';
import { validateProcesses } from './validate.ts';

/** PagerDuty. The value holds the rate budgets of all credentials: make one for a process. */
export function createPagerDutyProvider(equipment: Partial<Equipment> = {}): Provider {
  const { transport = sendWithGot, throttles = createThrottles() } = equipment;
  const tools: Equipment = { transport, throttles };
  return {
    type: fragment.type,
    profileType,
    publisher,
    product,
    subflows,
    vendorConfiguration,
    fragment,
    signals,
    scopes: listScopes,
    describeAccount: (settings) => nameAccount(parseSettings(settings)),
    connect: (request, context) => obtainToken(request, context, transport),
    async validate(processes, session) {
      return validateProcesses(processes, createClient(session, tools));
    },
    async *download(session) {
      yield* downloadPages(createClient(session, tools));
    },
    async *activity(window, names, session) {
      yield* observeActivity(window, names, createClient(session, tools));
    },
  };
}
