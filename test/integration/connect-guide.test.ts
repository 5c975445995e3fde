import { beforeAll, describe, expect, it } from 'vitest';
import { readRequest } from '../../operator/cli/connect-command.ts';
import { writeConnectGuide } from '../../operator/cli/connect-guide.ts';
import type { ControlPlane } from '../control-plane/contract.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

let plane: ControlPlane;
let namespace: string;

beforeAll(async () => {
  plane = await attachControlPlane();
  namespace = await createNamespace('guide');
});

const redirect = ['--redirect-url', 'https://licenses.example.com/oauth_redirect.do'];

describe('the manifests that saaslicense connect prints', () => {
  it.each([
    ['an app token', []],
    ['an API token', ['--login', 'ApiToken']],
    ['Scoped OAuth with consent', ['--login', 'Scoped', ...redirect]],
    ['Classic User OAuth', ['--login', 'Classic', '--reclaim', ...redirect]],
    ['no activity, in the EU', ['--no-activity', '--region', 'EU']],
  ])('S31, S52-S58: are taken by the API server as they are, with %s', async (_, argv) => {
    const { provider, request } = readRequest(['--subdomain', 'acme', '-n', namespace, ...argv]);
    const guide = writeConnectGuide(provider, request);
    const input = guide.slice(guide.indexOf('apiVersion:'), guide.search(/\n\n(Then a person|What becomes)/));
    const result = await plane.kubectl(['apply', '--server-side', '--dry-run=server', '-f', '-'], { input });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout.trim().split('\n').length).toBe(2);
  });
});
