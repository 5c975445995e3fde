import { describe, expect, it } from 'vitest';
import { sha256 } from '../../api/sha256.ts';
import { isConfirmed } from '../../licensing/reclaim/review.ts';
import { createProviders } from '../../providers/registry.ts';
import { parseRuleFile } from './read-rule-file.ts';

const providers = createProviders();
const manifest = (name: string, spec = 'action: Remove', kind = 'ReclamationRule'): string => `apiVersion: saaslicense.dev/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  profileRef: {name: pagerduty}\n  ${spec}\n`;
const read = (text: string, name?: string) => parseRuleFile('rule.yaml', text, { name, providers });

describe('the file of a changed rule', () => {
  it('is read with the defaults that the API server fills in', () => {
    expect(read(manifest('business'))).toMatchObject({ name: 'business', spec: { mode: 'Propose', lastActivityThresholdDays: 60, limits: { maxPerRun: 10 }, protect: { tags: ['license-keep'] } } });
  });

  it('S79: has the id that confirms it, before the file holds it and after, and in mode Enforce too', () => {
    const enforced = 'action: Remove\n  mode: Enforce\n  notify: {channels: [{name: mail, type: Email, secretRef: {name: s}}]}';
    const first = read(manifest('business', enforced));
    expect(first.spec).not.toHaveProperty('confirmedRule');
    const second = read(manifest('business', `${enforced}\n  confirmedRule: ${first.reviewId}`));
    expect(second).toMatchObject({ reviewId: first.reviewId, spec: { confirmedRule: first.reviewId } });
    expect(isConfirmed(second, sha256)).toBe(true);
    expect(() => read(manifest('business', `${enforced}\n  confirmedRule: yes`))).toThrow(/spec\.confirmedRule/);
  });

  it('may hold other objects, and the one that is meant is named', () => {
    const text = [manifest('a'), manifest('b', 'action: Remove\n  lastActivityThresholdDays: 90'), 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n'].join('---\n');
    expect(read(text, 'b').spec.lastActivityThresholdDays).toBe(90);
    expect(() => read(text)).toThrow(/several ReclamationRules.*--rule/);
    expect(() => read(text, 'c')).toThrow('there is no ReclamationRule c in it');
  });

  it.each<[string, string, RegExp]>([
    ['no YAML', 'a: [', /line 1/],
    ['no rule', 'apiVersion: v1\nkind: Secret\n', /there is no ReclamationRule in it/],
    ['what the schema refuses', manifest('a', 'action: Delete'), /line 6: spec\.action must be one of Downgrade, Remove/],
    ['what a rule of the API server refuses', manifest('a', 'action: Downgrade'), /spec downgradeTo must be set when action is Downgrade/],
    ['a condition that does not compile', manifest('a', 'action: Remove\n  condition: subscription.x'), /line 7: spec\.condition/],
    ['an address', manifest('a', 'action: Remove\n  kim@example.com: 1'), /\(address\)/],
  ])('that holds %s is refused', (_what, text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});
