import { softwareModelResource, type SoftwareModel } from '../../api/software-model.ts';
import { fieldManager } from '../connection-alias/apply.ts';
import type { ControllerDependencies } from '../dependencies.ts';

/** Under the version that was decided on: whoever edits the model at the same time wins, and it is decided anew. */
export async function adoptIdentifier(
  model: SoftwareModel,
  identifier: string,
  { dependencies, signal }: { readonly dependencies: ControllerDependencies; readonly signal: AbortSignal },
): Promise<SoftwareModel> {
  const { client, events } = dependencies;
  const { resourceVersion } = model.metadata;
  const subscriptionIdentifiers = [...model.spec.subscriptionIdentifiers, identifier];
  const patch = { metadata: { resourceVersion }, spec: { subscriptionIdentifiers } };
  const patched = await client.mergePatch<SoftwareModel>(softwareModelResource, model.metadata, patch, { signal, fieldManager });
  events.record(model, {
    type: 'Normal',
    reason: 'IdentifierAdopted',
    action: 'Reconcile',
    note: `The licence ${identifier} continues this product: its former identifiers are gone, as after a change of plan.`,
  });
  return patched;
}
