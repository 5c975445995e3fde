import { Gauge, type Registry } from 'prom-client';

/** What is known of this process's clock. */
export interface ObservedClock {
  isTrusted(): boolean;
  /** Milliseconds by which it is ahead of the API server's; undefined while it is not measured. */
  skewMs(): number | undefined;
}

export interface ClockMetrics {
  /** Shows the clock, which is asked at every scrape. */
  setClockTrust(clock: ObservedClock): void;
}

export function createClockMetrics(registry: Registry): ClockMetrics {
  let observed: ObservedClock | undefined;
  const gauge = (name: string, help: string, read: (clock: ObservedClock) => number | undefined): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        const value = observed === undefined ? undefined : read(observed);
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  gauge('saaslicense_clock_skew_seconds', 'How far this process’s clock is ahead of the API server’s; absent while not measured.', (clock) => {
    const skewMs = clock.skewMs();
    return skewMs === undefined ? undefined : skewMs / 1000;
  });
  gauge('saaslicense_clock_trusted', '1 while this process’s clock and the API server’s are known to differ by at most a minute; otherwise 0, and the process does nothing irreversible.', (clock) => (clock.isTrusted() ? 1 : 0));
  return { setClockTrust: (clock) => void (observed = clock) };
}
