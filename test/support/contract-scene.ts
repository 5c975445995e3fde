import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { Clock } from '../../operator/api/clock.ts';
import { OperatorError, type Failure } from '../../operator/api/errors.ts';
import type { ProcessName } from '../../operator/api/integration-profile.ts';
import type { InspectedPerson } from '../../operator/providers/reclaim.ts';
import type { CodeExchange, Credential, DownloadPage, OAuthType, Provider, SignalPull, TimeWindow } from '../../operator/providers/provider.ts';

/** Faults that a vendor's simulator puts on every answer from now on, or on the next one only. */
export type ContractFault = 'ServerError' | 'TooManyRequests' | 'Garbage' | 'CutOff' | 'Reset' | 'Unauthorized' | 'Forbidden' | 'RepeatedPage' | 'EarlyEnd';

/** A vendor's simulator with an account in it, as the suite needs it. */
export interface ContractScene extends AsyncDisposable {
  readonly clock: Clock;
  readonly settings: unknown;
  readonly credential: Credential;
  /** Texts that were planted where secrets are, and must never show. */
  readonly secrets: readonly string[];
  /** Ids of everybody who has a subscription, now. */
  personIds(): string[];
  /** A window, and the people who were active in it. */
  readonly window: TimeWindow;
  activeIds(): string[];
  /** Requests that have reached the vendor; `write` = could have changed something. */
  requests(): readonly { readonly method: string; readonly write: boolean }[];
  spoil(fault: ContractFault, answers: 'Next' | 'All'): void;
  /** Lets the vendor never answer again; the function returned counts the requests that hang. */
  hang(): () => number;
  /** Somebody whom nothing holds, and who may be reclaimed; and somebody whom the vendor holds, if it can hold people. */
  readonly reclaimable: string;
  readonly held: string | undefined;
  /** A credential that may reclaim, and undo it. */
  readonly reclaimer: Credential;
  /** Somebody by what they have, without ids; undefined when there is nobody of that id. */
  normalise(externalUserId: string): object | undefined;
  /** Parts of what `normalise` shows that are one thing to the vendor: role and licence. */
  readonly seatFields: readonly string[];
  /** What people change by hand of somebody between a reclaim and its undo, each by its name. */
  readonly hands: Readonly<Record<string, (externalUserId: string) => void>>;
  /** Gives the id to another person. */
  handOver(externalUserId: string): void;
  /** Somebody else invites a person again who was removed, with less than they had; their new id, and the parts of `normalise` that were given. */
  invite(person: InspectedPerson): { readonly id: string; readonly gave: readonly string[] };
  /** Loses the answer to the next write, which is carried out, or not. */
  loseNextWrite(isCarriedOut: boolean): void;
  /** An app that asks for the consent of people, and a person to give it. */
  consent(type: OAuthType): ConsentScene;
}

export interface ConsentScene {
  readonly client: Pick<CodeExchange, 'type' | 'clientId' | 'clientSecret' | 'redirectURL'>;
  readonly userId: string;
  readonly role: string;
  /** Opens the address and decides, as a person does; where the browser is sent then. */
  decide(url: string, decision: 'Consent' | 'Deny'): Promise<URL>;
}

export interface ContractSubject {
  readonly create: () => Provider;
  readonly open: () => Promise<ContractScene>;
  /** Types of OAuth with consent that the vendor has. */
  readonly consentTypes: readonly OAuthType[];
}

export const reading: readonly ProcessName[] = ['DownloadSubscriptions', 'PullUserActivity'];

export function signalsOf(provider: Provider): string[] {
  return provider.signals.map((signal) => signal.name);
}

export function pullsOf(provider: Provider, scene: ContractScene): SignalPull[] {
  return signalsOf(provider).map((signal) => ({ signal, window: scene.window }));
}

export function idsOf(pages: readonly DownloadPage[]): string[] {
  return pages.flatMap((page) => (page.kind === 'Subscriptions' ? page.subscriptions.map((person) => person.externalUserId) : []));
}

export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function catchAny(work: Promise<unknown> | undefined): Promise<unknown> {
  let result: unknown;
  try {
    result = await work;
  } catch (error) {
    return error;
  }
  throw new Error(`the work did not fail: ${inspect(result)}`);
}

/** Of the union, fit for people, and without anything secret on it, however it is printed. */
export function expectUnion(error: unknown, secrets: readonly string[]): Failure {
  expect(error).toBeInstanceOf(OperatorError);
  if (!(error instanceof OperatorError)) throw new Error('unreachable');
  expect(error.failure.reason).toMatch(/^[A-Z][A-Za-z]+$/);
  expect(error.failure.message).not.toMatch(/@|\d{4}-\d{2}-\d{2}|[0-9a-f]{8}-[0-9a-f]{4}/);
  expectNoSecret(error, secrets);
  return error.failure;
}

export function expectNoSecret(value: unknown, secrets: readonly string[]): void {
  const stack = value instanceof Error ? `${value.stack ?? ''} ${inspect(value.cause, { depth: 20 })}` : '';
  const shown = `${inspect(value, { depth: 20, showHidden: true, maxStringLength: null })} ${JSON.stringify(value)} ${stack}`;
  for (const secret of secrets) expect(shown.includes(secret), 'a secret shows').toBe(false);
}
