import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';

const run = promisify(execFile);

interface Stage {
  readonly from: string;
  readonly instructions: readonly string[];
}

/** The stages of a Dockerfile, each with its instructions in one line. */
async function readStages(path: string): Promise<{ readonly before: readonly string[]; readonly stages: readonly Stage[] }> {
  const text = (await readFile(join(root, path), 'utf8')).replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n/g, ' ');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const starts = lines.flatMap((line, index) => (line.startsWith('FROM ') ? [index] : []));
  const stages = starts.map((start, index) => ({ from: (lines[start] ?? '').slice('FROM '.length), instructions: lines.slice(start + 1, starts[index + 1]) }));
  return { before: lines.slice(0, starts[0]), stages };
}

describe('the image', () => {
  it('is made from one base, which a build argument names with its digest, and refuses one without', async () => {
    const { before, stages } = await readStages('Dockerfile');
    expect(before).toEqual([expect.stringMatching(/^ARG NODE_IMAGE=/)]);
    expect(stages.map(({ from }) => from)).toEqual(['${NODE_IMAGE} AS bundle', 'scratch']);
    const check = stages[0]?.instructions.find((line) => line.startsWith('RUN case'))?.slice('RUN '.length) ?? 'exit 9';
    const digest = `node:26-bookworm-slim@sha256:${'0'.repeat(64)}`;
    const codeOf = async (env: Record<string, string>): Promise<string> => run('sh', ['-c', check], { env }).then(() => '', (error: { stderr: string }) => error.stderr);
    expect(await codeOf({ PINNED: 'yes', NODE_IMAGE: digest })).toBe('');
    expect(await codeOf({ PINNED: 'no', NODE_IMAGE: 'node:26-bookworm-slim' })).toBe('');
    expect(await codeOf({ PINNED: 'yes', NODE_IMAGE: 'node:26-bookworm-slim' })).toContain('is not pinned: name it with its digest');
  });

  it('ends in a stage that runs nothing, so that it holds what was assembled and nothing else', async () => {
    const last = (await readStages('Dockerfile')).stages.at(-1);
    expect(last?.instructions.map((line) => line.split(' ')[0])).toEqual(['LABEL', 'ENV', 'COPY', 'USER', 'WORKDIR', 'EXPOSE', 'ENTRYPOINT', 'CMD']);
    expect(last?.instructions).toEqual(expect.arrayContaining(['COPY --from=bundle /image/ /', 'USER 65532:65532', 'ENTRYPOINT ["saaslicense"]']));
  });
});

describe.runIf(process.platform === 'linux')('the root of the image', () => {
  let folder: string;
  let image: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saaslicense-image-'));
    image = join(folder, 'image');
    await mkdir(join(folder, 'dist/chunks'), { recursive: true });
    await writeFile(join(folder, 'dist/saaslicense.mjs'), 'console.log("bundle");');
    await writeFile(join(folder, 'dist/chunks/a.mjs'), '');
    await run('sh', [join(root, 'config/image/assemble'), image, process.execPath, join(folder, 'dist')]);
  });
  afterAll(async () => rm(folder, { recursive: true }));

  it('holds Node, its libraries and the bundle: no shell, no npm, no other program', async () => {
    const entries = await readdir(image, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name).slice(image.length));
    const libraries = files.filter((file) => /^\/(usr\/)?lib/.test(file));
    expect(files.filter((file) => !libraries.includes(file)).sort()).toEqual(['/app/chunks/a.mjs', '/app/saaslicense.mjs', '/etc/group', '/etc/nsswitch.conf', '/etc/passwd', '/usr/local/bin/node', '/usr/local/bin/saaslicense']);
    expect(libraries.length).toBeGreaterThan(3);
    expect(libraries.filter((file) => !/\/(lib[a-z_+]+|ld-linux[-\w]*)(-[\d.]+)?\.so(\.\d+)*$/.test(file))).toEqual([]);
    await expect(access(join(image, 'bin/sh'))).rejects.toThrow('ENOENT');
  });

  it('has each library that Node is linked to: its own loader starts Node with them alone', async () => {
    const { stdout } = await run('find', [join(image), '-name', 'ld-linux*']);
    const { stdout: found } = await run('find', [image, '-name', '*.so*', '-printf', '%h\\n']);
    const paths = [...new Set(found.trim().split('\n'))].join(':');
    const node = join(image, 'usr/local/bin/node');
    const started = await run(stdout.trim(), ['--inhibit-cache', '--library-path', paths, node, '--version'], { env: {} });
    expect(started.stdout.trim()).toBe(process.version);
    const { stdout: used } = await run(stdout.trim(), ['--inhibit-cache', '--library-path', paths, '--list', node], { env: {} });
    expect(used.split('\n').filter((line) => line.includes('=> ') && !line.includes(image))).toEqual([]);
  });

  const confined = ['--permission', '--disallow-code-generation-from-strings', '--allow-fs-read=/app', '--allow-fs-read=/var/run/secrets', '--allow-net', '--disable-warning=ExperimentalWarning'];

  it.each([
    ['operator', { SAASLICENSE_HEAP_MIB: '200' }, ['--max-semi-space-size=2', '--max-old-space-size=200', '--heap-growing-percent=10', '--optimize-for-size', ...confined]],
    ['operator', {}, ['--max-semi-space-size=2', '--max-old-space-size=96', '--heap-growing-percent=10', '--optimize-for-size', ...confined]],
    ['refresh', {}, ['--max-semi-space-size=2', '--heap-growing-percent=20', ...confined]],
    ['audit', {}, []],
    ['constructor', {}, []],
  ])('becomes Node with the flags of the command %s', async (command, env, flags) => {
    const stub = join(folder, 'stub.cjs');
    await writeFile(stub, 'process.execve = (file, args, env) => console.log(JSON.stringify({ file, args, arena: env.MALLOC_ARENA_MAX, home: env.HOME }));');
    const { stdout } = await run(process.execPath, ['--require', stub, join(image, 'usr/local/bin/saaslicense'), command, '--a=b', 'c d'], { env: { HOME: '/x', ...env } });
    const node = process.execPath;
    expect(JSON.parse(stdout)).toEqual({ file: node, args: [node, ...flags, '/app/saaslicense.mjs', command, '--a=b', 'c d'], arena: '2', home: '/x' });
  });

  it.runIf(process.getuid?.() === 0)('starts by itself, as the user of the image', async () => {
    const { stdout } = await run('chroot', ['--userspec=65532:65532', image, '/usr/local/bin/saaslicense', 'audit'], { env: { PATH: process.env['PATH'] ?? '' } });
    expect(stdout).toBe('bundle\n');
  });
});
