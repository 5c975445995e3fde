import type { Clock, Random } from '../../api/clock.ts';
import type { ConnectionAlias } from '../../api/connection-alias.ts';
import type { IntegrationProfile } from '../../api/integration-profile.ts';
import type { ReclamationRule } from '../../api/reclamation-rule.ts';
import type { NoticeChannel } from '../../api/notify.ts';
import type { RemovalCandidate } from '../../api/removal-candidate.ts';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';
import type { AuditTrail } from '../../audit/trail.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ClockTrust } from '../../kubernetes/clock-trust.ts';
import type { EventRecorder } from '../../kubernetes/event-recorder.ts';
import type { CandidateVerdict } from '../../licensing/candidate/facts.ts';
import type { NoticeSender, ResolvedChannel } from '../../notices/notice.ts';
import type { Provider, VendorRequest } from '../../providers/provider.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Secret } from '../secrets.ts';
import type { AccountTurns } from './account-turns.ts';

/** The objects that a candidate is judged by. */
export interface JudgedObjects {
  readonly candidate: RemovalCandidate;
  readonly rule: ReclamationRule;
  readonly profile: IntegrationProfile;
  readonly subscription: SoftwareSubscription;
}

/**
 * What the rule says of the candidate’s subscription now. `Live`: everything else that the verdict depends on (exclusions, models, other candidates of it,
 * leavers, ownership) is read from the API server; otherwise caches will do. Throws OperatorErrors: then nothing is decided.
 */
export type JudgeCandidate = (objects: JudgedObjects, reading: 'Cached' | 'Live', signal: AbortSignal) => Promise<CandidateVerdict>;

/** Addresses of the answer page, for one candidate (L5). */
export interface AnswerUrls {
  readonly keepUrl: string;
  readonly releaseUrl: string;
}

/** What telling people needs. */
export interface CandidateNotices {
  readonly sender: NoticeSender;
  /** Throws Terminal when the Secret lacks what the channel needs. */
  readonly resolveChannel: (channel: NoticeChannel, secret: Secret) => ResolvedChannel;
  /** Links by which the person answers; undefined where the operator has no address that people can reach. */
  readonly answerUrls: (candidate: RemovalCandidate, signal: AbortSignal) => Promise<AnswerUrls | undefined>;
}

type Cached<T> = { get(key: string): T | undefined };

/** Everything that looking at one candidate is handed. */
export interface CandidateDependencies {
  readonly client: KubernetesClient;
  readonly stores: { readonly rules: Cached<ReclamationRule>; readonly profiles: Cached<IntegrationProfile>; readonly aliases: Cached<ConnectionAlias> };
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  /** Whether the times of `clock` may be acted on where that cannot be taken back (guard 11). */
  readonly clockTrust: ClockTrust;
  readonly random: Random;
  readonly events: EventRecorder;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Told of every request to a vendor; what metrics count. */
  readonly metrics: { onVendorRequest(request: { readonly provider: string } & Pick<VendorRequest, 'route' | 'status'>): void };
  readonly audit: AuditTrail;
  readonly notices: CandidateNotices;
  readonly judge: JudgeCandidate;
  /** Who this process is, in claims; another one after a restart. */
  readonly identity: string;
  /** 256 bits that nobody can guess. */
  readonly createSecret: () => string;
  /** One for the process (guard 4). */
  readonly turns: AccountTurns;
}
