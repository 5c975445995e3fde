import type { RemovalCandidate } from '../../operator/api/removal-candidate.ts';
import type { World } from './world.ts';

/** Whom and what a person saw who looked at a candidate. */
export interface Saw {
  readonly id: string;
  readonly address: string;
  readonly name: string;
  readonly role: string;
  readonly licence: string;
  readonly action: string;
  readonly target: string;
}

/** A look at a candidate, with what whoever decides on it would write down. */
export interface Reading {
  readonly uid: string;
  readonly confirms: string | undefined;
  readonly saw: Saw;
  /** Why it is in its state, as status said. */
  readonly reason: string;
  /** Which came first, of what people saw, decided and answered. */
  readonly order: number;
}

/** What a person decided, and what was in the vendor's journal then. */
export interface Decided extends Reading {
  readonly candidate: string;
  readonly origin: string;
  readonly verdict: string;
  /** The decision, word for word. */
  readonly text: string;
  readonly at: number;
  readonly journalEnd: number;
}

/** An answer to a notice, given by whoever had the link. */
export interface Answered {
  readonly candidate: string;
  readonly uid: string;
  readonly verdict: string;
  /** Where the link was sent to. */
  readonly from: string;
  readonly at: number;
  readonly order: number;
}

/** A message, to whom it went. */
export interface Sent {
  readonly candidate: string;
  readonly uid: string;
  readonly to: string;
  readonly kind: string;
  readonly audience: string;
  /** With which it can be answered. */
  readonly links: readonly string[];
  readonly at: number;
}

export function readAsPerson(world: Pick<World, 'nextOrder'>, { metadata, spec: { subject }, status = {} }: RemovalCandidate): Reading {
  const shown = new Map(status.decisionFacts?.map(({ field, value }) => [field, value]));
  return {
    uid: metadata.uid ?? '',
    confirms: status.decisionId,
    saw: {
      id: subject.externalUserId,
      address: (subject.userPrincipalName ?? '').toLowerCase(),
      name: shown.get('name') ?? subject.displayName,
      role: shown.get('role') ?? subject.role,
      licence: shown.get('licence') ?? subject.subscriptionIdentifier,
      action: subject.action,
      target: targetText(subject.downgradeTo),
    },
    reason: status.reason ?? '',
    order: world.nextOrder(),
  };
}

export function targetText(target: { role: string; subscriptionIdentifier?: string | undefined } | undefined): string {
  return target === undefined ? '' : `${target.role} ${target.subscriptionIdentifier ?? ''}`;
}

type Decision = NonNullable<RemovalCandidate['spec']['decision']>;

/** Word for word, whatever the order of its fields. */
export function decisionText(decision: Decision): string {
  return JSON.stringify(Object.entries(decision).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** A request to undo, word for word. */
export function requestText({ by, at, reason }: NonNullable<RemovalCandidate['spec']['restore']>): string {
  return JSON.stringify([by, at, reason]);
}
