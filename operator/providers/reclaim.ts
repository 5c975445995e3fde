import type { RoleGroup } from '../api/software-subscription.ts';
import type { DownloadedLicense, Session } from './provider.ts';

/** The part of a provider that reclaims: reads what the guards must know, writes once, reads back, and undoes. */
export interface ReclaimVerbs {
  /** Scopes that `inspect` needs beyond those that the process requires; without one of them a check is unverified. */
  readonly guardScopes: readonly string[];
  /** The lesser role and licence that frees a full licence and can be taken back (C7, C18); undefined where the account has none with a seat left. */
  chooseDowngrade(licenses: readonly DownloadedLicense[]): DowngradeTarget | undefined;
  /** Roles of account administrators, the owner's among them (C13). */
  readonly adminRoles: readonly string[];
  readonly ownerRole: string;
  /** Everything that the guards must know about one person, read now; changes nothing. Throws when an answer is partial (guard 6). */
  inspect(request: InspectRequest, session: Session): Promise<Inspection>;
  /**
   * Makes exactly one writing request, or none when the signal is aborted before; it never tries again by itself
   * (guard 4). Throws nothing but Retryable `Aborted` before anything was sent: every outcome is a value.
   */
  act(request: ActRequest, session: Session): Promise<ActOutcome>;
  /** Whether the action has been carried out, by reading; waits for reads that lag behind (facts/pagerduty.md 5.1). */
  readBack(request: ActRequest, session: Session): Promise<ReadBack>;
  /**
   * The person as the vendor shows them at this moment: cheap enough to ask right before a write whether they still are who was decided
   * on (guard 9). To the token of another account everybody is gone (guard 6). Changes nothing.
   */
  look(externalUserId: string, session: Session): Promise<PersonNow | 'Gone'>;
  /**
   * Undoes what the reclaim changed, and nothing else (guard 10): it acts where the person is as the reclaim left them, keeps and lists
   * what was changed since, and never lowers a role; so it never takes an administrator away. The owner and the credential's own user are
   * never written to. Throws Terminal `PersonChanged` where the person's id is another person's by now (guard 9). May be called again after
   * it broke off: nothing is made twice.
   */
  restore(bundle: UndoBundle, person: RestoredPerson, session: Session): Promise<RestoreReport>;
}

export interface DowngradeTarget {
  readonly role: string;
  readonly subscriptionIdentifier?: string;
}

export interface InspectRequest {
  readonly externalUserId: string;
  /** Milliseconds since the epoch until which the evidence is complete: activity since then is looked for. */
  readonly evidenceTo: number;
  readonly action: 'Downgrade' | 'Remove';
  /** Of a Downgrade: what the reclaim is to leave, which the bundle keeps, so that its undo knows its own work. */
  readonly downgradeTo?: DowngradeTarget;
  /** Tags that protect (C14). */
  readonly protectedTags: readonly string[];
}

export type Inspection =
  | { readonly kind: 'Gone' }
  | {
      readonly kind: 'Found';
      readonly person: InspectedPerson;
      /** Guards 2 and 3 in the vendor's words: on call, schedules, policies, incidents, tags. Empty = nothing stands in the way. */
      readonly blockers: readonly VendorBlocker[];
      /** Account administrators besides the owner there are now, the person among them if so; undefined when the person is none and nobody counted. */
      readonly admins: number | undefined;
      /** Latest activity since `evidenceTo`; milliseconds since the epoch. */
      readonly recentActivity: { readonly at: number; readonly signal: string } | undefined;
      /** What made the account, where the vendor's audit trail shows it; undefined where it does not or cannot be read. */
      readonly provenance: 'IdentityProvider' | undefined;
      readonly bundle: UndoBundle;
    };

export interface InspectedPerson {
  readonly externalUserId: string;
  readonly displayName: string;
  readonly address: string;
  readonly role: string;
  readonly roleGroup: RoleGroup;
  /** Undefined where licences are hidden (T6). */
  readonly subscriptionIdentifier: string | undefined;
  readonly invitationPending: boolean;
  readonly isOwner: boolean;
  readonly isAdmin: boolean;
  /** Whether the credential acts for this very person (T11). */
  readonly isSelf: boolean;
  readonly createdViaSso: boolean;
}

export type PersonNow = Pick<InspectedPerson, 'externalUserId' | 'displayName' | 'address' | 'role' | 'subscriptionIdentifier' | 'isOwner' | 'isAdmin'>;

/** `Unverified`: a check could not be made, which blocks just as well (guard 3). */
export const vendorBlockerKinds = ['OnCall', 'Schedule', 'EscalationPolicy', 'OpenIncident', 'Tag', 'Unverified'] as const;

export interface VendorBlocker {
  readonly kind: (typeof vendorBlockerKinds)[number];
  /** Name of the object at the vendor, or of the check. */
  readonly name: string;
  /** Id, level, time, or what to grant. */
  readonly detail?: string;
}

export interface ActRequest {
  readonly externalUserId: string;
  readonly action: 'Downgrade' | 'Remove';
  /** Of a Downgrade. */
  readonly downgradeTo?: DowngradeTarget;
  /** As inspected: a Downgrade must send name and address along (facts/pagerduty.md 5.4). */
  readonly person: Pick<InspectedPerson, 'displayName' | 'address'>;
}

export type ActOutcome =
  /** The vendor says that it was done. */
  | { readonly kind: 'Done' }
  /** The person was gone already. */
  | { readonly kind: 'Gone' }
  /** The vendor refused, so nothing was changed; `words` are its own and may name people. */
  | { readonly kind: 'Refused'; readonly reason: string; readonly words: readonly string[]; /** Whether it may pass by itself: a lock, a rate limit. */ readonly passing: boolean; readonly retryAfterMs?: number }
  /** It may have been carried out: no answer, or one that cannot be read, or a server error. */
  | { readonly kind: 'Unclear'; readonly reason: string };

/** `OtherPerson`: the id has another address by now, so that nothing that it shows says what became of the one who was asked about. */
export type ReadBack = 'Carried' | 'NotCarried' | 'OtherPerson';

/** Plain JSON with personal data: it is kept in a Secret only (guard 7). Its inside is the provider's. */
export interface UndoBundle {
  readonly version: string;
  readonly provider: string;
  readonly externalUserId: string;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** The person as they were decided on. */
export type RestoredPerson = Pick<InspectedPerson, 'externalUserId' | 'address'>;

/** Names no person: its texts are roles, ids and parts (guard 7). */
export interface RestoreReport {
  /** Of the person now: another one after a Remove, since ids are never used again. */
  readonly externalUserId: string;
  readonly restored: readonly RestoredPart[];
  /** What a person must do, or what is lost. */
  readonly notRestored: readonly { readonly part: string; readonly why: string }[];
  /** What somebody has changed since the reclaim, and so stays as it is now. */
  readonly kept: readonly KeptPart[];
}

export interface KeptPart {
  readonly part: string;
  /** Before the reclaim, as the reclaim left it, and now; undefined where there was nothing, or nothing that may be shown. */
  readonly was?: string;
  readonly left?: string;
  readonly is?: string;
}

export interface RestoredPart {
  readonly part: string;
  readonly count: number;
}
