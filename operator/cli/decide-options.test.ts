import { describe, expect, it } from 'vitest';
import { readDecideOptions } from './decide-options.ts';
import { readRestoreOptions } from './restore-command.ts';

describe('the command line of decide', () => {
  it.each<[string[], RegExp]>([
    [['a', '--reason', 'r'], /exactly one of --reclaim, --keep/],
    [['a', '--keep', '--reclaim', '--reason', 'r'], /exactly one of/],
    [['a', '--keep'], /--reason must say why/],
    [['a', '--keep', '--reason', '  '], /--reason must say why/],
    [['a', '--keep', '--reason', 'x'.repeat(1025)], /at most 1024 characters/],
    [['--keep', '--reason', 'r'], /name the RemovalCandidates/],
    [['A_1', '--keep', '--reason', 'r'], /a name of Kubernetes/],
    [['a', '--all-ready', '--rule', 'x', '--keep', '--reason', 'r'], /name none/],
    [['--all-ready', '--keep', '--reason', 'r'], /go together/],
    [['a', '--rule', 'x', '--keep', '--reason', 'r'], /go together/],
    [['a', '--yes', '--keep', '--reason', 'r'], /--yes goes with --all-ready/],
    [['--all-ready', '--rule', 'x', '--resume', '--reason', 'r'], /AttentionRequired/],
    [['a', '--keep', '--reason', 'r', '--by', ' '], /--by must say who/],
    [['a', '--delete'], /--delete/],
  ])('C10, L13: %j is refused', (argv, message) => {
    expect(() => readDecideOptions(argv)).toThrow(message);
  });

  it.each([
    ['--reclaim', 'Reclaim'],
    ['--keep', 'Keep'],
    ['--resume', 'ResumeReclaim'],
    ['--close-complete', 'CloseComplete'],
    ['--close-skipped', 'CloseSkipped'],
  ])('L14: %s is %s', (flag, verdict) => {
    expect(readDecideOptions(['b', 'a', 'b', flag, '--reason', ' on call '])).toMatchObject({ candidates: ['b', 'a'], verdict, reason: 'on call', by: undefined, rule: undefined });
  });
});

describe('the command line of restore', () => {
  it.each<[string[], RegExp]>([
    [[], /name one RemovalCandidate/],
    [['a', 'b'], /name one RemovalCandidate/],
    [['a'], /--reason is missing/],
    [['a', '--reason', ' '], /--reason is missing/],
    [['a', '--wait', 'soon', '--reason', 'r'], /--wait must be a duration/],
    [['a', '--wait', '61m', '--reason', 'r'], /at most an hour/],
    [['a', '-n', 'A', '--reason', 'r'], /--namespace must be/],
  ])('%j is refused', (argv, message) => {
    expect(() => readRestoreOptions(argv)).toThrow(message);
  });

  it.each([
    [['a'], 60_000],
    [['a', '--wait', '0s'], 0],
    [['a', '--wait', '5m'], 300_000],
  ])('%j waits %d ms', (argv, timeoutMs) => {
    expect(readRestoreOptions([...argv, '--reason', 'needed', '--by', 'maria'])).toMatchObject({ candidate: 'a', timeoutMs, reason: 'needed', by: 'maria' });
  });
});
