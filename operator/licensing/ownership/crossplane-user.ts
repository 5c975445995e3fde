import { bothChanges, comparable, isRecord, makeOwnership, stakeholderRole, textOf, type Owner, type WishedChange } from './owner.ts';

/** A kind of Crossplane's PagerDuty provider that manages people, as it is installed. */
export interface CrossplaneKind {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

/**
 * Names of the CRDs of User: of crossplane-contrib/provider-pagerduty for the whole cluster, and for namespaces since
 * Crossplane 2; and of the older provider-jet-pagerduty.
 */
export const crossplaneDefinitions: readonly string[] = ['users.user.pagerduty.crossplane.io', 'users.user.pagerduty.m.crossplane.io', 'users.pagerduty.pagerduty.jet.crossplane.io'];

/** The kind as its CRD says that it can be read now; undefined when no version of it is served. */
export function readCrossplaneKind(spec: unknown): CrossplaneKind | undefined {
  const { group, names, scope, versions } = isRecord(spec) ? spec : {};
  const plural = isRecord(names) ? textOf(names['plural']) : undefined;
  const served = Array.isArray(versions) ? versions.filter(isRecord).filter((each) => each['served'] === true) : [];
  const version = textOf((served.find((each) => each['storage'] === true) ?? served[0])?.['name']);
  if (typeof group !== 'string' || plural === undefined || version === undefined) return undefined;
  return { group, version, plural, namespaced: scope === 'Namespaced' };
}

export const externalNameAnnotation = 'crossplane.io/external-name';

/** A User as the API server gives it; its schema is another's, so nothing of it is trusted. */
export interface CrossplaneUser {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** Which kind, and in which namespace. */
export interface CrossplaneView {
  readonly kind: CrossplaneKind;
  /** That of the profile, and of the User where its kind has namespaces. */
  readonly namespace: string;
  readonly changes?: readonly WishedChange[] | undefined;
}

/**
 * The accounts that a User manages: the one that it wishes for, and the one that it has now, when its address was just
 * changed. Empty when it does not say whose account it is, which must not read as nobody's (guard 6).
 */
export function crossplaneOwners(user: CrossplaneUser, view: CrossplaneView): readonly Owner[] {
  const { forProvider, initProvider } = isRecord(user.spec) ? user.spec : {};
  const { atProvider } = isRecord(user.status) ? user.status : {};
  const [wished, initial, current] = [forProvider, initProvider, atProvider].map((part) => (isRecord(part) ? part : {}));
  const externalUserId = textOf(user.metadata.annotations?.[externalNameAnnotation]) ?? textOf(current?.['id']);
  const addresses = new Set([wished, initial, current].flatMap((part) => comparable(part?.['email']) ?? []));
  const ownership = describeUser(user, view);
  if (addresses.size === 0) return externalUserId === undefined ? [] : [{ address: undefined, externalUserId, ownership }];
  return [...addresses].map((address) => ({ address, externalUserId, ownership }));
}

function describeUser(user: CrossplaneUser, { kind, namespace, changes = bothChanges }: CrossplaneView): Owner['ownership'] {
  return makeOwnership('Crossplane', `${kind.plural}.${kind.group} ${user.metadata.name}`, () => changes.flatMap((change) => propose(user, { kind, namespace }, change)));
}

/** What to change in the User, as a JSON merge patch (RFC 7386). */
export function crossplanePatch({ action, downgradeTo }: WishedChange, { namespaced }: Pick<CrossplaneKind, 'namespaced'>): Readonly<Record<string, unknown>> {
  if (action === 'Downgrade') {
    const license = downgradeTo?.subscriptionIdentifier;
    return { spec: { forProvider: { role: downgradeTo?.role ?? stakeholderRole, ...(license === undefined ? {} : { license }) } } };
  }
  // Without these, deleting the User would leave the account behind. Users of a namespace have no deletionPolicy.
  return { spec: namespaced ? { managementPolicies: ['*'] } : { deletionPolicy: 'Delete' } };
}

function propose({ metadata }: CrossplaneUser, { kind, namespace }: CrossplaneView, change: WishedChange): string[] {
  const target = `${kind.plural}.${kind.group} ${metadata.name}${kind.namespaced ? ` -n ${namespace}` : ''}`;
  // Within single quotes of a shell, no single quote may stand.
  const patch = JSON.stringify(crossplanePatch(change, kind)).replaceAll("'", String.raw`\u0027`);
  const patching = `kubectl patch ${target} --type=merge -p '${patch}'`;
  if (change.action === 'Downgrade') return ['To downgrade the account, change the User where its manifest is kept, or:', patching];
  return ['To remove the account, delete the User where its manifest is kept, or:', patching, `kubectl delete ${target}`];
}
