import { afterEach, describe, expect, it } from 'vitest';
import { OperatorError } from '../api/errors.ts';
import { startTelemetryServer, type TelemetryServer } from './health.ts';
import { createMetrics } from './metrics.ts';

const running: TelemetryServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map(async (server) => server.close()));
});

async function start(problems: { live?: string; ready?: string } = {}, port = 0): Promise<TelemetryServer> {
  const metrics = createMetrics();
  metrics.setLeader('lease', true);
  const checks = { live: () => problems.live, ready: () => problems.ready };
  const server = await startTelemetryServer({ host: '127.0.0.1', port, metrics, checks });
  running.push(server);
  return server;
}

async function get(server: TelemetryServer, path: string, method = 'GET'): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(`${server.url}${path}`, { method });
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
}

describe('the telemetry server', () => {
  it('serves the metrics with the content type that Prometheus expects', async () => {
    const answer = await get(await start(), '/metrics');
    expect(answer).toMatchObject({ status: 200, type: expect.stringContaining('text/plain; version=0.0.4') as unknown });
    expect(answer.text).toContain('leader_election_master_status{name="lease"} 1');
  });

  it('is live and ready when the checks find nothing', async () => {
    const server = await start();
    expect(await get(server, '/healthz')).toMatchObject({ status: 200, text: 'ok\n' });
    expect(await get(server, '/readyz?verbose')).toMatchObject({ status: 200, text: 'ok\n' });
  });

  it('says why it is not ready, while it is live', async () => {
    const server = await start({ ready: 'ConnectionAliases are not synced yet' });
    expect(await get(server, '/healthz')).toMatchObject({ status: 200 });
    expect(await get(server, '/readyz')).toMatchObject({ status: 503, text: 'ConnectionAliases are not synced yet\n' });
  });

  it('asks the checks anew each time', async () => {
    const problems: { live?: string } = {};
    const server = await start(problems);
    expect(await get(server, '/healthz')).toMatchObject({ status: 200 });
    problems.live = 'no watch has answered for 10 minutes';
    expect(await get(server, '/healthz')).toMatchObject({ status: 503 });
  });

  it('answers nothing else, and only GET and HEAD', async () => {
    const server = await start();
    expect(await get(server, '/')).toMatchObject({ status: 404 });
    expect(await get(server, '/debug/pprof')).toMatchObject({ status: 404 });
    expect(await get(server, '/metrics', 'POST')).toMatchObject({ status: 405 });
    expect(await get(server, '/healthz', 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  it('answers 500 when a check throws, and lives on', async () => {
    const checks = {
      live: (): never => {
        throw new Error('defect');
      },
      ready: () => undefined,
    };
    const server = await startTelemetryServer({ host: '127.0.0.1', port: 0, metrics: createMetrics(), checks });
    running.push(server);
    expect(await get(server, '/healthz')).toMatchObject({ status: 500, text: 'internal error\n' });
    expect(await get(server, '/readyz')).toMatchObject({ status: 200 });
  });

  it('a busy port is one clear line', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    const error = await start({}, port).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorError);
    expect((error as OperatorError).failure).toMatchObject({ kind: 'Terminal', reason: 'PortUnavailable' });
    expect((error as OperatorError).message).toContain(`127.0.0.1:${port}: the port is in use`);
  });
});
