import { describe, expect, it } from 'vitest';
import { aFullWorkbench, aHostileWorkbench, anEmptyWorkbench } from '../../../test/support/workbench-scenes.ts';
import { aWorkbench, aWorkbenchCandidate, aWorkbenchModel, aWorkbenchProfile } from '../../../test/support/workbench-fixtures.ts';
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
    expect(text).toMatch(/^TOTAL +NonCompliant +185 +172 +127 +23 +6 +3 +10 +3 +22 +9 +EUR 12,600\.00 \+ USD 62,880\.00 +EUR 1,008\.00 \+ USD 11,100\.00 +EUR 0\.00 \+ USD 480\.00$/m);
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

  it('shows the first ten lines of a breakdown and says of how many', () => {
    const teams = Array.from({ length: 12 }, (_, index) => ({ name: `team-${String(index + 1)}`, used: 1, unused: 0 }));
    const long = renderTable(aFullWorkbench({ groups: { teams, costCenters: [], roles: [] } }));
    expect(long).toContain('By team (first 10 of 12)');
    expect(long).toMatch(/^team-10\b/m);
    expect(long).not.toMatch(/^team-11\b/m);
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
