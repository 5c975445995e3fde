import type { Justification } from '../../api/removal-candidate.ts';
import type { ExclusionMatcher } from '../position/exclusions.ts';
import type { CountedActivity } from './activity.ts';
import type { Condition } from './condition.ts';
import type { JudgeContext, SignalWatch } from './facts.ts';

/** All that verdicts depend on, with the rule's condition ready to be asked. */
export interface JudgeInput extends JudgeContext {
  /** Of spec.condition; where that is set and this is missing, nobody becomes a candidate. */
  readonly condition?: Condition | undefined;
}

/** What one verdict depends on besides the seat. */
export interface JudgeScene {
  readonly context: JudgeInput;
  readonly excludedBy: ExclusionMatcher;
  /** Admins who are candidates of this evaluation already (C13). */
  readonly adminsTaken: number;
}

/** Why a seat is inactive, before the guards are asked. */
export interface Finding {
  readonly justification: Justification;
  readonly thresholdDays: number;
  readonly watch: SignalWatch | undefined;
  readonly last: CountedActivity['last'];
}
