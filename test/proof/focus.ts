import type { HandName } from './hands.ts';

/** What a proof lays weight on, so that one danger comes about often; none = whatever chance brings. */
export interface Focus {
  /** Weights of hands instead of their own. */
  readonly hands?: Readonly<Partial<Record<HandName, number>>>;
  /** Hands on our objects and at the vendor that have no weight here rest. */
  readonly isQuiet?: boolean;
  /** Probability of a hand between any two calls. */
  readonly between?: number;
  /** The API server takes writes under any version. */
  readonly noVersions?: boolean;
  /** Probability that a hand of `momentHands` comes in once the bundle is saved, which only the second asking of the guards sees. */
  readonly atMoment?: number;
  readonly momentHands?: readonly HandName[];
  /** Fields of the spec of each rule. */
  readonly rule?: Readonly<Record<string, unknown>>;
  /** Fields of the spec of the profile. */
  readonly profile?: Readonly<Record<string, unknown>>;
  /** Most reclaims of the account within 24 hours. */
  readonly accountCap?: number;
  /** Probability that a look has two processes at once. */
  readonly leaders?: number;
  /** Probability that a call takes so long that others get far meanwhile. */
  readonly stalls?: number;
  /** Two processes always look at the same candidate, and what is spoiled never came to the vendor. */
  readonly isRace?: boolean;
  /** Probability that caches lag behind. */
  readonly lag?: number;
  /** Whom the credential acts for. */
  readonly self?: boolean;
  /** How long reads go on showing whom the vendor has deleted; milliseconds. */
  readonly deleteShownMs?: number;
  /** A refresh does not notice that a seat was handed over. */
  readonly forgetsPersons?: boolean;
  /** Probability that a write takes effect minutes after its answer was lost. */
  readonly late?: number;
  /** Steps of each story. */
  readonly steps?: number;
  /** Probability that a process dies in a look. */
  readonly deaths?: number;
  /** Probability that an answer to a write is spoiled. */
  readonly faults?: number;
  /** Share of people who are inactive. */
  readonly inactive?: number;
}
