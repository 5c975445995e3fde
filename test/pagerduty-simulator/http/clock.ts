/** The simulator's time: the clock handed in, moved or stopped by tests and by the control API. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Stops the clock at a moment. */
  set(at: number): void;
  /** Moves on by so much, stopped or not. */
  advance(ms: number): void;
  /** Back to the clock handed in. */
  release(): void;
}

export function createSimulatorClock(base: { now(): number }): SimulatorClock {
  let stoppedAt: number | undefined;
  let ahead = 0;
  return {
    now: () => stoppedAt ?? base.now() + ahead,
    set(at) {
      stoppedAt = at;
    },
    advance(ms) {
      if (stoppedAt === undefined) ahead += ms;
      else stoppedAt += ms;
    },
    release() {
      stoppedAt = undefined;
      ahead = 0;
    },
  };
}
