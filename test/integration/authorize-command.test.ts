import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../support/product.ts';
import { authorized, openConsentScene, openPage, type ConsentScene } from './consent-scene.ts';
import { conditionOf } from './story.ts';

interface Run {
  readonly url: Promise<string>;
  readonly ended: Promise<{ code: number | null; output: string }>;
  kill(): void;
}

/** `saaslicense authorize` as a person without any right to read a Secret runs it. */
describe('consent from a laptop: saaslicense authorize', () => {
  let scene: ConsentScene;
  let kubeconfig: string;
  let redirectUrl: string;

  beforeAll(async () => {
    scene = await openConsentScene('authorize');
    const { story } = scene;
    redirectUrl = `http://127.0.0.1:${await freePort()}/oauth_redirect.do`;
    scene.pagerduty.apps.update(scene.pagerduty.apps.list()[0]?.id ?? '', { redirectUrls: [scene.redirectUrl, redirectUrl] });
    await story.apply(scene.secret(), scene.alias(), scene.profile());
    await story.apply(...rightsOf(story.namespace));
    kubeconfig = await story.plane.serviceAccountKubeconfig(story.namespace, 'laptop');
  });

  afterAll(async () => {
    await scene.close();
  });

  function run(...more: string[]): Run {
    const args = [join(root, 'operator/main.ts'), 'authorize', 'pagerduty', '-n', scene.story.namespace, `--kubeconfig=${kubeconfig}`, '--no-browser', ...more];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } });
    const text: string[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => text.push(chunk.toString('utf8')));
    const ended = once(child, 'exit').then(([code]) => ({ code: code as number | null, output: text.join('') }));
    return { url: untilPrinted(text, ended), ended, kill: () => void child.kill('SIGINT') };
  }

  it('S59, S62, S63: takes the consent on a loopback address and hands it to the operator, which alone sees the tokens', async () => {
    const { url, ended } = run('--redirect-url', redirectUrl);
    expect(new URL(await url).searchParams.get('redirect_uri')).toBe(redirectUrl);
    const page = await openPage(await scene.consent(await url, { person: scene.person('admin') }));
    expect(page.text).toContain('Authorized');
    const { code, output } = await ended;
    expect([code, output]).toEqual([0, expect.stringContaining('Authorized: the operator has the consent') as unknown]);
    const alias = await scene.story.untilAlias(authorized, 'authorized');
    expect(alias.metadata.annotations ?? {}).not.toHaveProperty('saaslicense.dev/authorize-redirect');
    // The mailbox is empty again.
    expect((await scene.story.get<{ data?: object }>('secret', 'pagerduty-redirect'))?.data ?? {}).toEqual({});
  });

  it('S62: a denial is exit code 3, and an earlier consent stays', async () => {
    const { url, ended } = run('--redirect-url', redirectUrl);
    const page = await openPage(await scene.consent(await url, { person: '', deny: true }));
    expect(page.text).toContain('Consent denied');
    expect(await ended).toMatchObject({ code: 3, output: expect.stringContaining('Denied') as unknown });
    expect(conditionOf(await scene.story.untilAlias(() => true, 'there'), 'Authorized')).toBe('True Authorized');
  });

  it('S61: another account is exit code 4', async () => {
    const { url, ended } = run('--redirect-url', redirectUrl);
    const listed = /<option value="([^"]+@[^"]+)">[^<]*globex/.exec((await openPage(await url)).text)?.[1] ?? '';
    const page = await openPage(await scene.consent(await url, { account: 'globex', person: listed }));
    expect(page.text).toContain('Wrong account');
    expect(await ended).toMatchObject({ code: 4, output: expect.stringContaining('Wrong account') as unknown });
    expect(conditionOf(await scene.story.untilAlias(() => true, 'there'), 'AccountMatch')).toBe('True AccountMatches');
  });

  it('a redirect that is not for this attempt is not handed in, and nobody coming is exit code 6', async () => {
    const { url, ended } = run('--redirect-url', redirectUrl, '--timeout', '3');
    await url;
    const page = await openPage(`${redirectUrl}?code=a&state=somebody-elses`);
    expect(page.status).toBe(400);
    expect(await ended).toMatchObject({ code: 6 });
    const alias = await scene.story.untilAlias((object) => object.metadata.annotations?.['saaslicense.dev/authorize-redirect'] === undefined, 'request withdrawn');
    expect(conditionOf(alias, 'Authorized')).toBe('True Authorized');
  });

  it('says what is wrong with an alias without a loopback address, or that is not there', async () => {
    const noLoopback = await run().ended;
    // The scene's own address is on loopback too, but the operator has its port.
    expect(noLoopback).toMatchObject({ code: 1, output: expect.stringContaining('cannot be listened on') as unknown });
    await scene.story.kubectl(['patch', 'connalias', 'pagerduty', '--type=merge', '-p', '{"spec":{"oauth":{"redirectURL":"https://licenses.example.com/oauth_redirect.do"}}}']);
    expect(await run().ended).toMatchObject({ code: 1, output: expect.stringContaining('has no loopback redirect URL') as unknown });
  });

  it('S25: the person behind it could read no Secret', async () => {
    for (const verb of ['get', 'list', 'watch']) {
      const answer = await scene.story.plane.kubectl(['auth', 'can-i', verb, 'secrets', '-n', scene.story.namespace], { kubeconfig });
      expect(answer.stdout.trim()).toBe('no');
    }
  });
});

/** What the manual tells to grant. */
function rightsOf(namespace: string): object[] {
  const metadata = { name: 'laptop', namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        { apiGroups: ['saaslicense.dev'], resources: ['connectionaliases'], verbs: ['get', 'patch'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['pagerduty-redirect'], verbs: ['patch'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'laptop' },
      subjects: [{ kind: 'ServiceAccount', name: 'laptop', namespace }],
    },
  ];
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function untilPrinted(text: string[], ended: Promise<unknown>): Promise<string> {
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (;;) {
    const found = /^ {2}(http\S+)$/m.exec(text.join(''))?.[1];
    if (found !== undefined) return found;
    if (isOver) return `no URL: ${text.join('')}`;
    await delay(50);
  }
}
