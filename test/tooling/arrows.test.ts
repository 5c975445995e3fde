import { execFile } from 'node:child_process';
import { copyFile, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Imports that the arrows of design section 2 forbid: file → import. */
const refused = {
  'operator/api/a.ts': '../kubernetes/client.ts',
  'operator/api/b.ts': '../providers/provider.ts',
  'operator/api/c.ts': '../telemetry/logger.ts',
  'operator/licensing/a.ts': 'node:fs',
  'operator/licensing/b.ts': 'undici',
  'operator/licensing/c.ts': '../kubernetes/client.ts',
  'operator/licensing/d.ts': '../providers/provider.ts',
  'operator/licensing/e.ts': '@kubernetes/client-node',
  'operator/providers/a.ts': '../kubernetes/client.ts',
  'operator/providers/pagerduty/a.ts': '../../kubernetes/client.ts',
  'operator/providers/pagerduty/b.ts': '@kubernetes/client-node',
  'operator/providers/pagerduty/c.ts': '../../controllers/x.ts',
  'operator/kubernetes/a.ts': '../api/integration-profile.ts',
  'operator/kubernetes/b.ts': '../api/software-subscription.ts',
  'operator/kubernetes/c.ts': '../providers/provider.ts',
  'operator/kubernetes/d.ts': '../telemetry/metrics.ts',
  'operator/licensing/f.ts': '../notices/render.ts',
  'operator/providers/b.ts': '../notices/sender.ts',
  'operator/notices/a.ts': '../kubernetes/client.ts',
  'operator/notices/b.ts': '../licensing/text.ts',
  'operator/notices/c.ts': '../controllers/x.ts',
  'operator/telemetry/a.ts': '../kubernetes/client.ts',
  'operator/refresh/a.ts': '../controllers/x.ts',
  'operator/refresh/b.ts': '../providers/pagerduty/users.ts',
  'operator/controllers/profile/a.ts': '../../cli/x.ts',
  'operator/controllers/profile/b.ts': '../../providers/pagerduty/users.ts',
  'operator/controllers/profile/c.ts': '../../main.ts',
  'operator/controllers/profile/d.ts': '../../../test/integration/x.ts',
  'operator/cli/a.ts': '../main.ts',
} satisfies Record<string, string>;

/** Imports that go with the arrows, and imports of tests, which may reach anything. */
const allowed = {
  'operator/main.ts': './controllers/start.ts',
  'operator/api/good.ts': './meta.ts',
  'operator/licensing/good.ts': '../api/software-subscription.ts',
  'operator/providers/registry.ts': './pagerduty/provider.ts',
  'operator/kubernetes/good.ts': '../api/kind.ts',
  'operator/notices/good.ts': '../api/notify.ts',
  'operator/telemetry/good.ts': '../api/errors.ts',
  'operator/refresh/good.ts': '../providers/registry.ts',
  'operator/controllers/profile/good.ts': '../../licensing/activity.ts',
  'operator/cli/good.ts': '../controllers/start.ts',
  'operator/providers/pagerduty/users.test.ts': '../../../test/pagerduty-simulator/main.ts',
  'operator/licensing/good.test.ts': 'node:fs',
} satisfies Record<string, string>;

interface Finding {
  code: string;
  filename: string;
}

let folder: string;
let findings: Finding[];

async function plant(file: string, text: string): Promise<void> {
  await mkdir(join(folder, dirname(file)), { recursive: true });
  await writeFile(join(folder, file), text);
}

async function lint(): Promise<Finding[]> {
  const oxlint = join(root, 'node_modules/oxlint/bin/oxlint');
  const stdout = await new Promise<string>((resolve) => {
    execFile(process.execPath, [oxlint, '--format', 'json', '.'], { cwd: folder }, (_error, output) => resolve(output));
  });
  const report = JSON.parse(stdout) as { diagnostics: Finding[] };
  return report.diagnostics.map(({ code, filename }) => ({ code, filename: filename.replace(/^\.\//, '') }));
}

function codesIn(file: string): string[] {
  return findings.filter((finding) => finding.filename === file).map((finding) => finding.code);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saaslicense-arrows-'));
  await copyFile(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'));
  for (const [file, target] of Object.entries({ ...refused, ...allowed })) {
    await plant(file, `export { thing } from '${target}';\n`);
  }
  await plant('operator/licensing/clock.ts', 'export const now = (): number => Date.now() + Math.random();\n');
  await plant('operator/licensing/timer.ts', 'export const wait = (f: () => void): unknown => setTimeout(f, 1);\n');
  await plant('operator/api/type.ts', "import type { Thing } from '../kubernetes/client.ts';\nexport type Other = Thing;\n");
  findings = await lint();
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('the import arrows of design section 2', () => {
  it.each(Object.entries(refused))('%s may not import %s', (file) => {
    expect(codesIn(file)).toContain('eslint(no-restricted-imports)');
  });

  it('an import of types only follows the arrows too', () => {
    expect(codesIn('operator/api/type.ts')).toContain('eslint(no-restricted-imports)');
  });

  it.each(Object.entries(allowed))('%s may import %s', (file) => {
    expect(codesIn(file)).toEqual([]);
  });

  it('licensing reads no clock, rolls no dice and sets no timer', () => {
    expect(codesIn('operator/licensing/clock.ts')).toEqual(['eslint(no-restricted-properties)', 'eslint(no-restricted-properties)']);
    expect(codesIn('operator/licensing/timer.ts')).toEqual(['eslint(no-restricted-globals)']);
  });
});

describe('what the linter cannot see', () => {
  it('no source of the operator goes round the arrows with import()', async () => {
    const found: string[] = [];
    for await (const file of glob('operator/**/*.ts', { cwd: root, exclude: (name) => name.endsWith('.test.ts') })) {
      // The entry may load a command lazily; nothing else may.
      if (file === 'operator/main.ts' || file.startsWith('operator/cli/')) continue;
      if (/\bimport\(\s*['"`]\.\.\//.test(await readFile(join(root, file), 'utf8'))) found.push(file);
    }
    expect(found).toEqual([]);
  });

  it('licensing makes no Date of now', async () => {
    const found: string[] = [];
    for await (const file of glob('operator/licensing/**/*.ts', { cwd: root, exclude: (name) => name.endsWith('.test.ts') })) {
      if (/new Date\(\s*\)/.test(await readFile(join(root, file), 'utf8'))) found.push(file);
    }
    expect(found).toEqual([]);
  });
});
