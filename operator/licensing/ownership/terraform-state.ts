import { hideAddresses, storable } from '../text.ts';
import { comparable, isRecord, textOf } from './owner.ts';

/** A person's account in a Terraform state. */
export interface TerraformUser {
  readonly address: string | undefined;
  readonly externalUserId: string | undefined;
  /** Address of the resource instance, such as `module.people.pagerduty_user.all["(address)"]`; e-mail addresses are hidden. */
  readonly resource: string;
  /** The same without the key of the instance: what the configuration declares. */
  readonly declaration: string;
  /** Key of for_each, with e-mail addresses hidden, or number of count; undefined where there is one instance only. */
  readonly key: string | number | undefined;
}

/** A state that cannot be read must never look like one that owns nobody (guard 6): it is a problem, as the end of a sentence. */
export type ReadState = { readonly users: readonly TerraformUser[] } | { readonly problem: string };

const userType = 'pagerduty_user';
/** People of one state. A vendor's account that is read has at most 10,000. */
const mostUsers = 20_000;
/** Characters of the path of a resource, which the proposals of all its people share. */
const longestPath = 1024;

/**
 * The people in a Terraform state: managed resources of type `pagerduty_user`, of every module and with every key (D7).
 * Only version 4 is known: every Terraform since 0.12, and OpenTofu, write it. Never quotes the state, which holds secrets.
 */
export function parseTerraformState(text: string): ReadState {
  const state = parseJson(text);
  if (!isRecord(state)) return { problem: 'holds no Terraform state as JSON; it may be cut off' };
  if ('encrypted_data' in state) return { problem: 'holds a state that OpenTofu has encrypted' };
  if (state['version'] !== 4) return { problem: 'holds a Terraform state of another version than 4' };
  const { resources } = state;
  if (!Array.isArray(resources)) return { problem: 'holds a Terraform state without a list of resources' };
  const users: TerraformUser[] = [];
  for (const resource of resources) {
    const found = readResource(resource);
    if ('problem' in found) return found;
    for (const user of found.users) users.push(user);
    if (users.length > mostUsers) return { problem: `holds a Terraform state with more than ${mostUsers} people` };
  }
  return { users };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readResource(resource: unknown): ReadState {
  const { mode, type, name, module, instances } = isRecord(resource) ? resource : {};
  if (![mode, type, name].every((value) => typeof value === 'string')) return { problem: 'holds a Terraform state with a resource that has no mode, type and name' };
  if (mode !== 'managed' || type !== userType) return { users: [] };
  if (!Array.isArray(instances)) return { problem: `holds a Terraform state with a ${userType} without a list of instances` };
  const path = textOf(module);
  const declaration = storable(hideAddresses(`${path === undefined ? '' : `${path}.`}${userType}.${textOf(name)}`), longestPath);
  const users = instances.map((instance) => readInstance(instance, declaration));
  const isReadable = users.every((user) => user !== undefined);
  return isReadable ? { users } : { problem: `holds a Terraform state with a ${userType} that has neither e-mail address nor id` };
}

/** Whose account it is; undefined when that is not said. A deposed instance is there until it is destroyed. */
function readInstance(instance: unknown, declaration: string): TerraformUser | undefined {
  if (!isRecord(instance)) return undefined;
  const attributes = [instance['attributes'], instance['attributes_flat']].find(isRecord) ?? {};
  const [address, externalUserId] = [comparable(attributes['email']), textOf(attributes['id'])];
  if (address === undefined && externalUserId === undefined) return undefined;
  const key = keyOf(instance['index_key']);
  return { address, externalUserId, declaration, key, resource: key === undefined ? declaration : `${declaration}[${typeof key === 'number' ? key : quote(key)}]` };
}

function keyOf(key: unknown): string | number | undefined {
  if (typeof key === 'number') return key;
  return typeof key === 'string' ? hideAddresses(key) : undefined;
}

/** A text as Terraform writes it: what begins a template is doubled. */
function quote(key: string): string {
  return JSON.stringify(key).replaceAll('${', '$${').replaceAll('%{', '%%{');
}
