import type { Provider, Session } from '../../operator/providers/provider.ts';
import type { ActRequest, DowngradeTarget, Inspection, UndoBundle } from '../../operator/providers/reclaim.ts';
import { gather, type ContractScene, type ContractSubject } from './contract-scene.ts';
import { createSession } from './provider-session.ts';

type Found = Extract<Inspection, { kind: 'Found' }>;
const day = 86_400_000;

export const actions = ['Remove', 'Downgrade'] as const;

/** A provider with a session that may reclaim, and undo it. */
export interface Reclaimer {
  readonly provider: Provider;
  readonly session: Session & ReturnType<typeof createSession>;
  readonly inspect: (id: string, action?: ActRequest['action']) => Promise<Found>;
  /** The request for an action on somebody who was inspected. */
  readonly plan: (found: Found, action: ActRequest['action']) => Promise<ActRequest>;
  /** Writing requests until now. */
  readonly writes: () => number;
}

export async function openReclaimer(subject: ContractSubject, scene: ContractScene): Promise<Reclaimer> {
  const provider = subject.create();
  const { required, optional } = provider.scopes({ processes: ['DownloadSubscriptions', 'PullUserActivity', 'ReclaimSubscription'], signals: [] });
  const context = createSession({ settings: scene.settings, clock: scene.clock });
  const { token } = await provider.connect({ credential: scene.reclaimer, requiredScopes: required, optionalScopes: optional }, context);
  const session = { ...createSession({ settings: scene.settings, clock: scene.clock }), token };
  let target: DowngradeTarget | undefined;

  async function targetOf(action: ActRequest['action']): Promise<{ downgradeTo?: DowngradeTarget }> {
    if (action === 'Remove') return {};
    const pages = target === undefined ? await gather(provider.download(session)) : [];
    target ??= provider.reclaim.chooseDowngrade(pages.flatMap((page) => (page.kind === 'Licenses' ? page.licenses : [])));
    return target === undefined ? {} : { downgradeTo: target };
  }

  return {
    provider,
    session,
    async inspect(id, action = 'Remove') {
      const found = await provider.reclaim.inspect({ externalUserId: id, evidenceTo: scene.clock.now() - day, action, protectedTags: [], ...(await targetOf(action)) }, session);
      if (found.kind === 'Gone') throw new Error('nobody to inspect');
      return found;
    },
    plan: async ({ person }, action) => ({ externalUserId: person.externalUserId, action, person, ...(await targetOf(action)) }),
    writes: () => scene.requests().filter(({ write }) => write).length,
  };
}

/** As it comes back out of a Secret. */
export function throughSecret(bundle: UndoBundle): UndoBundle {
  return JSON.parse(JSON.stringify(bundle)) as UndoBundle;
}
