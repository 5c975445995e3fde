import { OperatorError, type Failure } from '../../api/errors.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ResourceType } from '../../api/kind.ts';
import type { KubernetesObject } from '../../api/meta.ts';
import { ownership as ownershipSchema, type OwnershipSettings } from '../../api/ownership.ts';
import { listExpired } from '../../kubernetes/api-failure.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { coreResources } from '../../kubernetes/core-resources.ts';
import { crossplaneDefinitions, crossplaneOwners, readCrossplaneKind, type CrossplaneKind, type CrossplaneUser } from '../../licensing/ownership/crossplane-user.ts';
import { indexOwners } from '../../licensing/ownership/owner-index.ts';
import type { Owner, WishedChange } from '../../licensing/ownership/owner.ts';
import { terraformOwner } from '../../licensing/ownership/terraform-proposal.ts';
import { parseTerraformState } from '../../licensing/ownership/terraform-state.ts';
import { hideAddresses } from '../../licensing/text.ts';
import type { OwnershipIndex } from '../../licensing/reclaim/facts.ts';
import type { Secret } from '../secrets.ts';
import { unpackState } from './unpack-state.ts';

export interface ReadOwnersOptions {
  readonly client: Pick<KubernetesClient, 'get' | 'pages'>;
  readonly signal: AbortSignal;
  /** What is wished, so that proposals say that only; both changes are described when it is left out. */
  readonly change?: WishedChange;
}

/** Who else manages accounts. */
export interface OwnersFound {
  /** By lower-case address and by `id:<external user id>`. */
  readonly index: OwnershipIndex;
  /**
   * What could not be read, as sentences for a condition: a pure function of spec and class of failure. While there is
   * one, the index is not whole, and nobody may be taken for owned by nobody (guard 6).
   */
  readonly problems: readonly string[];
  /** What is not whole and holds nobody: it is of the whole cluster, where others than this namespace may write (guard 12). */
  readonly notes: readonly string[];
}

interface Part {
  readonly owners: readonly Owner[];
  readonly problems: readonly string[];
  readonly notes?: readonly string[];
}

/** Users a page. */
const pageSize = 250;
/** Times that a list which broke off is begun anew. */
const listTries = 3;
/** People that the Secrets and Users of one namespace may name: all of them are in memory at once (guard 12). A vendor's account that is read has at most 10,000. */
const mostOwned = 20_000;

/**
 * Who else manages the accounts of a profile's people, read now: the Terraform states that its spec names, and the User
 * resources of Crossplane in its namespace and of the cluster (D7, C25). Those of other namespaces are other tenants', who could else hold
 * every seat by naming it (guard 12). Identity providers are told by the vendor, person by person: see `provisionedBy`.
 * Throws Retryable for a fault of the API server that may pass.
 */
export async function readOwners(profile: IntegrationProfile, options: ReadOwnersOptions): Promise<OwnersFound> {
  const settings: OwnershipSettings = profile.spec.ownership ?? ownershipSchema.parse({});
  const namespace = profile.metadata.namespace ?? '';
  const parts: Part[] = [];
  for (const state of settings.terraformStates ?? []) parts.push(await readTerraform(state, namespace, options));
  const owned = parts.reduce((sum, { owners }) => sum + owners.length, 0);
  if (owned > mostOwned) parts.splice(0, parts.length, { owners: [], problems: [`The Secrets of spec.ownership.terraformStates hold more than ${mostOwned} people; remove the states of other accounts.`] });
  if (settings.crossplane) for (const definition of crossplaneDefinitions) parts.push(await readCrossplane(definition, namespace, options));
  return { index: indexOwners(parts.flatMap(({ owners }) => owners)), problems: parts.flatMap(({ problems }) => problems), notes: parts.flatMap(({ notes = [] }) => notes) };
}

