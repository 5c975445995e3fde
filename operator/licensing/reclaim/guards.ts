import { hideAddresses } from '../text.ts';
import { personKeys } from '../candidate/same-person.ts';
import type { JudgeGuard, ReclaimSeat } from './facts.ts';
import { judgeGuards } from './facts.ts';
import { matchTeams, mayHaveMoreTeams } from './match.ts';
import type { Finding, JudgeScene } from './scene.ts';

const dayMs = 86_400_000;

/** What keeps the seat from becoming a candidate, for people and without an address; undefined = the guard does not. */
type Guard = (seat: ReclaimSeat, scene: JudgeScene, finding: Finding) => string | undefined;

const guards: Readonly<Record<JudgeGuard, Guard>> = {
  Owner: ({ role }, { context }) => (role === context.ownerRole ? 'the account owner' : undefined),
  Exclusion: (seat, { excludedBy }) => excludedBy(seat)[0],
  Role: ({ role }, { context }) => context.rule.spec.protect.roles?.find((one) => one === role),
  Team: protectedTeam,
  JobTitle: ({ jobTitle }, { context }) => context.rule.spec.protect.jobTitles?.find((one) => one === jobTitle),
  Condition: failedCondition,
  LastAdmin: lastAdmin,
  KeepCooldown: keptRecently,
  OtherRule: otherRule,
};

/** The first guard that keeps an inactive seat out, in the order of `judgeGuards`. */
export function findGuard(seat: ReclaimSeat, scene: JudgeScene, finding: Finding): { readonly guard: JudgeGuard; readonly by: string } | undefined {
  for (const guard of judgeGuards) {
    const by = guards[guard](seat, scene, finding);
    if (by !== undefined) return { guard, by: hideAddresses(by) };
  }
  return undefined;
}

/** Whether the person has a role of an account admin (C13). */
export function isAdmin({ role }: Pick<ReclaimSeat, 'role'>, { adminRoles }: { readonly adminRoles: ReadonlySet<string> }): boolean {
  return adminRoles.has(role);
}

/** What tells admins from others: roles at the vendor. */
type AdminRoles = Pick<JudgeScene['context'], 'adminRoles' | 'ownerRole'>;

/**
 * Account admins besides the owner, for `JudgeContext.admins`: people with an admin's role who have accepted their invitation. Made
 * in a pass before the evaluation; holds the ids of admins only.
 */
export function createAdminCount(roles: AdminRoles): { add(seat: ReclaimSeat): void; count(): number } {
  const ids = new Set<string>();
  return {
    add: (seat) => void (isAdmin(seat, roles) && seat.role !== roles.ownerRole && !seat.pending && ids.add(seat.externalUserId)),
    count: () => ids.size,
  };
}

export function countAdmins(seats: Iterable<ReclaimSeat>, roles: AdminRoles): number {
  const admins = createAdminCount(roles);
  for (const seat of seats) admins.add(seat);
  return admins.count();
}

function protectedTeam(seat: ReclaimSeat, { context }: JudgeScene): string | undefined {
  const teams = context.rule.spec.protect.teams ?? [];
  if (teams.length === 0 || matchTeams(seat, teams) === 'No') return undefined;
  return seat.teams.find((team) => teams.includes(team)) ?? 'teams that are not shown, of which one may be protected';
}

function failedCondition(seat: ReclaimSeat, { context }: JudgeScene): string | undefined {
  const { rule, condition } = context;
  if (rule.spec.condition === undefined) return undefined;
  if (condition === undefined) return 'spec.condition, which is not compiled';
  if (condition.readsTeams && mayHaveMoreTeams(seat)) return 'spec.condition, which asks for teams that are not all shown';
  return condition.evaluate(seat, context) ? undefined : 'spec.condition';
}

function lastAdmin(seat: ReclaimSeat, { context, adminsTaken }: JudgeScene): string | undefined {
  if (!isAdmin(seat, context)) return undefined;
  const { minAdmins } = context.rule.spec.limits;
  return context.admins - adminsTaken - 1 < minAdmins ? `spec.limits.minAdmins of ${minAdmins}` : undefined;
}

/** The cool-down is the person's, whatever seat they have by now; nobody inherits it with a seat. */
function keptRecently(seat: ReclaimSeat, { context }: JudgeScene): string | undefined {
  const days = context.rule.spec.keepCooldownDays;
  const at = Math.max(...personKeys(seat).map((key) => context.kept.get(key) ?? -Infinity));
  return context.now < at + days * dayMs ? `spec.keepCooldownDays of ${days}` : undefined;
}

function otherRule({ name }: ReclaimSeat, { context }: JudgeScene): string | undefined {
  const rule = context.open.get(name);
  return rule === undefined || rule === context.rule.name ? undefined : `the ReclamationRule ${rule}`;
}
