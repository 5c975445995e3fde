import { OperatorError } from '../../api/errors.ts';
import type { ProcessName, ValidationCheck } from '../../api/integration-profile.ts';
import type { Client } from './client.ts';
import { probeOncalls } from './oncalls.ts';
import { probeUsers } from './users.ts';

/**
 * Calls the download and the activity API of the given processes once each, and never a reclaim API (S65,
 * S66). What a person has to mend becomes a failed check; what may pass by itself throws.
 */
export async function validateProcesses(processes: readonly ProcessName[], client: Client): Promise<ValidationCheck[]> {
  const users = processes.includes('DownloadSubscriptions') ? await check('users', () => probeUsers(client)) : skip('users');
  const oncalls = processes.includes('PullUserActivity') ? await check('oncalls', () => probeOncalls(client)) : skip('oncalls');
  const reclaim: ValidationCheck = processes.includes('ReclaimSubscription')
    ? { name: 'reclaim', result: 'NotVerified', message: 'Reclaim APIs are never called to validate.' }
    : skip('reclaim');
  return [users, oncalls, reclaim];
}

async function check(name: string, probe: () => Promise<void>): Promise<ValidationCheck> {
  try {
    await probe();
    return { name, result: 'Passed' };
  } catch (error) {
    if (!(error instanceof OperatorError) || error.failure.kind !== 'Terminal') throw error;
    return { name, result: 'Failed', reason: error.failure.reason, message: error.failure.message };
  }
}

function skip(name: string): ValidationCheck {
  return { name, result: 'NotEnabled' };
}
