/** Offsets of time zones, remembered by the hour: asking Intl anew for each shift would cost more than the shift. */
export interface TimeZones {
  /** Milliseconds that local time is ahead of UTC at the instant. */
  offsetMs(timeZone: string, at: number): number;
  /** The instant at which a local wall-clock reading (given as if it were UTC) occurs. */
  instantOf(timeZone: string, wallClock: number): number;
  /** ISO 8601 with the zone's offset, `Z` for UTC. */
  format(timeZone: string, at: number): string;
  isKnown(timeZone: string): boolean;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export function createTimeZones(): TimeZones {
  const formatters = new Map<string, Intl.DateTimeFormat>();
  const offsets = new Map<string, Map<number, number>>();

  function formatterOf(timeZone: string): Intl.DateTimeFormat {
    let formatter = formatters.get(timeZone);
    if (formatter === undefined) {
      formatter = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
      formatters.set(timeZone, formatter);
    }
    return formatter;
  }

  function offsetMs(timeZone: string, at: number): number {
    if (timeZone === 'Etc/UTC') return 0;
    const hour = Math.floor(at / HOUR_MS);
    let known = offsets.get(timeZone);
    if (known === undefined || known.size > 50_000) {
      known = new Map();
      offsets.set(timeZone, known);
    }
    let offset = known.get(hour);
    if (offset === undefined) {
      offset = readOffset(formatterOf(timeZone), hour * HOUR_MS);
      known.set(hour, offset);
    }
    return offset;
  }

  function instantOf(timeZone: string, wallClock: number): number {
    const guess = wallClock - offsetMs(timeZone, wallClock);
    return wallClock - offsetMs(timeZone, guess);
  }

  function format(timeZone: string, at: number): string {
    const offset = offsetMs(timeZone, at);
    const local = new Date(at + offset).toISOString().slice(0, 19);
    if (offset === 0) return `${local}Z`;
    const minutes = Math.abs(offset) / MINUTE_MS;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    return `${local}${offset < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
  }

  function isKnown(timeZone: string): boolean {
    try {
      formatterOf(timeZone);
      return true;
    } catch {
      return false;
    }
  }

  return { offsetMs, instantOf, format, isKnown };
}

function readOffset(formatter: Intl.DateTimeFormat, at: number): number {
  const name = formatter.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const match = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name);
  if (match?.[1] === undefined) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * MINUTE_MS;
}
