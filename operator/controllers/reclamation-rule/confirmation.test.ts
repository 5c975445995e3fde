import { describe, expect, it } from 'vitest';
import { aReclamationRule, confirmRule } from '../../../test/support/rule-builders.ts';
import type { ReclamationRule, ReclamationRuleSpec } from '../../api/reclamation-rule.ts';
import { stampConditions } from '../stamp.ts';
import { confirmationEntry, confirmedPart, reviewOf } from './confirmation.ts';

const now = Date.parse('2026-11-24T12:00:00Z');

/** What a pass records, says and stores of the rule. */
function pass(rule: ReclamationRule) {
  const review = reviewOf(rule);
  const part = confirmedPart(rule, review);
  const conditions = stampConditions(rule.status?.conditions, [part], { generation: 1, now, ownedTypes: ['Confirmed'] });
  return { entry: confirmationEntry(rule, review), part, rule: { ...rule, status: { ...rule.status, review, conditions } } };
}

const edit = (rule: ReclamationRule, change: Partial<ReclamationRuleSpec>): ReclamationRule => ({ ...rule, spec: { ...rule.spec, ...change } });

describe('the confirmation of a rule, pass by pass', () => {
  const fresh = aReclamationRule({ spec: { action: 'Downgrade', downgradeTo: { role: 'read_only_user' } } });

  it('C24: the trail has each confirmation and each that comes to be void, once, with what changed', () => {
    const first = pass(confirmRule(structuredClone(fresh)));
    const id = first.rule.spec.confirmedRule;
    expect(first.entry).toEqual({ event: 'RuleConfirmed', profile: 'pagerduty', rule: 'business', actor: 'operator', data: { id } });
    expect(pass(first.rule).entry).toBeUndefined();

    const edited = pass(edit(first.rule, { lastActivityThresholdDays: 1 }));
    expect(edited.entry).toMatchObject({
      event: 'RuleConfirmationVoid',
      data: { id, present: edited.rule.status.review.id, changed: 'spec.lastActivityThresholdDays', 'spec.lastActivityThresholdDays': 'spec.lastActivityThresholdDays was 60 and is 1' },
    });
    expect(pass(edited.rule).entry).toBeUndefined();
    const further = pass(edit(edited.rule, { newSeatGraceDays: 0 }));
    expect(further.entry).toBeUndefined();

    const again = pass(confirmRule(structuredClone(further.rule)));
    expect(again.entry).toMatchObject({ event: 'RuleConfirmed', data: { id: again.rule.spec.confirmedRule, changed: 'spec.lastActivityThresholdDays, spec.newSeatGraceDays' } });
    expect(pass(edit(again.rule, { suspend: true, assignmentGroup: 'Others', closedRetentionDays: 1 })).entry).toBeUndefined();
  });

  it('C24: an edit and its confirmation in one write are one record, and a confirmation that is taken back is one', () => {
    const first = pass(confirmRule(structuredClone(fresh)));
    const both = pass(confirmRule(edit(first.rule, { lastActivityThresholdDays: 90 })));
    expect(both.entry).toMatchObject({ event: 'RuleConfirmed', data: { changed: 'spec.lastActivityThresholdDays' } });
    const { confirmedRule, ...spec } = both.rule.spec;
    const back = pass({ ...both.rule, spec });
    expect(back.entry).toMatchObject({ event: 'RuleConfirmationVoid', data: { id: confirmedRule, present: confirmedRule } });
    expect(pass(back.rule).entry).toBeUndefined();
    expect(back.part).toMatchObject({ status: 'False', reason: 'NotConfirmed' });
  });

  it('C24: where status was lost a confirmation is recorded again, and nothing is that is not known', () => {
    const confirmed = confirmRule(structuredClone(fresh));
    expect(pass(confirmed).entry).toMatchObject({ event: 'RuleConfirmed' });
    expect(pass(edit(confirmed, { lastActivityThresholdDays: 1 })).entry).toBeUndefined();
  });

  it('the message names a handful of changes, and where the rest is', () => {
    const first = pass(confirmRule(structuredClone(fresh))).rule;
    const { part } = pass(edit(first, { lastActivityThresholdDays: 1, newSeatGraceDays: 0, pendingInvitationGraceDays: 0, keepCooldownDays: 0, undoRetentionDays: 1, includeNeverActive: false, condition: `'${'x'.repeat(2000)}' != ''` }));
    expect(part).toMatchObject({ status: 'False', reason: 'RuleChangedSinceConfirmed' });
    expect(part.message).toMatch(/^The rule is not the one that was confirmed, so nothing is reclaimed\. spec\.condition was not set and is .*; 2 more in status\.review\.changes\. Read the rule, then set spec\.confirmedRule to its status\.review\.id\.$/);
    expect(part.message.length).toBeLessThan(1500);
  });
});
