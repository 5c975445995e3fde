import { compact } from '../../api/compact.ts';
import { toFailure } from '../../api/errors.ts';
import type { IntegrationProfile, IntegrationProfileStatus } from '../../api/integration-profile.ts';
import type { ControllerDependencies } from '../dependencies.ts';
import { objectName } from '../object-key.ts';
import { stampConditions } from '../stamp.ts';
import { applyIntents, type ApplyOutcome } from './apply.ts';
import { profileConditionTypes } from './decide-conditions.ts';
import { decidePlan, type ProfilePlan } from './decide-plan.ts';
import { decideValidation } from './decide-validation.ts';
import { profileEvents } from './events.ts';
import { gatherProfile } from './gather.ts';
import { validateConnection } from './validate.ts';

/** A foreign object in our way is not among those that are watched: that it went is found by looking. */
const obstacleRecheckMs = 60_000;

/** Brings one IntegrationProfile up to date: gather → decide → apply → status, last and only when it changed. */
export async function reconcileProfile(
  key: string,
  dependencies: ControllerDependencies,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number }> {
  const profile = dependencies.ownWrites.profiles.newest(key, dependencies.stores.profiles.get(key));
  if (profile === undefined) {
    dependencies.metrics.forgetProfile(objectName(key));
    return {};
  }
  // Everything that a profile made has it as owner and goes with it (L28); nothing outside has to be undone.
  if (profile.metadata.deletionTimestamp !== undefined) return {};
  const input = gatherProfile(profile, dependencies);
  const validation = await validateConnection(input, decideValidation(input, dependencies.clock.now()), dependencies, signal);
  const now = dependencies.clock.now();
  const plan = decidePlan(input, validation, now);
  const outcome = await applyIntents(plan.intents, { input, dependencies, signal });
  // A pass that ends early is made again whole; only what the vendor was asked must not be asked again.
  if (outcome.error === undefined || validation.kind !== 'NotTried') await writeOutcome({ key, profile, plan, outcome, now }, dependencies, signal);
  if (outcome.error !== undefined) throw outcome.error;
  const wishes = [plan.requeueAfterMs, outcome.failure === undefined ? undefined : obstacleRecheckMs].filter((wish) => wish !== undefined);
  return wishes.length === 0 ? {} : { requeueAfterMs: Math.min(...wishes) };
}

interface Pass {
  readonly key: string;
  readonly profile: IntegrationProfile;
  readonly plan: ProfilePlan;
  readonly outcome: ApplyOutcome;
  readonly now: number;
}

/** Status, events and metrics of a pass. */
async function writeOutcome({ key, profile, plan, outcome, now }: Pass, dependencies: ControllerDependencies, signal: AbortSignal): Promise<void> {
  const parts = plan.conditions(outcome.failure ?? (outcome.error === undefined ? undefined : toFailure(outcome.error)));
  const { generation } = profile.metadata;
  const conditions = stampConditions(profile.status?.conditions, parts, { generation, now, ownedTypes: profileConditionTypes });
  const status: IntegrationProfileStatus = { ...plan.statusWithout(outcome.undone), conditions };
  await dependencies.ownWrites.profiles.write(key, withoutOthers(profile), status, signal);
  for (const event of profileEvents(profile.status, plan, parts)) dependencies.events.record(profile, event);
  const refresh = profile.status?.refresh;
  dependencies.metrics.setProfile(objectName(key), { ...status, ...compact({ refresh }) });
  reportRateLimit(profile, dependencies);
}

/** The status without what the refresh jobs and the reconciliation write: their fields are not ours to compare. */
function withoutOthers(profile: IntegrationProfile): IntegrationProfile {
  const { refresh: _refresh, position: _position, ...own } = profile.status ?? {};
  return { ...profile, status: own };
}

/** What the vendor said was left of the alias's rate limit at the end of the latest run. */
function reportRateLimit(profile: IntegrationProfile, { metrics, stores }: ControllerDependencies): void {
  const runs = Object.values(profile.status?.refresh ?? {}).filter((run) => run?.rateLimitRemaining !== undefined);
  const latest = runs.sort((a, b) => (b?.completionTime ?? '').localeCompare(a?.completionTime ?? ''))[0]?.rateLimitRemaining;
  const alias = { namespace: profile.metadata.namespace ?? '', name: profile.spec.connectionAliasRef.name };
  // A series that comes after its alias went would stay for ever.
  if (latest === undefined || stores.aliases.get(`${alias.namespace}/${alias.name}`) === undefined) return;
  metrics.setRateLimitRemaining(alias, latest);
}
