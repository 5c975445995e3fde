import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../test/support/parse-csv.ts';
import { aWorkbench, aWorkbenchModel, aWorkbenchProfile } from '../../../test/support/workbench-fixtures.ts';
import { aFullWorkbench, aHostileWorkbench } from '../../../test/support/workbench-scenes.ts';
import { renderCsv } from './render-csv.ts';

function recordsOf(text: string): Record<string, string>[] {
  const [header = [], ...rows] = parseCsv(text);
  return rows.map((row) => {
    expect(row).toHaveLength(header.length);
    return Object.fromEntries(header.map((name, index) => [name, row[index] ?? '']));
  });
}

describe('the workbench as CSV', () => {
  it('S83: has a row for each model, with money in units of its currency', () => {
    const records = recordsOf(renderCsv(aFullWorkbench()));
    expect(records.map(({ model }) => model)).toEqual(['pagerduty-professional', 'pagerduty-stakeholder', 'europe-business', 'europe-aiops']);
    expect(records[0]).toMatchObject({ profile: 'acme', compliance: 'Compliant', owned: '120', used: '101', unusedPercent: '20', lastActivity_over90: '9', currency: 'USD', annualCost: '59040.00', forgoneSavings: '492.00', priceProblem: '' });
    expect(records[1]).toMatchObject({ identifiers: 'PZ81S8K PQ2J1XX', needed: '5', trueUpCost: '480.00', freedSavings: '' });
    expect(records[3]).toMatchObject({ compliance: 'NoEntitlement', currency: '', annualCost: '', priceProblem: 'NoPrice' });
  });

  it('counts a model once though its money is of two currencies, so that columns add up', () => {
    const model = aWorkbenchModel({ name: 'two', owned: 4, active: 3 });
    const money = [
      { currency: 'EUR', annualCost: 100 },
      { currency: 'JPY', annualCost: 4100 },
    ];
    const both = { ...model, position: { ...model.position, money } };
    const records = recordsOf(renderCsv(aWorkbench({ profiles: [aWorkbenchProfile({ name: 'acme', models: [both] })] })));
    expect(records.map(({ model: name, owned, currency, annualCost }) => [name, owned, currency, annualCost])).toEqual([
      ['two', '4', 'EUR', '1.00'],
      ['two', '', 'JPY', '4100'],
    ]);
  });

  it('S83: quotes texts and leaves numbers and money bare, so that a spreadsheet adds them up', () => {
    const [header, first] = renderCsv(aFullWorkbench()).split('\r\n');
    expect(header).toMatch(/^"namespace","at",.*,"priceProblem"$/);
    expect(first).toMatch(/^"saas-licenses",.*,"Compliant",120,.*,"USD",59040\.00,/);
    expect(first).not.toMatch(/"\d+(\.\d+)?"/);
  });

  it('gives no spreadsheet a formula', () => {
    const records = recordsOf(renderCsv(aHostileWorkbench()));
    expect(records.map(({ product }) => product)).toContain('\'=HYPERLINK("x")');
    expect(records.flatMap((record) => Object.values(record)).filter((cell) => /^[=+@\t\r]/.test(cell))).toEqual([]);
  });
});
