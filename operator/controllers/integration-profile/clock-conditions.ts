import type { ConditionPart } from '../conditions.ts';
import type { ProfileInput } from './input.ts';

const effect = 'nothing is reclaimed, no deadline runs out, and nothing that is kept for an undo is deleted';

/**
 * Whether the operator does what cannot be undone (guard 11). There only while it does not, and it holds nothing up: data is
 * refreshed meanwhile, by pods whose own clocks count.
 */
export function clockParts({ clock }: Pick<ProfileInput, 'clock'>): ConditionPart[] {
  if (clock === 'Trusted') return [];
  const type = 'ClockTrusted';
  if (clock === 'Skewed') {
    const message = `The operator's clock and the API server's differ by more than a minute: ${effect}. Synchronise the clocks of the nodes that the operator and the API server run on, for example with NTP.`;
    return [{ type, status: 'False', reason: 'ClockSkewed', message }];
  }
  const message = `The operator's clock cannot be compared with the API server's, because no reply states a time: ${effect}. Let the proxy in front of the API server pass on the Date header.`;
  return [{ type, status: 'Unknown', reason: 'ClockNotCompared', message }];
}
