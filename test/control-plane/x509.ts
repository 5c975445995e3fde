import { generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * Just enough X.509 (RFC 5280) to make the certificates of a control plane on ECDSA P-256: Node signs, but has no
 * certificate writer, and neither openssl nor a build of the Go binary may be a condition for starting.
 */
export interface KeyedCertificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

export interface CertificateAuthority extends KeyedCertificate {
  readonly privateKey: KeyObject;
  readonly subject: Subject;
}

interface Subject {
  readonly commonName: string;
  /** Kubernetes reads the organizations of a client certificate as its groups. */
  readonly organizations: readonly string[];
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly usage: 'server' | 'client';
  /** DNS names and IP addresses a server answers to. */
  readonly hosts?: readonly string[];
}

const VALID_DAYS = 365;
const OID = {
  ecdsaWithSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  organization: '060355040a',
  basicConstraints: '0603551d13',
  keyUsage: '0603551d0f',
  extendedKeyUsage: '0603551d25',
  subjectAltName: '0603551d11',
  serverAuth: '06082b06010505070301',
  clientAuth: '06082b06010505070302',
} as const;

/** A new authority; `now` in milliseconds since the epoch. */
export function createAuthority(commonName: string, now: number): CertificateAuthority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = { commonName, organizations: [] };
  const extensions = [extension(OID.basicConstraints, sequence(boolean(true)), true), extension(OID.keyUsage, bits('0186'), true)];
  const certificate = issue({ issuer: subject, subject, publicKey: keys.publicKey, extensions, now }, keys.privateKey);
  return { certificate, key: exportKey(keys.privateKey), privateKey: keys.privateKey, subject };
}

/** Reads back what `createAuthority` wrote. */
export function loadAuthority(certificate: string, privateKey: KeyObject): CertificateAuthority {
  const commonName = /^CN=(.*)$/mu.exec(new X509Certificate(certificate).subject)?.[1] ?? '';
  return { certificate, key: exportKey(privateKey), privateKey, subject: { commonName, organizations: [] } };
}

/** A certificate signed by the authority; `now` in milliseconds since the epoch. */
export function createCertificate(authority: CertificateAuthority, request: CertificateRequest, now: number): KeyedCertificate {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const hosts = request.hosts ?? [];
  const extensions = [
    extension(OID.keyUsage, bits('0780'), true),
    extension(OID.extendedKeyUsage, sequence(hex(request.usage === 'server' ? OID.serverAuth : OID.clientAuth))),
    ...(hosts.length === 0 ? [] : [extension(OID.subjectAltName, sequence(...hosts.map(encodeHost)))]),
  ];
  const subject = { commonName: request.commonName, organizations: request.organizations ?? [] };
  const certificate = issue({ issuer: authority.subject, subject, publicKey: keys.publicKey, extensions, now }, authority.privateKey);
  return { certificate, key: exportKey(keys.privateKey) };
}

interface Issue {
  readonly issuer: Subject;
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly extensions: Buffer[];
  readonly now: number;
}

function issue(what: Issue, signingKey: KeyObject): string {
  const serial = Buffer.concat([Buffer.from([0x01]), randomBytes(15)]);
  const algorithm = sequence(hex(OID.ecdsaWithSha256));
  // Five minutes back: clocks of a machine and its virtual machines differ.
  const validity = sequence(time(what.now - 300_000), time(what.now + VALID_DAYS * 86_400_000));
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    algorithm,
    encodeName(what.issuer),
    validity,
    encodeName(what.subject),
    what.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...what.extensions)),
  );
  const signature = sign('sha256', toBeSigned, signingKey);
  const whole = sequence(toBeSigned, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = whole.toString('base64').match(/.{1,64}/gu) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function exportKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' });
}

function encodeName(subject: Subject): Buffer {
  const attribute = (oid: string, value: string): Buffer => der(0x31, sequence(hex(oid), der(0x0c, Buffer.from(value))));
  return sequence(
    ...subject.organizations.map((organization) => attribute(OID.organization, organization)),
    attribute(OID.commonName, subject.commonName),
  );
}

function encodeHost(host: string): Buffer {
  if (isIP(host) === 4) return der(0x87, Buffer.from(host.split('.').map(Number)));
  return der(0x82, Buffer.from(host));
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return sequence(hex(oid), ...(critical ? [boolean(true)] : []), der(0x04, value));
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/gu, '');
  return der(0x18, Buffer.from(digits));
}

function boolean(value: boolean): Buffer {
  return der(0x01, Buffer.from([value ? 0xff : 0]));
}

/** A bit string; the first byte says how many of the last byte's bits are unused. */
function bits(content: string): Buffer {
  return der(0x03, hex(content));
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = length.toString(16);
  const size = hex(digits.length % 2 === 0 ? digits : `0${digits}`);
  return Buffer.concat([Buffer.from([tag, 0x80 | size.length]), size, content]);
}
