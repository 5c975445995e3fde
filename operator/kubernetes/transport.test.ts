import { describe, expect, it } from 'vitest';
import { startVendorStub } from '../../test/support/vendor-stub.ts';
import { SecretValue } from '../api/secret-value.ts';
import { createTransport } from './transport.ts';

describe('guard 7: an API server that answers with a redirect', () => {
  it.each([301, 302, 303, 307, 308])('%i: leads nobody, and no credential, to another host', async (status) => {
    await using other = await startVendorStub(() => ({ json: {} }));
    await using server = await startVendorStub(() => ({ status, headers: { location: `${other.address}/api/v1/secrets` }, text: '' }));
    const credential = { tls: {}, authorization: new SecretValue('Bearer planted-service-account-token') };
    const credentials = { current: () => Promise.resolve(credential), renew: () => Promise.resolve(credential) };
    const transport = createTransport({ server: server.address, namespace: 'default', credentials }, { userAgent: 'test' });
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'] as const) {
      const reply = await transport.send({ method, path: '/api/v1/secrets', resource: 'secrets', accept: 'application/json', signal: AbortSignal.timeout(10_000) });
      await reply.body.dump();
      expect(reply.statusCode).toBe(status);
    }
    expect([server.journal.length, other.journal]).toEqual([4, []]);
    await transport.close();
  });
});
