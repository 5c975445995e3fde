import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aTrendPoint, aWorkbench, aWorkbenchCandidate, aWorkbenchContract, aWorkbenchModel, aWorkbenchProfile } from '../../../test/support/workbench-fixtures.ts';
import { aFullWorkbench, aHostileWorkbench, anEmptyWorkbench } from '../../../test/support/workbench-scenes.ts';
import { renderHtml } from './render-html.ts';

/** What a reader sees, in lines of cells. */
const textOf = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replaceAll(/<\/(?:td|th|p|li|dd|dt|h\d)>/g, ' | ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('\u{A0}', ' ')
    .replaceAll(/\s+/g, ' ');

const sectionOf = (page: string, id: string): string | undefined => new RegExp(`<section id="${id}".*?</section>`, 's').exec(page)?.[0];
const answersOf = (page: string): string => textOf(/<dl class="answers">.*?<\/dl>/s.exec(page)?.[0] ?? '');
const idsOf = (page: string): string[] => [...page.matchAll(/<section id="(\w+)"/g)].map(([, id]) => id ?? '');

const oneModel = (words: Parameters<typeof aWorkbenchModel>[0]) => aWorkbench({ profiles: [aWorkbenchProfile({ name: 'acme', models: [aWorkbenchModel(words)] })] });

describe('the workbench as a page', () => {
  const page = renderHtml(aFullWorkbench());

  it('S83: answers what we own, use, whether we comply, what it costs and what could be saved', () => {
    const answers = answersOf(page);
    expect(answers).toContain('What do we own? | 185 rightsFor 4 models in 2 profiles, under 3 contracts in force.');
    expect(answers).toContain('32 (18 %) are unused: 23 stale, 6 never used, 3 pending.');
    expect(answers).toContain('Are we compliant? | No9 rights are used and not owned. 1 model has too few. 1 model is used without any entitlement.');
    expect(answers).toContain('What does it cost? | EUR 12,600.00 USD 62,880.00 A year, at the prices of the rights owned. The rights needed would cost more: USD 480.00 + 4 without a price.');
    expect(answers).toContain('What could we save? | EUR 1,008.00 USD 11,100.00 + 1 without a priceA year at most, by taking back 32 unused rights. Already freed: USD 3,444.00, of which USD 984.00 realised.');
  });

  it('L31: says Yes to more rights than needed, and does not guess without entitlements or prices', () => {
    expect(answersOf(renderHtml(oneModel({ name: 'one', owned: 5, active: 3 })))).toContain('Are we compliant? | Yes');
    const bare = answersOf(renderHtml(oneModel({ name: 'one', stale: 1, yearlyPrice: 0 })));
    expect(bare).toContain('Are we compliant? | No entitlements');
    expect(bare).toContain('There is nothing to compare 1 right used with');
    expect(bare).toContain('What does it cost? | Not known');
    expect(bare).toContain('What could we save? | Not knownNo price is known for 1 unused right.');
  });

  it('shows every section there is something for, and no other', () => {
    expect(idsOf(page)).toEqual(['position', 'activity', 'cost', 'savings', 'options', 'renewals', 'trend', 'breakdowns', 'candidates', 'unrecognised', 'notes', 'freshness']);
    expect(idsOf(renderHtml(oneModel({ name: 'one', owned: 1, active: 1 })))).toEqual(['position', 'activity', 'cost', 'savings', 'renewals', 'notes', 'freshness']);
    expect(idsOf(renderHtml(anEmptyWorkbench()))).toEqual(['position']);
  });

  it('draws a trend from two points on', () => {
    const point = aTrendPoint('2026-10-26T06:00:00Z', { owned: 1, active: 1 });
    expect(idsOf(renderHtml(aFullWorkbench({ trend: [point] })))).not.toContain('trend');
    const two = sectionOf(renderHtml(aFullWorkbench({ trend: [point, { ...point, at: '2026-11-02T06:00:00Z' }] })), 'trend');
    expect(two).toContain('<title id="trend-rights-title">');
  });

  it('C23: lists renewals that are due first, then by date, and leaves out what has ended', () => {
    const list = /<ol class="renewals">.*?<\/ol>/s.exec(page)?.[0] ?? '';
    expect([...list.matchAll(/<b><bdi>([\w-]+)<\/bdi><\/b>/g)].map(([, name]) => name)).toEqual(['pagerduty-2026', 'stakeholders-2026', 'europe-2026']);
    expect(textOf(list)).toContain('Due now, ends in 37 days, notice from 2026-10-02.');
    expect(textOf(list)).toContain('Suggested: 82 rights.');
  });

  it('L35: says which contract goes on after one', () => {
    const contracts = [aWorkbenchContract({ name: 'one-2026', renewedBy: 'one-2027' }), aWorkbenchContract({ name: 'two-2026' })];
    const list = textOf(/<ol class="renewals">.*?<\/ol>/s.exec(renderHtml(aFullWorkbench({ contracts })))?.[0] ?? '');
    expect(list).toContain('one-2026 for pagerduty-professional | Renewed by one-2027');
    expect(list).toContain('two-2026 for pagerduty-professional | Not due yet');
  });

  it('S85: resolves nothing where a model is compliant already', () => {
    const options = textOf(sectionOf(page, 'options') ?? '');
    expect(options).toContain('pagerduty-professional in acme | Reclaim unused subscriptions | 21 | – |');
    expect(options).toContain('pagerduty-stakeholder in acme | Purchase rights | 5 | Yes |');
  });

  it('tells in notes, which the navigation names, what is unsure', () => {
    expect(page).toContain('<li><a href="#notes">Notes</a></li>');
    expect(textOf(sectionOf(page, 'notes') ?? '')).toContain('Model europe-aiops has no price: its savings and true-up are in no sum.');
    const hostile = sectionOf(renderHtml(aFullWorkbench({ contracts: [aWorkbenchContract({ model: '<b>x' })] })), 'notes');
    expect(hostile).toContain('is for model &lt;b&gt;x, which is not there');
  });

  it('names people only where the workbench does', () => {
    expect(sectionOf(page, 'candidates')).not.toContain('Person');
    const named = sectionOf(renderHtml(aFullWorkbench({ candidates: [aWorkbenchCandidate({ person: 'Dana Scully' }), aWorkbenchCandidate({ name: 'candidate-2' })] })), 'candidates');
    expect(textOf(named ?? '')).toContain('Person | Profile');
    expect(named).toContain('Dana Scully');
  });

  it('lists the first 500 candidates and says of how many', () => {
    const candidates = Array.from({ length: 502 }, (_, index) => aWorkbenchCandidate({ name: `candidate-${String(index)}` }));
    const section = sectionOf(renderHtml(aFullWorkbench({ candidates })), 'candidates') ?? '';
    expect(section.match(/<th scope="row">/g)).toHaveLength(500);
    expect(textOf(section)).toContain('The first 500 of 502 are shown');
  });

  it('lets nothing be loaded or run, and names its one style by its hash', () => {
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1];
    expect(policy).toBe(`default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; img-src data:; base-uri 'none'; form-action 'none'`);
    expect(page).not.toMatch(/<script|\sstyle=|\son\w+=|@import|https?:/);
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, target]) => !/^#\w+$|^data:,$/.test(target ?? ''))).toEqual([]);
  });

  it('has no element and no attribute made of a name', () => {
    const hostile = renderHtml(aHostileWorkbench());
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(['<script', '<img', '\u{202E}', '\u{0}', '\u{1B}'].filter((harm) => hostile.includes(harm))).toEqual([]);
    const tags = new Set([...hostile.matchAll(/<([a-z]\w*)/gi)].map(([, tag]) => tag));
    const known = new Set([...page.matchAll(/<([a-z]\w*)/gi)].map(([, tag]) => tag));
    expect([...tags].filter((tag) => !known.has(tag))).toEqual([]);
    expect(hostile.isWellFormed()).toBe(true);
  });

  it('tells each chart in words to those who do not see it, with ids that are there once', () => {
    const charts = [...page.matchAll(/<svg class="chart[^>]*role="img" aria-labelledby="(\S+) (\S+)"/g)];
    expect(charts).toHaveLength(9);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, title, text] of charts) expect(ids).toEqual(expect.arrayContaining([title, text]));
    expect(page).toContain('120 owned, 101 used: Active 74, Stale 13, Never used 5, Pending 3, New 4, Unknown 2. 19 available, 0 needed.</desc>');
  });

  it('is the same for the same input', () => {
    expect(renderHtml(aFullWorkbench())).toBe(page);
  });
});
