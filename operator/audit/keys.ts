import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { terminal } from '../api/errors.ts';
import type { SecretValue } from '../api/secret-value.ts';

/** A public key of a chain, and the name that records know it by. */
export interface PublicAuditKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** A key that records are signed with. A KeyObject shows nothing of itself when it is printed (guard 7). */
export interface AuditSigner extends PublicAuditKey {
  readonly privateKey: KeyObject;
}

/** What RFC 8410 puts before the 32 bytes of an ed25519 private key. */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/** An ed25519 key made from a random text, so that randomness can be handed in; the same text gives the same key. */
export function makeSigner(random: string): AuditSigner {
  const seed = createHash('sha256').update(`saaslicense audit key ${random}`).digest();
  return toSigner(createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' }));
}

/** Throws Terminal `AuditKeyInvalid` when it is no ed25519 key; `where` says which one it is. */
export function readSigner(pem: SecretValue, where: string): AuditSigner {
  return toSigner(parse(() => createPrivateKey(pem.reveal()), `${where} is no ed25519 private key as PEM`));
}

/** A public key, as PEM or as the base64 that a record carries. Throws Terminal `AuditKeyInvalid`. */
export function readPublicKey(text: string, where: string): PublicAuditKey {
  const key = parse(
    () => (text.includes('-----BEGIN') ? createPublicKey(publicPemOf(text)) : createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })),
    `${where} is no ed25519 public key`,
  );
  return { id: keyIdOf(key), key };
}

/** The PEM block of a public key; a private key, from which node would make the public one, does not belong in a file of public keys. */
function publicPemOf(text: string): string {
  const found = /-----BEGIN PUBLIC KEY-----[\s\S]+?-----END PUBLIC KEY-----/.exec(text);
  if (found === null) throw new Error('no public key');
  return found[0];
}

/** PKCS8 as PEM: for the Secret only. */
export function writePrivateKey(signer: AuditSigner): string {
  return signer.privateKey.export({ format: 'pem', type: 'pkcs8' });
}

export function writePublicKey({ key }: PublicAuditKey): string {
  return key.export({ format: 'pem', type: 'spki' });
}

/** The public key as base64 of SubjectPublicKeyInfo, as records carry it. */
export function encodePublicKey({ key }: PublicAuditKey): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

/** The beginning of the hash of the public key: 64 bits, as hexadecimal digits. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256').update(key.export({ format: 'der', type: 'spki' })).digest('hex').slice(0, 16);
}

function toSigner(privateKey: KeyObject): AuditSigner {
  const key = createPublicKey(privateKey);
  return { id: keyIdOf(key), key, privateKey };
}

/** The parser's own words could quote the key. */
function parse(read: () => KeyObject, problem: string): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // Told below, without the words of the parser.
  }
  if (key?.asymmetricKeyType !== 'ed25519') throw terminal('AuditKeyInvalid', `${problem}: put back the one that the operator made.`);
  return key;
}
