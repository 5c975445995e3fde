import { describe, expect, it } from 'vitest';
import { aFullWorkbench, aHostileWorkbench } from '../../../test/support/workbench-scenes.ts';
import { notesOf } from './notes.ts';
import { renderJson } from './render-json.ts';

describe('the workbench as JSON', () => {
  it.each([aFullWorkbench(), aHostileWorkbench()])('holds everything, and ends with a line feed', (workbench) => {
    const text = renderJson(workbench);
    expect(JSON.parse(text)).toEqual({ ...workbench, notes: notesOf(workbench) });
    expect(text.endsWith('}\n')).toBe(true);
  });

  it('is the same whatever order the keys came in, and leaves out what is undefined', () => {
    const workbench = aFullWorkbench();
    const turned = Object.fromEntries([...Object.entries(workbench), ['more', undefined]].toReversed()) as unknown as typeof workbench;
    expect(renderJson(turned)).toBe(renderJson(workbench));
  });

  it('has its keys sorted at every depth', () => {
    const keys = [...renderJson(aFullWorkbench()).matchAll(/^ {2}"(\w+)":/gm)].map(([, key]) => key);
    expect(keys).toEqual(['at', 'candidates', 'contracts', 'groups', 'namespace', 'notes', 'profiles', 'sum', 'trend']);
    const money = /"money": \[\s+\{([^}]*)\}/.exec(renderJson(aFullWorkbench()))?.[1] ?? '';
    const names = [...money.matchAll(/"(\w+)":/g)].map(([, key]) => key);
    expect(names.length).toBeGreaterThan(5);
    expect(names).toEqual([...names].sort((a = '', b = '') => (a < b ? -1 : 1)));
  });
});
