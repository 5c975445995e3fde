import { auditRecordResource, type AuditRecord, type AuditRecordSpec } from '../api/audit-record.ts';
import type { Clock } from '../api/clock.ts';
import { OperatorError } from '../api/errors.ts';
import { product } from '../api/group.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { untilAborted } from '../kubernetes/abort.ts';
import { canonicalText } from '../licensing/hash.ts';
import { busy, expectedKeyId, findHead, getRecord, keyMissing, readOn, recallRecords, requireOurs, signerOf } from './chain-head.ts';
import { keyData, linkRecord, toObject, type ChainHead } from './chain.ts';
import { hidePeople } from './hide-people.ts';
import { makeAuditKeys, readAuditKeys, type AuditKeys } from './key-secret.ts';
import { encodePublicKey, type PublicAuditKey } from './keys.ts';
import type { AuditEntry, AuditTrail } from './trail.ts';

export interface AuditTrailDependencies {
  /** It never updates and never deletes: a record is append-only even for the operator. */
  readonly client: Pick<KubernetesClient, 'get' | 'pages' | 'create'>;
  readonly clock: Clock;
  /** A new secret each time, of at least 32 random bytes. */
  readonly createSecret: () => string;
  /** This process, as every record names it: two that write the same thing at the same moment make two records. */
  readonly identity: string;
  /** Told of each record that was stored: to log number and hash elsewhere lets a cut-off end be found out. */
  readonly onStored?: (namespace: string, head: ChainHead) => void;
}

/** What is known of a chain in memory. */
interface Chain {
  readonly keys: AuditKeys;
  readonly head: AuditRecordSpec | undefined;
}

/** A record of which is not known whether it was stored. */
interface Unclear {
  readonly record: AuditRecordSpec;
  readonly digest: string;
}

/** Times that a place in the chain is found taken before the caller has to try again. */
const triesForPlace = 20;
/** Times that a POST without an answer is made again; the same record each time. */
const triesToStore = 4;
const firstWaitMs = 200;

/**
 * The audit trail on the API server. Its records are at least once: a record that a crash, or an append that failed, may
 * have stored is told twice rather than never; within one process it is recognised.
 */
export function createAuditTrail(dependencies: AuditTrailDependencies): AuditTrail {
  const namespaces = new Map<string, NamespaceTrail>();
  return {
    async append(namespace, entry, signal) {
      const trail = namespaces.get(namespace) ?? new NamespaceTrail(namespace, dependencies);
      namespaces.set(namespace, trail);
      await trail.append(entry, signal);
    },
    async recall(namespace, origin, signal) {
      const keys = await readAuditKeys(dependencies.client, namespace, signal);
      return keys === undefined ? [] : recallRecords(dependencies.client, { namespace, origin, keys }, signal);
    },
  };
}

/** The chain of one namespace; one append at a time. */
class NamespaceTrail {
  readonly #namespace: string;
  readonly #dependencies: AuditTrailDependencies;
  #queue: Promise<void> = Promise.resolve();
  #chain: Chain | undefined;
  #unclear: Unclear | undefined;

  constructor(namespace: string, dependencies: AuditTrailDependencies) {
    this.#namespace = namespace;
    this.#dependencies = dependencies;
  }

  async append(entry: AuditEntry, signal: AbortSignal): Promise<void> {
    const turn = this.#queue;
    const done = Promise.withResolvers<void>();
    this.#queue = done.promise;
    try {
      await untilAborted(turn, signal);
      await this.#append(entry, signal);
    } finally {
      // Whoever gave up waiting must not let the next one overtake the one that is under way.
      void turn.then(() => done.resolve());
    }
  }

