import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMountedToken } from './mounted-token.ts';

const now = Date.parse('2026-11-24T00:00:00Z');
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mounted-token-'));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function mount(files: Record<string, string>): Promise<void> {
  const all = { token: 'pdus+canary', scheme: 'Bearer', scopes: 'users.read oncalls.read', credentialId: 'c1', expiresAt: '2026-11-25T00:00:00Z', ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(directory, name), text);
}

describe('mounted token', () => {
  it('is read with its scopes, without the line break of an editor', async () => {
    await mount({ token: 'pdus+canary\n' });
    const { token, credentialId } = await readMountedToken(directory, now);
    expect(token.value.reveal()).toBe('pdus+canary');
    expect(token).toMatchObject({ scheme: 'Bearer', scopes: ['users.read', 'oncalls.read'] });
    expect(credentialId).toBe('c1');
  });

  it('has no scopes where the credential has none, and need not expire', async () => {
    await mount({ scheme: 'ApiToken', scopes: '', expiresAt: '' });
    expect((await readMountedToken(directory, now)).token).toMatchObject({ scheme: 'ApiToken', scopes: undefined });
  });

  it.each([
    { story: 'nothing is mounted yet', files: { token: '' }, failure: { kind: 'Retryable', reason: 'TokenMissing' } },
    { story: 'it has expired', files: { expiresAt: '2026-11-24T00:00:00Z' }, failure: { kind: 'Retryable', reason: 'TokenExpired' } },
    { story: 'the Secret is not the operator’s', files: { scheme: 'Basic' }, failure: { kind: 'Terminal', reason: 'InvalidTokenSecret' } },
  ])('guard 7: says so without the token when $story', async ({ files, failure }) => {
    await mount(files);
    const error: unknown = await readMountedToken(directory, now).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure });
    expect(JSON.stringify(error)).not.toContain('canary');
  });

  it('is not ready when the directory is not there', async () => {
    await expect(readMountedToken(join(directory, 'absent'), now)).rejects.toMatchObject({ failure: { reason: 'TokenMissing' } });
  });
});
