import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readValidateOptions, runValidateCommand } from './validate-command.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const clock = { now: () => now };
let folder: string;
let printed: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-validate-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text, ...rest) => {
    printed += String(text);
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  });
  vi.spyOn(console, 'error').mockImplementation((text) => {
    printed += String(text);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command on one text as its standard input; the folder's name is shown as `DIR`. */
async function validate(text: string, ...options: string[]): Promise<{ code: number; lines: string[] }> {
  const code = await runValidateCommand(['-f', '-', ...options], { clock, stdin: Readable.from([text]) });
  return { code, lines: linesOf() };
}

function linesOf(): string[] {
  return printed.replaceAll(folder, 'DIR').trimEnd().split('\n');
}

const rule = (spec: string, name = 'a'): string => `apiVersion: saaslicense.dev/v1alpha1
kind: ReclamationRule
metadata: {name: ${name}}
spec:
  profileRef: {name: pagerduty}
  softwareModelRef: {name: ${name === 'a' || name === 'b' ? 'pd' : name}}
  action: Remove
${spec}`;
const profile = (spec = ''): string => `apiVersion: saaslicense.dev/v1alpha1
kind: IntegrationProfile
metadata: {name: pagerduty}
spec:
  type: PagerDuty
  displayName: PagerDuty
  connectionAliasRef: {name: acme}
${spec}`;
const alias = `apiVersion: saaslicense.dev/v1alpha1
kind: ConnectionAlias
metadata: {name: acme}
spec:
  type: PagerDuty
  pagerduty: {subdomain: acme}
  appToken: {clientSecretRef: {name: s}}
`;
const documents = (...texts: string[]): string => texts.join('---\n');

describe('saaslicense validate', () => {
  it('says nothing of what is right', async () => {
    expect(await validate(documents(alias, profile(), rule('')))).toEqual({ code: 0, lines: ['3 manifest(s) checked, 0 of other groups passed over: 0 error(s), 0 warning(s).'] });
  });

  it('names file, line, document, object and field of what is wrong', async () => {
    const { code, lines } = await validate(documents(alias, profile(), rule('  limits:\n    maxPerRun: 0\n  mod: Observe\n')));
    expect(code).toBe(1);
    expect(lines).toEqual([
      '-:25: document 3 ReclamationRule/a spec.limits.maxPerRun: must be at least 1',
      '-:26: document 3 ReclamationRule/a spec.mod: unknown field; did you mean mode?',
      '3 manifest(s) checked, 0 of other groups passed over: 2 error(s), 0 warning(s).',
    ]);
  });

  it.each<[string, string, RegExp]>([
    ['D2: a condition that cannot be compiled', '  condition: subscription.roles == 1\n', /spec\.condition: .*roles.*at character/],
    ['D2: a condition that is no question', '  condition: subscription.role\n', /spec\.condition: .*must return bool/],
    ['C16: a signal that nobody has', '  activitySignals: [OnCall, Sleep]\n', /activitySignals\[1\]: no provider has this signal: there are OnCall/],
    ['a placeholder that nobody fills in', '  notify: {templates: [{kind: Notice, text: "Hello {{name}}"}]}\n', /templates\[0\]: .*\{\{name\}\}/],
    ['a freeze window on a day that never comes', '  freezeWindows: [{schedule: "0 0 31 FEB *", hours: 1, reason: r}]\n', /freezeWindows\[0\]\.schedule: names a day that never comes/],
    ['a freeze window in minute 70', '  freezeWindows: [{schedule: "70 0 1 1 *", hours: 1, reason: r}]\n', /freezeWindows\[0\]\.schedule: must be a cron schedule/],
    ['a freeze window on Mars', '  freezeWindows: [{schedule: "0 0 1 1 *", hours: 1, timeZone: Mars/Base, reason: r}]\n', /freezeWindows\[0\]\.timeZone: must be an IANA time zone/],
  ])('%s is an error, which the API server would not have found', async (_name, spec, message) => {
    const { code, lines } = await validate(documents(alias, profile(), rule(spec)));
    expect(code).toBe(1);
    expect(lines[0]).toMatch(message);
    expect(lines).toHaveLength(2);
  });

  it.each<[string, string[], RegExp]>([
    ['C32: a threshold of fewer than 30 days', [alias, profile(), rule('  lastActivityThresholdDays: 29\n')], /lastActivityThresholdDays: warning: fewer than 30 days/],
    ['S79: a confirmation of another form of the rule', [alias, profile(), rule(`  confirmedRule: '${'0'.repeat(40)}'\n`)], /spec\.confirmedRule: warning: confirms another form of the rule, so nothing is reclaimed: .* set confirmedRule to [0-9a-f]{40}$/],
    ['C32: an override of fewer than 30 days', [alias, profile(), rule('  thresholdOverrides: [{match: {teams: [a]}, lastActivityThresholdDays: 7}]\n')], /thresholdOverrides\[0\]\.lastActivityThresholdDays: warning: fewer/],
    ['a signal that the profile does not pull', [alias, profile('  activitySignals: [OnCall]\n'), rule('  activitySignals: [SignIn]\n')], /activitySignals\[0\]: warning: the profile does not pull/],
    ['a freeze window that is over', [alias, profile(), rule('  freezeWindows: [{from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z", reason: r}]\n')], /until: warning: the window is over/],
    ['a freeze that never ends', [alias, profile(), rule('  freezeWindows: [{schedule: "0 0 * * *", hours: 24, reason: r}]\n')], /hours: warning: .*nothing is ever reclaimed/],
    ['a profile without its alias', [profile()], /connectionAliasRef\.name: warning: there is no ConnectionAlias acme/],
    ['a rule without its profile', [rule('')], /profileRef\.name: warning: there is no IntegrationProfile pagerduty/],
    ['two rules for one model', [alias, profile(), rule(''), rule('', 'b')], /ReclamationRule\/b spec\.softwareModelRef\.name: warning: ReclamationRule a is for model pd too/],
    ['an object that is given twice', [alias, alias], /metadata\.name: warning: this object is given twice/],
    ['a field that is given twice', [alias, profile('  suspend: true\n  suspend: false\n')], /warning: this field is given twice/],
  ])('%s is a warning, and an error with --strict', async (_name, texts, message) => {
    const { code, lines } = await validate(documents(...texts));
    expect(code).toBe(0);
    expect(lines[0]).toMatch(message);
    expect(lines).toHaveLength(2);
    expect((await validate(documents(...texts), '--strict')).code).toBe(1);
  });

  it('two rules for two models are none', async () => {
    expect((await validate(documents(alias, profile(), rule(''), rule('', 'other')), '--strict')).code).toBe(0);
  });

  it('guard 7: shows no e-mail address', async () => {
    const { lines } = await validate(rule('  mode: kim@example.com\n  kim@example.com: 1\n'));
    expect(lines.join('\n')).not.toContain('@');
    expect(lines.join('\n')).toContain('(address)');
  });

  it('passes over what is of other groups, and counts it', async () => {
    const { code, lines } = await validate('apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n---\napiVersion: apps/v1\nkind: Deployment\n');
    expect({ code, lines }).toEqual({ code: 0, lines: ['0 manifest(s) checked, 2 of other groups passed over: 0 error(s), 0 warning(s).'] });
  });

  it('looks for manifests in a directory and all that are in it', async () => {
    await mkdir(join(folder, 'rules'));
    await writeFile(join(folder, 'profile.yml'), documents(alias, profile()));
    await writeFile(join(folder, 'rules/a.yaml'), rule('  mode: Always\n'));
    await writeFile(join(folder, 'rules/b.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'saaslicense.dev/v1alpha1', kind: 'ReclamationRule', metadata: { name: 'b' } }] }, undefined, 1));
    await writeFile(join(folder, 'rules/notes.txt'), 'no manifest');
    expect(await runValidateCommand(['-f', folder], { clock, stdin: Readable.from([]) })).toBe(1);
    expect(linesOf()).toEqual([
      'DIR/rules/a.yaml:8: document 1 ReclamationRule/a spec.mode: must be one of Observe, Propose, Enforce',
      'DIR/rules/b.json:5: document 1 ReclamationRule/b spec: is required',
      '4 manifest(s) checked, 0 of other groups passed over: 2 error(s), 0 warning(s).',
    ]);
  });

  it.each(['absent.yaml', ''])('tells of a path that has nothing to check: %s', async (path) => {
    expect(await runValidateCommand(['-f', join(folder, path)], { clock, stdin: Readable.from([]) })).toBe(1);
    expect(linesOf()[0]).toMatch(/cannot be read \(ENOENT\)|There is no \*\.yaml/);
  });

  it('prints JSON for programs', async () => {
    const { code } = await validate(rule('  mode: Always\n'), '-o', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({
      apiVersion: 'validate.saaslicense.dev/v1',
      checked: 1,
      passedOver: 0,
      problems: [{ file: '-', line: 8, document: 1, kind: 'ReclamationRule', name: 'a', path: 'spec.mode', check: 'Schema', severity: 'error' }],
    });
  });
});

describe('the command line of validate', () => {
  it.each<[string[], RegExp]>([
    [[], /-f must name/],
    [['rules'], /-f must name/],
    [['-f', '-', '-f', '-'], /only once/],
    [['-f', 'a', '-o', 'yaml'], /--output must be one of text, json/],
    [['-f', 'a', '--fix'], /--fix/],
  ])('%j is refused', (argv, message) => {
    expect(() => readValidateOptions(argv)).toThrow(message);
  });

  it('takes several paths, as a shell spreads them', () => {
    expect(readValidateOptions(['-f', 'a.yaml', 'b.yaml', '-f', 'c', '--strict']).paths).toEqual(['a.yaml', 'c', 'b.yaml']);
  });
});
