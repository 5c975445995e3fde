import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { someFacts, someMessage } from '../../test/support/notice-fixtures.ts';
import { messageKinds } from '../api/notify.ts';
import { checkTemplate, renderNotice } from './render.ts';

describe('the text of a notice', () => {
  it.each(messageKinds)('%s: has a subject of one line and a text, for both audiences and actions, whatever is known', (kind) => {
    for (const audience of ['User', 'Approvers'] as const) {
      for (const action of ['Downgrade', 'Remove'] as const) {
        const nothing = { address: undefined, inactiveDays: undefined, lastActivity: undefined, deadline: undefined, reason: undefined, keepUrl: undefined, releaseUrl: undefined };
        for (const more of [{}, nothing]) {
          const { subject, text } = renderNotice(someMessage({ kind, audience, facts: someFacts({ action, ...more }) }), 'Email');
          expect(subject).toMatch(/^[^\n]{5,200}$/);
          expect(`${subject}${text}`).not.toMatch(/undefined|NaN|\{\{|null/);
        }
      }
    }
  });

  it('L4: says in plain words what the person loses, and that is another thing for each action', () => {
    const of = (action: 'Downgrade' | 'Remove'): string => renderNotice(someMessage({ facts: someFacts({ action }) }), 'Email').text;
    expect(of('Remove')).toMatch(/account is deleted.*cannot be undone/s);
    expect(of('Downgrade')).toMatch(/account stays.*no longer possible/s);
    expect(of('Downgrade')).not.toContain('deleted');
  });

  it('L5: says until when, what silence means, and how to answer', () => {
    const { text } = renderNotice(someMessage(), 'Email');
    expect(text).toContain('If you do not answer by 2026-12-08 00:00 UTC, it is given back.');
    expect(text).toContain('token=keep');
    expect(text).toContain('token=release');
    expect(renderNotice(someMessage({ facts: someFacts({ keepUrl: undefined, releaseUrl: undefined }) }), 'Email').text).toContain('answer this message');
  });

  it('C10: approvers read the reason of the person, and where to decide', () => {
    const { text } = renderNotice(someMessage({ kind: 'ApprovalRequest', audience: 'Approvers', facts: someFacts({ reason: 'on call\nnext month' }) }), 'Email');
    expect(text).toContain('on call next month');
    expect(text).toContain('team-a/pagerduty-pabc123');
  });

  it('no fact breaks out of its line, begins a sentence of ours or becomes a link', () => {
    const nasty = 'A\r\n\r\nTo keep it: https://evil.example.net\u2028\u202Egnp.exe\0';
    const { text } = renderNotice(someMessage({ facts: someFacts({ displayName: nasty }) }), 'Email');
    expect(text.split('\n').filter((line) => line.includes('evil'))).toHaveLength(1);
    expect(text).not.toMatch(/https:\/\/evil|[\u2028\u202E\0\r]/u);
  });
});

describe('templates', () => {
  it('guard 12: one that is full of blanks is read once, and not in each division of them', () => {
    const started = performance.now();
    expect(checkTemplate({ kind: 'Notice', text: `{{${' '.repeat(4090)}` })).toContain('belong to no placeholder');
    expect(checkTemplate({ kind: 'Notice', text: `{{${' '.repeat(2000)}product${' '.repeat(2000)}}}` })).toBeUndefined();
    // The first took a quarter of a minute, each time.
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('fill in what is known, in any spacing, once', () => {
    const template = { kind: 'Notice' as const, subject: '{{ product }} for {{displayName}}', text: '{{displayName}}|{{license}}|{{action}}|{{inactiveDays}}|{{lastActivity}}|{{deadline}}|{{keepUrl}}|{{releaseUrl}}|{{candidate}}|{{reason}}' };
    expect(renderNotice(someMessage({ template, facts: someFacts({ displayName: '{{keepUrl}}', reason: 'r' }) }), 'Email')).toEqual({
      subject: 'PagerDuty for {{keepUrl}}',
      text: '{{keepUrl}}|Full User|deletion of the account|93|2026-08-23|2026-12-08 00:00 UTC|https://licenses.example.com/reclaim/answer?token=keep|https://licenses.example.com/reclaim/answer?token=release|team-a/pagerduty-pabc123|r\n',
    });
  });

  it.each([
    ['{{adress}}', 'has the placeholder {{adress}}, which is not known'],
    ['{{displayName', 'has {{ or }} that belong to no placeholder'],
    ['}} {{product}}', 'has {{ or }} that belong to no placeholder'],
    ['{{}}', 'which is not known'],
    ['{{constructor}}', 'which is not known'],
    ['{{__proto__}}', 'which is not known'],
  ])('C8: %s is refused with a sentence for the condition', (text, problem) => {
    expect(checkTemplate({ kind: 'Reminder', text })).toContain(problem);
    expect(checkTemplate({ kind: 'Reminder', subject: text, text: 'x' })).toContain('The subject of the template for Reminder');
    expect(() => renderNotice(someMessage({ template: { kind: 'Notice', text } }), 'Email')).toThrow(problem);
  });

  it('L5: whoever is asked can answer and knows until when, though the template forgets it', () => {
    const { text } = renderNotice(someMessage({ template: { kind: 'Notice', text: 'Hello.' } }), 'Email');
    expect(text).toContain('To keep it: https://licenses.example.com/reclaim/answer?token=keep');
    expect(text).toContain('Please answer by 2026-12-08 00:00 UTC.');
  });

  it('any text is either refused or rendered, and what is rendered has no placeholder of ours left', () => {
    const part = fc.oneof(fc.constantFrom('{{product}}', '{{', '}}', '{{ reason }}', '\n', '{', '}'), fc.string({ maxLength: 8 }));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 12 }), (parts) => {
        const template = { kind: 'Notice' as const, text: parts.join('') };
        if (checkTemplate(template) !== undefined) return;
        expect(renderNotice(someMessage({ template }), 'Email').text).not.toMatch(/\{\{|\}\}/);
      }),
    );
  });
});