  async #append(entry: AuditEntry, signal: AbortSignal): Promise<void> {
    let chain = await this.#open(signal);
    const hidden = this.#prepare(entry, chain.keys);
    const digest = canonicalText(hidden);
    const settled = await this.#settle(chain, digest, signal);
    if (settled === 'Stored') return;
    chain = settled;
    if (chain.head === undefined) chain = await this.#store(chain, (at) => (at.head === undefined ? this.#carryKey('ChainStarted', at.keys.signer) : undefined), signal);
    chain = await this.#handOver(chain, signal);
    await this.#store(chain, () => hidden, signal);
  }

  #prepare(entry: AuditEntry, keys: AuditKeys): AuditEntry {
    const hidden = hidePeople(entry, keys.personKey);
    return { ...hidden, data: { ...hidden.data, recorder: this.#dependencies.identity.slice(0, 253) } };
  }

  /** The keys as they are now, and the end of the chain; that one is looked for once, and again when the keys were made anew. */
  async #open(signal: AbortSignal): Promise<Chain> {
    const { client, createSecret } = this.#dependencies;
    const namespace = this.#namespace;
    const found = await readAuditKeys(client, namespace, signal);
    if (found !== undefined && found.uid === this.#chain?.keys.uid) return this.#keep({ keys: found, head: this.#chain.head });
    this.#chain = undefined;
    this.#unclear = undefined;
    const head = await findHead(client, namespace, signal);
    if (head === undefined) return this.#keep({ keys: found ?? (await makeAuditKeys(client, namespace, { createSecret, signal })), head });
    // Another leader may have begun the chain in between. The key of a chain that is under way is never made anew.
    const keys = found ?? (await readAuditKeys(client, namespace, signal));
    if (keys === undefined) throw keyMissing();
    requireOurs(head, keys);
    return this.#keep({ keys, head });
  }

  #keep(chain: Chain): Chain {
    this.#chain = chain;
    return chain;
  }

  /** Finds out what became of a record that was unclear. It may be the very one that is to be added. */
  async #settle(chain: Chain, digest: string, signal: AbortSignal): Promise<Chain | 'Stored'> {
    const unclear = this.#unclear;
    if (unclear === undefined) return chain;
    const found = await getRecord(this.#dependencies.client, { namespace: this.#namespace, sequence: unclear.record.sequence }, signal);
    this.#unclear = undefined;
    if (found?.hash !== unclear.record.hash) return chain;
    const next = this.#took(chain, found);
    return unclear.digest === digest ? 'Stored' : next;
  }

  /** The old key signs which one comes after it. */
  async #handOver(chain: Chain, signal: AbortSignal): Promise<Chain> {
    return this.#store(chain, ({ keys, head }) => (keys.next === undefined || head === undefined || expectedKeyId(head) === keys.next.id ? undefined : this.#carryKey('KeyChanged', keys.next)), signal);
  }

  #carryKey(event: 'ChainStarted' | 'KeyChanged', key: PublicAuditKey): AuditEntry {
    return { event, actor: 'operator', data: { [keyData.keyId]: key.id, [keyData.publicKey]: encodePublicKey(key), recorder: this.#dependencies.identity.slice(0, 253) } };
  }

  /** Adds what `choose` finds to be added at the end as it is then; another leader may have been faster. */
  async #store(start: Chain, choose: (chain: Chain) => AuditEntry | undefined, signal: AbortSignal): Promise<Chain> {
    let chain = start;
    for (let tried = 0; tried < triesForPlace; tried += 1) {
      const entry = choose(chain);
      if (entry === undefined) return chain;
      const { keys, head } = chain;
      const signer = head === undefined ? keys.signer : signerOf(keys, expectedKeyId(head));
      const record = linkRecord(head, entry, { now: this.#dependencies.clock.now(), signer });
      if ((await this.#post(record, canonicalText(entry), signal)) === 'Stored') return this.#took(chain, record);
      chain = this.#keep({ keys, head: await readOn(this.#dependencies.client, { namespace: this.#namespace, keys, head }, signal) });
    }
    throw busy();
  }

  #took(chain: Chain, record: AuditRecordSpec): Chain {
    const { sequence, time, hash } = record;
    this.#dependencies.onStored?.(this.#namespace, { sequence, time, hash });
    return this.#keep({ keys: chain.keys, head: record });
  }

  /** Stores the record, or finds its place taken. A POST that got no answer is made again with the same record, which takes one place only. */
  async #post(record: AuditRecordSpec, digest: string, signal: AbortSignal): Promise<'Stored' | 'Taken'> {
    const { client, clock } = this.#dependencies;
    this.#unclear = { record, digest };
    for (let tried = 1; ; tried += 1) {
      try {
        await client.create<AuditRecord>(auditRecordResource, toObject(this.#namespace, record), { signal, fieldManager: product });
        this.#unclear = undefined;
        return 'Stored';
      } catch (error) {
        const kind = error instanceof OperatorError ? error.failure.kind : undefined;
        if (kind === 'Conflict') return this.#lookAt(record, error, signal);
        if (kind === 'Terminal') this.#unclear = undefined;
        if (kind !== 'Retryable' || tried === triesToStore || signal.aborted) throw error;
        await clock.sleep(firstWaitMs * 2 ** (tried - 1), signal);
      }
    }
  }

  /** The place is taken: by this very record, whose answer was lost, or by another one. */
  async #lookAt(record: AuditRecordSpec, conflict: unknown, signal: AbortSignal): Promise<'Stored' | 'Taken'> {
    const found = await getRecord(this.#dependencies.client, { namespace: this.#namespace, sequence: record.sequence }, signal);
    this.#unclear = undefined;
    // A 409 of a record that is not there: the namespace goes away.
    if (found === undefined) throw conflict;
    return found.hash === record.hash ? 'Stored' : 'Taken';
  }
}