async function readTerraform({ name, key }: { name: string; key: string }, namespace: string, { client, signal, change }: ReadOwnersOptions): Promise<Part> {
  // The names are of the spec, and could be anything.
  const problem = (what: string): Part => ({ owners: [], problems: [hideAddresses(`${what}; correct spec.ownership.terraformStates, or take it out.`)] });
  const read = await orFailure(async () => client.get<Secret>(coreResources.Secret, { namespace, name }, { signal }));
  if ('failure' in read) return problem(read.failure.reason === 'Forbidden' ? `The Secret ${name} with a Terraform state may not be read` : `The Secret ${name} with a Terraform state cannot be read`);
  if (read.value === undefined) return problem(`There is no Secret ${name} with a Terraform state`);
  const encoded = read.value.data?.[key];
  if (encoded === undefined) return problem(`The Secret ${name} has no key ${key} with a Terraform state`);
  const unpacked = await unpackState(encoded);
  const state = 'problem' in unpacked ? unpacked : parseTerraformState(unpacked.text);
  if ('problem' in state) return problem(`The key ${key} of the Secret ${name} ${state.problem}`);
  return { owners: state.users.map((user) => terraformOwner(user, name, change === undefined ? undefined : [change])), problems: [] };
}

/**
 * The Users of one CRD. It is asked for the CRD itself: only that tells a kind that is not installed from one whose version
 * has changed, or from an API server that has a bad moment.
 */
async function readCrossplane(definition: string, namespace: string, options: ReadOwnersOptions): Promise<Part> {
  const problem = (what: string): Part => ({ owners: [], problems: [`The User resources of Crossplane (${definition}) ${what}, or set spec.ownership.crossplane to false.`] });
  const crd = await orFailure(async () => options.client.get<Definition>(coreResources.CustomResourceDefinition, { name: definition }, { signal: options.signal }));
  if ('failure' in crd) return problem(`cannot be looked for; grant the operator get on the CustomResourceDefinition of this name`);
  if (crd.value === undefined) return { owners: [], problems: [] };
  const kind = readCrossplaneKind(crd.value.spec);
  if (kind === undefined) return problem('are of no version that the API server serves; mend their CustomResourceDefinition');
  const users = await orFailure(async () => listUsers(kind, namespace, options));
  return 'failure' in users ? problem('cannot be listed; grant the operator list on them') : users.value;
}

interface Definition extends KubernetesObject {
  spec?: unknown;
}

/** All Users page by page; a list that broke off is begun anew, and a part of it never passes for the whole (guard 6). */
async function listUsers(kind: CrossplaneKind, namespace: string, options: ReadOwnersOptions): Promise<Part> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await listUsersOnce(kind, namespace, options);
    } catch (error) {
      if (tried === listTries || !(error instanceof OperatorError) || error.failure.reason !== listExpired) throw error;
    }
  }
}

async function listUsersOnce(kind: CrossplaneKind, namespace: string, { client, signal, change }: ReadOwnersOptions): Promise<Part> {
  const type: ResourceType = { apiVersion: `${kind.group}/${kind.version}`, kind: 'User', plural: kind.plural, namespaced: kind.namespaced };
  const changes = change === undefined ? undefined : [change];
  const owners: Owner[] = [];
  let nameless = false;
  for await (const page of client.pages<KubernetesObject & CrossplaneUser>(type, { ...(kind.namespaced ? { namespace } : {}), limit: pageSize, signal })) {
    for (const user of page) {
      const found = crossplaneOwners(user, { kind, namespace, changes });
      nameless ||= found.length === 0;
      owners.push(...found);
    }
    if (kind.namespaced && owners.length > mostOwned) return { owners: [], problems: [tooManyUsers(kind)] };
  }
  return { owners, ...(nameless ? describeNameless(kind) : { problems: [] }) };
}

function tooManyUsers({ plural, group }: CrossplaneKind): string {
  return `The Crossplane User resources (${plural}.${group}) in this namespace name more than ${mostOwned} people; move those of other accounts to other namespaces, or set spec.ownership.crossplane to false.`;
}

/** In the profile's namespace it may be anybody's (guard 6). Users of the cluster come from many hands, by claims too: one of them must not hold everybody's seats (guard 12). */
function describeNameless({ plural, group, namespaced }: CrossplaneKind): Pick<Part, 'problems' | 'notes'> {
  const text = `A Crossplane User resource (${plural}.${group}) has neither e-mail address nor external name`;
  if (namespaced) return { problems: [`${text}; complete it, or set spec.ownership.crossplane to false.`] };
  return { problems: [], notes: [`${text}, so it protects nobody; complete or delete it.`] };
}

/** The value; or the failure that a person has to do something about. What may pass by itself is thrown. */
async function orFailure<T>(read: () => Promise<T>): Promise<{ readonly value: T } | { readonly failure: Failure }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const { failure } = error;
    if (failure.kind === 'Terminal') return { failure };
    throw error;
  }
}
