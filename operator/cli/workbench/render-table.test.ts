import { describe, expect, it } from 'vitest';
import { aFullWorkbench, aHostileWorkbench, anEmptyWorkbench } from '../../../test/support/workbench-scenes.ts';
import { aWorkbench, aWorkbenchCandidate, aWorkbenchContract, aWorkbenchModel, aWorkbenchProfile } from '../../../test/support/workbench-fixtures.ts';
import { measureWidth } from './plain-text.ts';
import { renderTable } from './render-table.ts';

/** The cells of the line that begins with these. */
function cellsOf(text: string, ...first: string[]): string[] | undefined {
  const lines = text.split('\n').map((line) => line.split(/ {3,}/).map((cell) => cell.trim()));
  return lines.find((cells) => first.every((cell, index) => cells[index] === cell));
}

describe('the workbench in a terminal', () => {
  const text = renderTable(aFullWorkbench());

  it('S83, S84: has a line for each model with what is owned, used, needed and what it costs', () => {
    const professional = cellsOf(text, 'acme', 'pagerduty-professional');
    expect(professional?.slice(0, 13)).toEqual(['acme', 'pagerduty-professional', 'Compliant', '120', '101', '74', '13', '5', '3', '4', '2', '19', '0']);
    expect(professional?.slice(13)).toEqual(['USD 59,040.00', 'USD 10,332.00', 'USD 0.00']);
    expect(cellsOf(text, 'acme', 'pagerduty-stakeholder')?.slice(2)).toEqual(['NonCompliant', '40', '45', '31', '8', '0', '0', '6', '0', '0', '5', 'USD 3,840.00', 'USD 768.00', 'USD 480.00']);
  });

  it('shows money that is not known as a dash, not as nothing', () => {
    expect(cellsOf(text, 'acme-eu', 'europe-aiops')?.slice(-3)).toEqual(['-', '-', '-']);
  });

  it('adds up to a total that never mixes currencies (D9)', () => {
    expect(text).toMatch(/^TOTAL +NonCompliant +185 +172 +127 +23 +6 +3 +10 +3 +22 +9 +EUR 12,600\.00 \+ USD 62,880\.00 +EUR 1,008\.00 \+ USD 11,100\.00 \+ 1 without a price +EUR 0\.00 \+ USD 480\.00 \+ 4 without a price$/m);
  });

  it('C21: tells the four kinds of savings by currency', () => {
    expect(cellsOf(text, 'USD', 'USD 11,100.00')).toEqual(['USD', 'USD 11,100.00', 'USD 3,444.00', 'USD 984.00', 'USD 1,968.00', 'USD 492.00', 'USD 312.00']);
  });

  it('S85, L25, C23, C22: tells options, unrecognised identifiers, renewals and breakdowns', () => {
    expect(cellsOf(text, 'acme', 'pagerduty-stakeholder', 'Purchase rights')).toEqual(['acme', 'pagerduty-stakeholder', 'Purchase rights', '5', 'yes', 'costs USD 480.00']);
    expect(cellsOf(text, 'acme', 'PNEW001')).toEqual(['acme', 'PNEW001', 'Incident Workflows', 'Unknown', '4', 'UnknownRole']);
    expect(cellsOf(text, 'pagerduty-2026')).toEqual(['pagerduty-2026', 'pagerduty-professional', '2026-12-31', '2026-10-02', 'yes', '37', '120', '82', 'USD 59,040.00']);
    expect(cellsOf(text, 'pagerduty-2025')).toBeUndefined();
    expect(cellsOf(text, 'CC-100')).toEqual(['CC-100', '160', '146', '29', 'USD 62,880.00']);
  });

  it('D9: adds nothing to a total of which every right has a price', () => {
    const priced = renderTable(aWorkbench({ profiles: [aWorkbenchProfile({ name: 'acme', models: [aWorkbenchModel({ name: 'one', stale: 2, owned: 1 })] })] }));
    expect(cellsOf(priced, 'TOTAL')?.slice(-2)).toEqual(['USD 984.00', 'USD 492.00']);
    expect(priced).not.toContain('without a price');
  });

  it('S85: resolves nothing where a model is compliant already', () => {
    expect(cellsOf(text, 'acme', 'pagerduty-professional', 'Reclaim unused subscriptions')?.slice(3)).toEqual(['21', '-', 'saves USD 10,332.00']);
  });

  it('L35: says which contract goes on after one', () => {
    const contracts = [aWorkbenchContract({ name: 'one-2026', renewedBy: 'one-2027' }), aWorkbenchContract({ name: 'two-2026' })];
    const renewals = renderTable(aFullWorkbench({ contracts }));
    expect(cellsOf(renewals, 'one-2026')?.[4]).toBe('renewed by one-2027');
    expect(cellsOf(renewals, 'two-2026')?.[4]).toBe('no');
  });

  it('ends with notes on what is unsure, a line each', () => {
    const notes = text.slice(text.indexOf('\n\nNotes\n')).trim().split('\n');
    expect(notes).toHaveLength(9);
    expect(notes[5]).toBe('Model europe-aiops has no price: its savings and true-up are in no sum. Set spec.unitPrice, or the price of an entitlement in force.');
  });

  it('C22: sums the lines of a breakdown that it does not show, by currency, so that it still adds up', () => {
    const line = (index: number) => ({ name: `cc-${String(index)}`, owned: index, used: 2, unused: 1, costs: [{ currency: index % 2 === 0 ? 'USD' : 'EUR', annualCost: index * 100 }] });
    const costCenters = Array.from({ length: 13 }, (_, index) => line(index + 1));
    const long = renderTable(aFullWorkbench({ groups: { teams: [], costCenters, roles: costCenters.slice(0, 10) } }));
    expect(cellsOf(long, '(others)')).toEqual(['(others)', '36', '6', '3', 'EUR 24.00 + USD 12.00']);
    expect(long.match(/^\(others\)/gm)).toHaveLength(1);
  });

  it('shows the first ten lines of a breakdown and says of how many', () => {
    const teams = Array.from({ length: 12 }, (_, index) => ({ name: `team-${String(index + 1)}`, used: 1, unused: 0 }));
    const long = renderTable(aFullWorkbench({ groups: { teams, costCenters: [], roles: [] } }));
    expect(long).toContain('By team (first 10 of 12)');
    expect(long).toMatch(/^team-10\b/m);
    expect(long).not.toMatch(/^team-11\b/m);
    expect(cellsOf(long, '(others)')).toEqual(['(others)', '2', '0', '-']);
    expect(long).not.toContain('By role');
  });

  it('shows only what there is', () => {
    const bare = renderTable(aWorkbench({ profiles: [aWorkbenchProfile({ name: 'acme', models: [aWorkbenchModel({ name: 'one', active: 2, yearlyPrice: 0 })] })] }));
    expect(bare).toMatch(/^acme +one +NoEntitlement/m);
    expect(bare).not.toMatch(/Savings|Renewals|Unrecognised|candidates|By /);
    expect(renderTable(anEmptyWorkbench())).toContain('no IntegrationProfile');
  });

  it('names no person, though the workbench does', () => {
    const candidates = [aWorkbenchCandidate({ name: 'of-dana', person: 'Dana Scully' })];
    expect(renderTable(aFullWorkbench({ candidates }))).not.toMatch(/Dana|of-dana/);
  });

  it('stands in columns and in lines whatever the names are', () => {
    const hostile = renderTable(aHostileWorkbench());
    // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(hostile).not.toMatch(/[\u{0}-\u{9}\u{B}-\u{1F}\u{7F}-\u{9F}\u{202E}]/u);
    const section = hostile.slice(hostile.indexOf('\nProducts\n') + 1).split('\n\n')[0]?.split('\n').slice(2) ?? [];
    expect(section).toHaveLength(11);
    const starts = section.map((line) => measureWidth(line.slice(0, line.indexOf('NonCompliant'))));
    expect(new Set(starts).size).toBe(1);
    expect(hostile).toContain('…');
  });

  it('is the same for the same input', () => {
    expect(renderTable(aFullWorkbench())).toBe(text);
  });
});
