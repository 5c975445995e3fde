import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { SignalName } from '../activity-signals.ts';
import type { RuleFacts } from './facts.ts';

/** What tells whether a rule may judge at all, and by what. */
export interface EvidenceInput {
  /** Undefined where there is none. */
  readonly profile: IntegrationProfile | undefined;
  /** Every signal of the provider, with the role groups that it sees (T3). */
  readonly signals: readonly Pick<SignalName, 'name' | 'sees'>[];
  readonly rule: RuleFacts;
  /** Whether a subscriptions run is writing now. */
  readonly refreshing: boolean;
  /** Whether the last subscriptions run failed after it had begun to write. */
  readonly halfWritten: boolean;
}
