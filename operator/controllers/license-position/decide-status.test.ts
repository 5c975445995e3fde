import { describe, expect, it } from 'vitest';
import { aModel, anEntitlement } from '../../../test/support/position-builders.ts';
import type { PositionInput, Seat } from '../../licensing/position/facts.ts';
import { toContract } from '../../licensing/position/read-objects.ts';
import { createPositionTally } from '../../licensing/position/tally.ts';
import { claimsOf } from './claims.ts';
import { decideModelStatus, describeFailed, describeOrphan, describeWaiting, type ModelContext } from './decide-status.ts';
import { modelEvents } from './events.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const day = 86_400_000;

function aSeat(index: number, change: Partial<Seat> = {}): Seat {
  return {
    name: `pagerduty-p${index}`,
    identifier: 'PLIC001',
    roleGroup: 'FullUser',
    role: 'user',
    person: `person-${index}`,
    aliases: [],
    teams: [`Team ${index % 40}`],
    pending: false,
    activity: 'Recorded',
    lastActivity: now - 5 * day,
    evidenceFrom: now - 90 * day,
    ...change,
  };
}

const found: ModelContext = { claimedBy: new Map(), isFound: true, mayBeMissing: false, inputs: 'made-from' };

function decide(change: { seats?: Seat[]; contracts?: PositionInput['contracts']; watch?: boolean; context?: ModelContext; model?: ReturnType<typeof aModel> } = {}) {
  const model = change.model ?? aModel();
  const tally = createPositionTally({
    now,
    profile: { name: 'pagerduty', type: 'PagerDuty', teamPrecedence: [] },
    watches: change.watch === false ? new Map() : new Map([['FullUser', { from: now - 90 * day, to: now }]]),
    models: [{ name: model.metadata.name, product: 'PagerDuty', identifiers: ['PLIC001'], roleGroup: 'FullUser', thresholdDays: 60, monthlyPeaks: [] }],
    listed: [],
    listedAll: true,
    contracts: change.contracts ?? [toContract(anEntitlement())],
    exclusions: [],
    freed: [],
  });
  for (const seat of change.seats ?? [aSeat(1), aSeat(2, { lastActivity: now - 70 * day })]) tally.add(seat);
  const [report] = tally.finish().models;
  if (report === undefined) throw new Error('no model was counted');
  const plan = decideModelStatus(model, report, change.context ?? found);
  return { ...plan, condition: (type: string) => plan.parts.find((part) => part.type === type) };
}

