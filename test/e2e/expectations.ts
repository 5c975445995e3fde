import { EndToEndError } from './commands.ts';

/** Tells a waiting person what has happened. */
export type Say = (line: string) => void;

/** Says what holds; throws EndToEndError when it does not. */
export function expectThat(holds: boolean, what: string, say: Say): void {
  if (!holds) throw new EndToEndError(`not so: ${what}`);
  say(`ok  ${what}`);
}
