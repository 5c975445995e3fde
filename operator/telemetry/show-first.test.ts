import { array, assert, constantFrom, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { showFirst } from './show-first.ts';

/** What is on display now, kept as the display is told. */
function createDisplay(limit: number) {
  const seen = new Map<string, string>();
  const first = showFirst<string>(limit, {
    show: (object, facts) => void seen.set(object, facts),
    hide: (object) => void seen.delete(object),
  });
  return { first, seen };
}

describe('what is shown first', () => {
  it('are the first of each group; one that waits comes in with its newest facts when one that is shown goes', () => {
    const { first, seen } = createDisplay(2);
    for (const name of ['a', 'b', 'c', 'd']) first.set(name, 'x', `${name}1`);
    first.set('e', 'y', 'e1');
    expect([...seen]).toEqual([['a', 'a1'], ['b', 'b1'], ['e', 'e1']]);
    first.set('c', 'x', 'c2');
    first.forget('d');
    expect([...seen.keys()]).toEqual(['a', 'b', 'e']);
    first.forget('a');
    expect([...seen]).toEqual([['b', 'b1'], ['e', 'e1'], ['c', 'c2']]);
  });

  it('an object that goes to another group makes room in the first', () => {
    const { first, seen } = createDisplay(1);
    first.set('a', 'x', 'a1');
    first.set('b', 'x', 'b1');
    first.set('a', 'y', 'a2');
    expect(Object.fromEntries(seen)).toEqual({ a: 'a2', b: 'b1' });
  });

  it('guard 7: are never more than the limit, never fewer than there are, and always with their newest facts', () => {
    const object = constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const step = oneof(record({ object, group: constantFrom('x', 'y'), facts: constantFrom('1', '2', '3') }), record({ object }));
    assert(
      property(array(step, { maxLength: 60 }), (steps) => {
        const { first, seen } = createDisplay(2);
        const all = new Map<string, { group: string; facts: string }>();
        for (const each of steps) {
          if ('group' in each) {
            first.set(each.object, each.group, each.facts);
            all.set(each.object, each);
          } else {
            first.forget(each.object);
            all.delete(each.object);
          }
        }
        for (const group of ['x', 'y']) {
          const members = [...all].filter(([, one]) => one.group === group);
          expect(members.filter(([name]) => seen.has(name)).length).toBe(Math.min(2, members.length));
        }
        for (const [name, facts] of seen) expect(facts).toBe(all.get(name)?.facts);
      }),
      { seed: 83 },
    );
  });
});
