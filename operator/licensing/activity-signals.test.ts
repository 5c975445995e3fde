import { describe, expect, it } from 'vitest';
import type { SignalResult } from '../api/integration-profile.ts';
import { concludeSignal, planPulls, summariseWindow, type PlannedPull } from './activity-signals.ts';
import { pullOverlap } from './activity-window.ts';

const hour = 3_600_000;
const day = 24 * hour;
const now = Date.parse('2026-11-24T12:00:00Z');
const wished = now - 60 * day;
const at = (time: number): string => new Date(time).toISOString();
const onCall = { name: 'OnCall', sees: ['FullUser'] } as const;
const signIn = { name: 'SignIn', sees: ['FullUser', 'Stakeholder'] } as const;
const recordedOf = (name: string, from: number, to: number): SignalResult => ({ name, available: true, from: at(from), to: at(to) });

function plan(recorded: readonly SignalResult[], start = wished): Record<string, PlannedPull['window']> {
  return Object.fromEntries(planPulls([onCall, signIn], start, { recorded, now }).map(({ name, window }) => [name, window]));
}

function pullOf(recorded: readonly SignalResult[]): PlannedPull {
  return planPulls([signIn], wished, { recorded, now })[0]!;
}

describe('pulls of a run', () => {
  it('C16: go on where each signal’s own evidence ends, and start anew for a signal that has none', () => {
    const windows = plan([recordedOf('OnCall', now - 200 * day, now - day)]);
    expect(windows['OnCall']).toEqual({ from: now - 200 * day, pullFrom: now - day - pullOverlap, pullTo: now, continues: true });
    expect(windows['SignIn']).toEqual({ from: wished, pullFrom: wished, pullTo: now, continues: false });
  });

  it('cover the gap of a signal that was away', () => {
    const away: SignalResult = { ...recordedOf('SignIn', wished, now - 9 * day), available: false, reason: 'ScopeMissing', message: 'm' };
    expect(plan([away])['SignIn']).toMatchObject({ pullFrom: now - 9 * day - pullOverlap, continues: true });
  });

  it('start anew where the vendor no longer keeps what a gap holds, and never reach further back than that', () => {
    const audit = { name: 'AuditActor', sees: ['FullUser'], keptForMs: 365 * day } as const;
    const windowOf = (start: number, recorded: readonly SignalResult[]): PlannedPull['window'] | undefined => planPulls([audit], start, { recorded, now })[0]?.window;
    const lost = { ...recordedOf('AuditActor', now - 500 * day, now - 400 * day), available: false };
    expect(windowOf(wished, [lost])).toMatchObject({ from: wished, pullFrom: wished, continues: false });
    expect(windowOf(now - 700 * day, [])).toMatchObject({ from: now - 365 * day, pullFrom: now - 365 * day });
    expect(windowOf(now - 700 * day, [recordedOf('AuditActor', now - 366 * day, now - day)])).toMatchObject({ pullFrom: now - day - pullOverlap, continues: true });
  });

  it('start anew for a signal that never was there', () => {
    expect(plan([{ name: 'SignIn', available: false, reason: 'ScopeMissing', message: 'm' }])['SignIn']).toMatchObject({ pullFrom: wished, continues: false });
  });
});

describe('what is recorded of a signal', () => {
  it('is complete from the start of its evidence to the end of the pull', () => {
    const concluded = concludeSignal(pullOf([]), { kind: 'Complete', until: now });
    expect(concluded).toMatchObject({ pull: { from: wished, pullFrom: wished, continues: false }, result: { name: 'SignIn', available: true, from: at(wished), to: at(now) } });
  });

  it('T18: ends where the vendor’s data ends, a day ago', () => {
    expect(concludeSignal(pullOf([]), { kind: 'Complete', until: now - day }).result.to).toBe(at(now - day));
  });

  it('T18: does not move back when the vendor lags more than yesterday', () => {
    const pull = pullOf([recordedOf('SignIn', wished, now - day)]);
    const concluded = concludeSignal(pull, { kind: 'Complete', until: now - 3 * day });
    expect(concluded.result.to).toBe(at(now - day));
    // Somebody new has been watched by nobody yet.
    expect(concluded.pull?.pullFrom).toBe(now - day);
  });

  it('never lies in the future', () => {
    expect(concludeSignal(pullOf([]), { kind: 'Complete', until: now + day }).result.to).toBe(at(now));
    const future = pullOf([recordedOf('SignIn', wished, now + 9 * day)]);
    expect(concludeSignal(future, { kind: 'Complete', until: now - day }).result.to).toBe(at(now - day));
  });

  it('guard 6: proves nothing where the vendor’s data ends before the window begins', () => {
    const concluded = concludeSignal(pullOf([]), { kind: 'Complete', until: wished - day });
    expect(concluded).toMatchObject({ pull: undefined, result: { available: true, from: at(wished), to: at(wished) } });
  });

  it('L17: keeps its evidence and says why when it is not available', () => {
    const pull = pullOf([recordedOf('SignIn', wished, now - day)]);
    const concluded = concludeSignal(pull, { kind: 'Unavailable', reason: 'PlanLacksFeature', message: 'The plan has no analytics.' });
    expect(concluded.pull).toBeUndefined();
    expect(concluded.result).toEqual({
      name: 'SignIn',
      available: false,
      reason: 'PlanLacksFeature',
      message: 'The plan has no analytics.',
      from: at(wished),
      to: at(now - day),
    });
  });
});

describe('window of a profile', () => {
  const conclude = (name: string, from: number, to: number) => concludeSignal({ ...pullOf([]), name, window: { from, pullFrom: from, pullTo: to, continues: false } }, { kind: 'Complete', until: to });

  it('is what every available signal covers', () => {
    const signals = [conclude('OnCall', now - 9 * day, now), conclude('SignIn', now - 5 * day, now - day)];
    expect(summariseWindow(signals)).toEqual({ from: at(now - 5 * day), to: at(now - day) });
  });

  it('leaves out a signal that was not available', () => {
    const away = concludeSignal(pullOf([recordedOf('SignIn', wished, now - 30 * day)]), { kind: 'Unavailable', reason: 'r', message: 'm' });
    expect(summariseWindow([conclude('OnCall', now - 9 * day, now), away])).toEqual({ from: at(now - 9 * day), to: at(now) });
    expect(summariseWindow([away])).toBeUndefined();
  });

  it('has no end where the signals have no moment in common', () => {
    expect(summariseWindow([conclude('OnCall', now - day, now), conclude('SignIn', now - 9 * day, now - 5 * day)])).toEqual({ from: at(now - day) });
  });
});
