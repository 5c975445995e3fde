import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority, createCertificate, loadAuthority } from './x509.ts';

const NOW = Date.UTC(2026, 10, 24, 12);

describe('certificates of a control plane', () => {
  const authority = createAuthority('control-plane', NOW);
  const root = new X509Certificate(authority.certificate);

  it('are signed by an authority that may sign', () => {
    const leaf = new X509Certificate(createCertificate(authority, { commonName: 'server', usage: 'server', hosts: ['localhost'] }, NOW).certificate);
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.verify(new X509Certificate(createAuthority('other', NOW).certificate).publicKey)).toBe(false);
  });

  it('name the hosts of a server and only them', () => {
    const made = createCertificate(authority, { commonName: 'server', usage: 'server', hosts: ['127.0.0.1', 'kubernetes.default.svc'] }, NOW);
    const leaf = new X509Certificate(made.certificate);
    expect(leaf.subjectAltName).toBe('IP Address:127.0.0.1, DNS:kubernetes.default.svc');
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(leaf.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
    expect(leaf.checkHost('example.com')).toBeUndefined();
    expect(leaf.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  });

  it('carry the groups of a client as organizations', () => {
    const leaf = new X509Certificate(createCertificate(authority, { commonName: 'admin', organizations: ['system:masters'], usage: 'client' }, NOW).certificate);
    expect(leaf.subject).toBe('O=system:masters\nCN=admin');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  });

  it('are valid from a little before now for a year', () => {
    expect([root.validFromDate, root.validToDate]).toEqual([new Date(NOW - 300_000), new Date(NOW + 365 * 86_400_000)]);
  });

  it('can be signed by an authority that is read back', () => {
    const again = loadAuthority(authority.certificate, createPrivateKey(authority.key));
    const leaf = new X509Certificate(createCertificate(again, { commonName: 'late', usage: 'server', hosts: ['127.0.0.1'] }, NOW).certificate);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
  });
});
