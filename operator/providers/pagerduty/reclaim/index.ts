import { OperatorError } from '../../../api/errors.ts';
import type { ActOutcome, ReclaimVerbs } from '../../reclaim.ts';
import type { Session } from '../../provider.ts';
import { createClient, type Client, type Equipment } from '../client.ts';
import { guardScopes } from '../permissions.ts';
import { actOn } from './act.ts';
import { chooseDowngrade } from './choose-downgrade.ts';
import { inspectPerson } from './inspect.ts';
import { lookAtPerson } from './person.ts';
import { readBackAction } from './read-back.ts';
import { restorePerson } from './restore.ts';
import { adminRoles, ownerRole } from './roles.ts';

/** PagerDuty's half that reclaims. `check` refuses settings that this process may not use; all verbs of one credential share its lane. */
export function createReclaimVerbs(tools: Equipment, check: (settings: unknown) => void): ReclaimVerbs {
  function open(session: Session): Client {
    check(session.settings);
    return createClient(session, tools);
  }
  return {
    guardScopes,
    chooseDowngrade,
    adminRoles,
    ownerRole,
    inspect: async (request, session) => inspectPerson(request, open(session)),
    act: async (request, session) => {
      const client = openOrRefuse(() => open(session));
      return 'kind' in client ? client : actOn(request, client);
    },
    readBack: async (request, session) => readBackAction(request, open(session)),
    look: async (externalUserId, session) => lookAtPerson(externalUserId, open(session)),
    restore: async (bundle, person, session) => restorePerson(bundle, person, open(session)),
  };
}

/** Every outcome of a write is a value, settings that cannot be used too: nothing was sent. */
function openOrRefuse(open: () => Client): Client | ActOutcome {
  try {
    return open();
  } catch (error) {
    if (error instanceof OperatorError) return { kind: 'Refused', reason: error.failure.reason, words: [], passing: false };
    throw error;
  }
}
