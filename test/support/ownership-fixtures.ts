/** A resource of a made-up Terraform state. */
export interface StateResource {
  readonly module?: string;
  readonly mode?: string;
  readonly type?: string;
  readonly name?: string;
  readonly instances?: unknown;
}

/** An instance of a pagerduty_user. */
export function userInstance(email: string | undefined, id: string | undefined, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { schema_version: 0, attributes: { ...(email === undefined ? {} : { email }), ...(id === undefined ? {} : { id }), name: 'Somebody', role: 'user' }, sensitive_attributes: [], ...more };
}

export function userResource(instances: unknown, more: StateResource = {}): StateResource {
  return { mode: 'managed', type: 'pagerduty_user', name: 'people', instances, ...more };
}

/** The text of a state, as Terraform 1 writes it. */
export function stateText(resources: readonly unknown[], more: Record<string, unknown> = {}): string {
  return JSON.stringify({ version: 4, terraform_version: '1.9.0', serial: 7, lineage: '00000000-0000-0000-0000-000000000000', outputs: {}, resources, check_results: null, ...more });
}

/** A User of Crossplane. */
export function crossplaneUser(name: string, forProvider: Record<string, unknown>, { namespace, externalName, ...more }: { namespace?: string; externalName?: string; spec?: object; status?: unknown } = {}) {
  return {
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(externalName === undefined ? {} : { annotations: { 'crossplane.io/external-name': externalName } }) },
    spec: { forProvider, ...more.spec },
    ...(more.status === undefined ? {} : { status: more.status }),
  };
}
