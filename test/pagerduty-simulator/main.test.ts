import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

function run(args: string[]): ChildProcess {
  return spawn(process.execPath, [resolve(import.meta.dirname, 'main.ts'), ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function start(...args: string[]): Promise<Started> {
  const child = run(args);
  if (child.stdout === null) throw new Error('no output to read');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

async function ended(child: ChildProcess): Promise<unknown> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

describe('npm run simulator', () => {
  it('prints its address, serves a company with the given app, and ends on SIGTERM', async () => {
    const { child, url } = await start('--users', '40', '--client-id', 'me', '--client-secret', 'hush', '--subdomain', 'tiny', '--now', '2026-01-01T00:00:00Z');
    try {
      const form = { grant_type: 'client_credentials', client_id: 'me', client_secret: 'hush', scope: 'as_account-us.tiny users.read' };
      const token = (await (await fetch(`${url}/oauth/token`, { method: 'POST', body: new URLSearchParams(form) })).json()) as { access_token: string };
      const users = await fetch(`${url}/users?total=true`, { headers: { authorization: `Bearer ${token.access_token}` } });
      expect(await users.json()).toMatchObject({ total: 40 });
      const { now } = (await (await fetch(`${url}/_simulator/clock`)).json()) as { now: number };
      expect(new Date(now).toISOString()).toMatch(/^2026-01-01T00:0/);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended(child)).toBe(0);
  });

  it('S62: offers a consent page for the app, with accounts to choose from', async () => {
    const redirect = 'http://127.0.0.1:9/oauth_redirect.do';
    const { child, url } = await start(
      '--users=9',
      '--client-id=me',
      '--client-secret=hush',
      '--app-kind=classic',
      '--app-name=Licences',
      `--redirect-url=${redirect}`,
      '--neighbour=other-place',
    );
    try {
      const query = new URLSearchParams({ client_id: 'me', redirect_uri: redirect, response_type: 'code', scope: 'read' });
      const page = await (await fetch(`${url}/oauth/authorize?${query.toString()}`)).text();
      for (const part of ['<h1>Authorize Licences</h1>', 'acme-example', 'other-place']) expect(page).toContain(part);
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended(child)).toBe(0);
  });

  it('ends with its parent when told to, as standard input closes', async () => {
    const { child } = await start('--users', '5', '--end-with-stdin');
    child.stdin?.end();
    expect(await ended(child)).toBe(0);
  });

  it.each([
    [['--users', 'many'], '--users must be a whole number'],
    [['--region', 'moon'], '--region must be us or eu'],
    [['--client-id', 'x'], 'go together'],
    [['--client-id', 'x', '--client-secret', 'y', '--app-kind', 'odd'], '--app-kind must be scoped or classic'],
    [['--client-id', 'x', '--client-secret', 'y', '--scopes', 'users:read'], 'no scope users:read'],
    [['--colour'], 'colour'],
  ])('says what is wrong with %j', async (args, message) => {
    const child = run(args);
    const errors: string[] = [];
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
    expect(await ended(child)).toBe(2);
    expect(errors.join('')).toContain(message);
  });

  it('says that a port is taken', async () => {
    const { child, url } = await start('--users', '5');
    try {
      const second = run(['--users', '5', '--port', new URL(url).port]);
      expect(await ended(second)).toBe(2);
    } finally {
      child.kill('SIGINT');
    }
    expect(await ended(child)).toBe(0);
  });
});
