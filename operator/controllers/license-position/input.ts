import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { PositionObjects } from '../../licensing/position/read-objects.ts';

/** What the position of a profile is decided from, but candidates and seats, which are read only when it is calculated. */
export interface PositionScene extends Omit<PositionObjects, 'candidates'> {
  readonly profile: IntegrationProfile;
  /** A run that writes subscriptions is under way: what is stored may be half of it. */
  readonly isRefreshing: boolean;
  /** The last run that wrote subscriptions did not come to its end. */
  readonly isHalfWritten: boolean;
}
