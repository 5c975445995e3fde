import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/index.ts';
import { generateCompany, startSimulator, type Simulator } from '../pagerduty-simulator/index.ts';
import { installProduct, root, startOperatorProcess } from '../support/product.ts';
import { conditionOf, manifests } from './story.ts';

interface Schema {
  properties: Record<string, Schema>;
}
interface Crd {
  spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
}

const file = join(root, 'crds/saaslicense.dev_connectionaliases.yaml');
const namespace = 'default';

/** A control plane of its own: CRDs are the same for everybody on it. */
describe('CRDs that are older than the operator', () => {
  let plane: ControlPlane;
  let simulator: Simulator;

  beforeAll(async () => {
    plane = await startControlPlane();
    await installProduct(plane);
    const company = generateCompany({ seed: 11, users: 10, now: Date.now(), subdomain: 'acme' });
    simulator = await startSimulator({ company, apps: [{ clientId: 'story-client', clientSecret: 'right', scopes: ['users.read', 'oncalls.read', 'users.write'] }] });
  });

  afterAll(async () => {
    await simulator.stop();
    await plane.stop();
  });

  const start = () => startOperatorProcess(plane, { logFile: join(plane.directory, 'operator.log') });
  const objects = () => manifests({ namespace, simulator, canary: 'wrong' });

  async function kubectl(args: string[], input?: object): Promise<string> {
    const { code, stdout, stderr } = await plane.kubectl(['-n', namespace, ...args], input === undefined ? {} : { input: JSON.stringify(input) });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }
  const apply = (...items: object[]) => kubectl(['apply', '--server-side', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });

  /** As a release of before would have it: without a field of status that this one keeps its failures in. */
  async function installOld(): Promise<void> {
    const old = parse(await readFile(file, 'utf8')) as Crd;
    for (const { schema } of old.spec.versions) delete schema.openAPIV3Schema.properties['status']?.properties['lastFailure'];
    await kubectl(['replace', '-f', '-'], old);
  }

  const readAlias = async () => JSON.parse(await kubectl(['get', 'connalias', 'pagerduty', '-o', 'json'])) as ConnectionAlias;
  const untilCondition = (type: string, value: string) => expect.poll(async () => conditionOf(await readAlias(), type), { timeout: 30_000 }).toBe(value);
  const tokenCalls = () => simulator.journal.list({ method: 'POST' }).filter(({ path }) => path === '/oauth/token').length;

  it('B3.37: are refused at the start by CrdsOutdated, with the field that is missing and what to do; nothing is written', async () => {
    await apply(objects().alias());
    await installOld();
    await expect(start()).rejects.toThrow(/CrdsOutdated.*connectionaliases\.saaslicense\.dev is too old.*status\.lastFailure.*Apply the CRDs of this version/);
    expect((await readAlias()).status).toBeUndefined();
  });

  it('once they are those of this version the same operator starts and does its work', async () => {
    await installProduct(plane);
    const operator = await start();
    await untilCondition('CredentialsReady', 'False SecretMissing');
    expect(await operator.stop()).toBe(0);
  });

  it('that come while it runs: CrdsOutdated in log and metrics, no half a status, no stream of calls; it goes on once they are mended', async () => {
    const operator = await start();
    await installOld();
    // A failure is what the missing field is for.
    await apply(objects().secret(), objects().profile({ publish: false }));
    const log = async () => readFile(operator.logFile, 'utf8');
    await expect.poll(log, { timeout: 30_000 }).toContain('the installed CRDs lack a field that this version writes; apply the CRDs of this version');
    const metrics = await (await fetch(`${operator.telemetryUrl}/metrics`)).text();
    expect(metrics).toMatch(/controller_runtime_reconcile_errors_total\{controller="connectionalias"\} [1-9]/);
    expect(conditionOf(await readAlias(), 'TokenReady')).not.toContain('CredentialsRejected');
    expect((await readAlias()).status?.consecutiveFailures).toBeUndefined();
    // Tries double their distance from 0.2 s on, whatever the vendor said and status could not keep.
    expect(tokenCalls()).toBeLessThan(12);

    await installProduct(plane);
    await untilCondition('Stalled', 'True CredentialsRejected');
    await apply(objects().secret('right'));
    await untilCondition('Ready', 'True Connected');
    expect(await operator.stop()).toBe(0);
  });
});
