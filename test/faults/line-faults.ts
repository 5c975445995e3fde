/** What happens to the line number `atLine` (from 0) of a watch. */
export type LineFault =
  /** Half of the line is sent, then the answer ends as if it were whole. */
  | { act: 'truncate'; atLine: number }
  /** Half of the line is sent, then the connection is reset. */
  | { act: 'reset'; atLine: number }
  /** The line never arrives. */
  | { act: 'drop'; atLine: number }
  | { act: 'duplicate'; atLine: number }
  /** Another line is sent before it. */
  | { act: 'insert'; atLine: number; line: string };

/** What to send for one line, and whether the answer ends after it. */
export interface LineResult {
  send: string;
  end?: 'clean' | 'reset';
}

/** Cuts a body into lines and does the fault to the one that it is for. */
export class LineFaulter {
  readonly #fault: LineFault;
  #rest = '';
  #line = 0;

  constructor(fault: LineFault) {
    this.#fault = fault;
  }

  push(chunk: string): LineResult[] {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => this.#treat(`${line}\n`));
  }

  #treat(line: string): LineResult {
    const isTarget = this.#line === this.#fault.atLine;
    this.#line += 1;
    return isTarget ? faulty(line, this.#fault) : { send: line };
  }
}

function faulty(line: string, fault: LineFault): LineResult {
  const half = line.slice(0, Math.floor(line.length / 2));
  switch (fault.act) {
    case 'truncate':
      return { send: half, end: 'clean' };
    case 'reset':
      return { send: half, end: 'reset' };
    case 'drop':
      return { send: '' };
    case 'duplicate':
      return { send: line + line };
    case 'insert':
      return { send: `${fault.line}\n${line}` };
    default:
      return fault satisfies never;
  }
}
