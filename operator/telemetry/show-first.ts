/** What is shown of each object, for so many objects of a group at most. */
export interface FirstShown<Facts> {
  /** An object with its facts; those of a group beyond the limit wait until one that is shown goes. */
  set(object: string, group: string, facts: Facts): void;
  forget(object: string): void;
}

export interface Display<Facts> {
  show(object: string, facts: Facts): void;
  hide(object: string): void;
}

/**
 * Holds the series of a metric to the first `limit` objects of each group, in the order in which they came, so that no
 * number of objects makes an unbounded number of series (guard 7, facts/operators.md B3.31).
 */
export function showFirst<Facts>(limit: number, display: Display<Facts>): FirstShown<Facts> {
  const groups = new Map<string, Map<string, Facts>>();
  const groupOf = new Map<string, string>();

  function forget(object: string): void {
    const group = groupOf.get(object);
    const members = group === undefined ? undefined : groups.get(group);
    if (group === undefined || members === undefined) return;
    const wasShown = isShown(members, object);
    members.delete(object);
    groupOf.delete(object);
    if (members.size === 0) groups.delete(group);
    if (!wasShown) return;
    display.hide(object);
    const next = [...members].at(limit - 1);
    if (next !== undefined) display.show(...next);
  }

  function isShown(members: ReadonlyMap<string, Facts>, object: string): boolean {
    return [...members.keys()].indexOf(object) < limit;
  }

  return {
    set(object, group, facts) {
      if (groupOf.get(object) !== group) forget(object);
      const members = groups.get(group) ?? new Map<string, Facts>();
      members.set(object, facts);
      groups.set(group, members);
      groupOf.set(object, group);
      if (isShown(members, object)) display.show(object, facts);
    },
    forget,
  };
}
