import type { Clock } from '../api/clock.ts';
import { createAuditTrail } from '../audit/audit-trail.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { makeAnswerUrls } from '../notices/links.ts';
import { resolveChannel } from '../notices/resolve-channel.ts';
import { createNoticeSender } from '../notices/sender.ts';
import { noticeKey } from './answers/notice-key.ts';
import type { ControllerDependencies } from './dependencies.ts';
import { createAccountTurns, type AccountTurns } from './removal-candidate/account-turns.ts';
import type { CandidateNotices } from './removal-candidate/input.ts';
import { roundOf } from './removal-candidate/rights.ts';
import { readSecretKey } from './secrets.ts';

/** What acts on candidates besides the controllers' own dependencies. */
export interface CandidateTools {
  readonly audit: AuditTrail;
  readonly notices: CandidateNotices;
  readonly turns: AccountTurns;
}

/** How people are told, how fast accounts are written to, and where the operator keeps what is its own. */
export interface ToolSettings {
  /** The operator’s own. */
  readonly namespace: string;
  /** Address at which people reach the answer page, such as `https://licences.example.com`; undefined = notices have no links. */
  readonly publicUrl: string | undefined;
  /** Hosts that notices may be sent to, since tenants name them; none = nobody is told. */
  readonly allowedNoticeHosts: readonly string[];
  /** Most reclaims that begin in one account within 24 hours, over all profiles and namespaces (guard 5). */
  readonly maxReclaimsPerAccountPerDay: number;
}

/** Links are taken while the person is asked, and never for longer than this; a freeze may hold a deadline up for long. */
const linkLifetimeMs = 400 * 86_400_000;

export interface ToolDependencies extends Pick<ControllerDependencies, 'client' | 'clock' | 'createSecret' | 'identity' | 'logger'> {
  /** Moves on evenly, whatever happens to the machine’s time. */
  readonly steady: Clock;
}

export function createCandidateTools(dependencies: ToolDependencies, settings: ToolSettings): CandidateTools {
  const { client, clock, steady, createSecret, identity, logger } = dependencies;
  return {
    // The log holds the end of each chain, so that cutting it off is found out (docs/kinds/audit-record.md).
    audit: createAuditTrail({ client, clock, createSecret, identity, onStored: (namespace, head) => logger.info({ namespace, ...head }, 'stored an audit record') }),
    notices: {
      sender: createNoticeSender({ clock, allowedHosts: settings.allowedNoticeHosts }),
      resolveChannel: (channel, secret) => resolveChannel(channel, (key) => readSecretKey(secret, key)),
      answerUrls: async ({ metadata, status }, signal) => {
        if (settings.publicUrl === undefined) return undefined;
        const { name, namespace = '', uid = '' } = metadata;
        const key = await noticeKey(namespace, { client, createSecret, signal });
        return makeAnswerUrls({ publicUrl: settings.publicUrl, candidate: { namespace, name, uid, round: roundOf({ metadata, status }).round }, expiresAt: clock.now() + linkLifetimeMs, key });
      },
    },
    turns: createAccountTurns({ client, clock, steady, identity, namespace: settings.namespace, maxReclaimsPerDay: settings.maxReclaimsPerAccountPerDay }),
  };
}
