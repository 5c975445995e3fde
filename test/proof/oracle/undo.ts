import type { CompanyState, Person } from '../../pagerduty-simulator/index.ts';
import { selfId } from '../company.ts';
import type { UndoWrite } from '../undo-line.ts';
import type { World } from '../world.ts';

/*
 * Guard 10, from the account itself: what each request of an undo has changed there. An undo gives back what its reclaim took, to whom it
 * took it from, where nobody has changed it since.
 */

/** From the least to the most. */
const ranks = ['read_only_limited_user', 'read_only_user', 'restricted_access', 'observer', 'limited_user', 'user', 'admin', 'owner'];

/** What was undone and must not have been, by name. */
export function findInUndos({ undone, hasSelf }: World): string[] {
  return undone.flatMap((write) => [...findRequest(write), ...findTouched(write, hasSelf)]);
}

function findRequest({ isAsked, asked, restored, areClocksRight }: UndoWrite): string[] {
  return named({ UndoUnasked: !isAsked, UndoneTwice: restored >= asked, UndoClockWrong: !areClocksRight });
}

export function findTouched({ whenSent, before, after, subject }: UndoWrite, hasSelf: boolean): string[] {
  return changedPeople(before, after).flatMap(({ was, is }) => {
    if (is === undefined) return ['UndoTookAway'];
    const isTheirs = is.email.toLowerCase() === subject.address;
    const common = { UndoOtherPerson: !isTheirs, UndoSelf: hasSelf && is.id === selfId, UndoOwner: was?.role === 'owner' };
    return named({ ...common, ...(was === undefined ? {} : ofPresent(whenSent.users.find(({ id }) => id === is.id) ?? was, is, subject)) });
  });
}

interface Pair {
  readonly was: Person | undefined;
  readonly is: Person | undefined;
}

function changedPeople(before: CompanyState, after: CompanyState): Pair[] {
  if (before === after) return [];
  const former = new Map(before.users.map((one) => [one.id, one]));
  const present = new Map(after.users.map((one) => [one.id, one]));
  const ids = [...new Set([...former.keys(), ...present.keys()])];
  return ids.map((id) => ({ was: former.get(id), is: present.get(id) })).filter(({ was, is }) => was !== is);
}

/** Of whoever was there before the request. */
function ofPresent(was: Person, is: Person, { action, left }: UndoWrite['subject']): Record<string, boolean> {
  const isOtherRole = was.role !== is.role;
  return {
    UndoLowered: ranks.indexOf(is.role) < ranks.indexOf(was.role),
    // A removal is undone by an invitation; who is there has what others gave them. A downgrade left a role, and another one is somebody's wish.
    UndoOverHand: isOtherRole && (action === 'Remove' || was.role !== left),
    UndoOtherField: fieldsOf(was) !== fieldsOf(is),
  };
}

function fieldsOf({ name, email, jobTitle, description, timeZone, invitationSent }: Person): string {
  return JSON.stringify([name, email, jobTitle, description, timeZone, invitationSent]);
}

function named(reasons: Readonly<Record<string, boolean>>): string[] {
  return Object.entries(reasons).filter(([, holds]) => holds).map(([name]) => name);
}
