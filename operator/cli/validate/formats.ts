import { isDay } from '../position/snapshot-fields.ts';

const clockTime = /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(.\d+)?(z|[+-]\d{2}:\d{2})$/s;

/** Checks of the formats that the API server enforces and our schemas use, as strict as its own: it knows no leap second, and no 24:00. */
const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date', isDay],
  ['date-time', isDateTime],
]);

/** Whether the text has the format; undefined for a format that this does not know. */
export function hasFormat(format: string, text: string): boolean | undefined {
  return formats.get(format)?.(text);
}

/** Milliseconds of a text of the format; NaN when it is none. */
export function timeOf(format: 'date' | 'date-time', text: string): number {
  return format === 'date' ? Date.parse(`${text}T00:00:00Z`) : Date.parse(text.toUpperCase());
}

function isDateTime(text: string): boolean {
  const [day = '', time = ''] = text.toLowerCase().split('t');
  return isDay(day) && clockTime.test(time);
}