describe('the status of a SoftwareModel', () => {
  it('S84, L31: more rights than are used are compliant, and the summary says what they are worth', () => {
    const plan = decide();
    expect(plan.condition('Compliant')).toMatchObject({ status: 'True', reason: 'OverLicensed' });
    expect(plan.condition('Ready')).toMatchObject({ status: 'True', message: '2 of 100 rights used; 1 of them unused, worth USD 492.00 a year.' });
  });

  it('S84: fewer are not, which leaves the model ready: the figures are right', () => {
    const plan = decide({ contracts: [toContract(anEntitlement({ spec: { purchasedRights: 1 } }))] });
    expect(plan.condition('Compliant')).toMatchObject({ status: 'False', reason: 'NonCompliant' });
    expect(plan.condition('Ready')?.status).toBe('True');
    expect(plan.condition('Stalled')).toBeUndefined();
  });

  it('without an entitlement there is nothing to compare with, and no money', () => {
    const plan = decide({ contracts: [] });
    expect(plan.condition('Compliant')).toMatchObject({ status: 'Unknown', reason: 'NoEntitlement' });
    expect(plan.condition('PriceKnown')).toMatchObject({ status: 'False', reason: 'NoPrice' });
  });

  it('D9: different currencies are never added up', () => {
    const contracts = [toContract(anEntitlement()), toContract(anEntitlement({ name: 'eu', spec: { unitCost: { amountMinor: 3900, currency: 'EUR' } } }))];
    const plan = decide({ contracts });
    expect(plan.condition('PriceKnown')).toMatchObject({ status: 'False', reason: 'MixedCurrencies' });
    expect(plan.status.position?.money?.map(({ currency, potentialSavings }) => [currency, potentialSavings])).toEqual([['EUR', undefined], ['USD', undefined]]);
  });

  it('guard 6: whom no evidence sees is told, and is not unused', () => {
    const plan = decide({ watch: false });
    expect(plan.condition('ActivityKnown')).toMatchObject({ status: 'False', reason: 'PartialEvidence' });
    expect(plan.status.position).toMatchObject({ unused: 0, unknown: 1 });
    expect(decide({ watch: false, seats: [aSeat(2, { lastActivity: now - 70 * day })] }).condition('ActivityKnown')?.reason).toBe('NoEvidence');
  });

  it('C22: shows 25 lines of a breakdown that still adds up', () => {
    const seats = Array.from({ length: 80 }, (_, index) => aSeat(index));
    const teams = decide({ seats }).status.position?.groups?.teams ?? [];
    expect(teams).toHaveLength(25);
    expect(teams.at(-1)?.name).toBe('(others)');
    expect(teams.reduce((sum, team) => sum + team.used, 0)).toBe(80);
    expect(teams.reduce((sum, team) => sum + (team.costs?.[0]?.annualCost ?? 0), 0)).toBe(4_920_000);
  });

  it('an identifier that another model claims stalls the one that does not count', () => {
    const models = [aModel({ name: 'b' }), aModel({ name: 'a' }), aModel({ name: 'c', spec: { subscriptionIdentifiers: ['PLIC002', 'PLIC001'] } })];
    const claims = claimsOf(models);
    expect([...claims].map(([name, owners]) => [name, [...owners]])).toEqual([['b', [['PLIC001', 'a']]], ['c', [['PLIC001', 'a']]]]);
    const plan = decide({ context: { ...found, claimedBy: claims.get('b') ?? new Map() } });
    expect(plan.condition('Stalled')).toMatchObject({ status: 'True', reason: 'IdentifierClaimed' });
  });

  it('S82: answers a request', () => {
    const model = aModel({ metadata: { annotations: { 'saaslicense.dev/requestedAt': 'now' } } });
    expect(decide({ model }).status.lastHandledRequestedAt).toBe('now');
  });

  it('waits for the first refresh of its profile, as one that was written in Git before does', () => {
    const plan = describeWaiting(aModel(), 'NeverRefreshed');
    expect(plan.parts.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NotRefreshedYet' });
    expect(plan.status.position).toBeUndefined();
  });

  it('guard 6: does not count what a refresh that ended half-way has left', () => {
    const model = aModel({ status: { position: decide().status.position } });
    const plan = describeWaiting(model, 'HalfRefreshed');
    expect(plan.parts.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'Unknown', reason: 'RefreshIncomplete' });
    expect(plan.status.position).toEqual(model.status?.position);
  });

  it('guard 6: does not call compliant what people who are not recognised may have', () => {
    const plan = decide({ seats: [], context: { ...found, isFound: false, mayBeMissing: true } });
    expect(plan.condition('Compliant')).toMatchObject({ status: 'Unknown', reason: 'UnrecognizedIdentifiers' });
  });

  it('L28: a model whose profile is gone keeps its figures and waits', () => {
    const model = aModel({ status: { position: decide().status.position, monthlyPeaks: [{ month: '2026-11', used: 2, active: 1 }] } });
    const plan = describeOrphan(model);
    expect(plan.parts.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'Unknown', reason: 'ProfileNotFound' });
    expect(plan.status.position).toEqual(model.status?.position);
  });

  it('D9, guard 8: what is too large to be added up keeps the former figures and says what to do', () => {
    const model = aModel({ status: { position: decide().status.position } });
    const plan = describeFailed(model, { kind: 'Terminal', reason: 'AmountTooLarge', message: 'Check the rights and prices.' });
    expect(plan.parts.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason: 'AmountTooLarge' });
    expect(plan.status.position).toEqual(model.status?.position);
  });

  it('is the same for the same figures, so that nothing is written again', () => {
    expect(JSON.stringify(decide().parts)).toBe(JSON.stringify(decide().parts));
  });
});

describe('events of a SoftwareModel', () => {
  const short = decide({ contracts: [toContract(anEntitlement({ spec: { purchasedRights: 1 } }))] });
  const conditionsOf = ({ parts }: typeof short) => parts.map((part) => ({ ...part, lastTransitionTime: '2026-11-24T00:00:00Z' }));

  it('tell that rights are short once, and that they suffice again', () => {
    expect(modelEvents(undefined, short).map(({ type, reason }) => [type, reason])).toEqual([['Warning', 'NonCompliant']]);
    expect(modelEvents({ conditions: conditionsOf(short) }, short)).toEqual([]);
    expect(modelEvents({ conditions: conditionsOf(short) }, decide()).map(({ type, reason }) => [type, reason])).toEqual([['Normal', 'OverLicensed']]);
  });

  it('say nothing of what is well from the start', () => {
    expect(modelEvents(undefined, decide())).toEqual([]);
  });
});
