import { parseArgs } from 'node:util';
import { benchFairness } from './fairness.ts';
import { benchOperator } from './operator.ts';
import { benchPosition } from './position.ts';
import { benchRefresh } from './refresh.ts';

/** `npm run bench -- <name> [options]`: figures for people, and one line of JSON at the end. */
const usage = `usage: npm run bench -- refresh [--users 20000] [--repeats 3]
       npm run bench -- operator [--profiles 500] [--edits 100]
       npm run bench -- position [--users 20000] [--profiles 500] [--repeats 3]
       npm run bench -- fairness [--namespaces 50] [--edits 100] [--aliases 200]

  refresh   a first and an unchanged refresh on a real API server, beside bare clients that do only the unavoidable
  position  a reconciliation of rights owned and used, beside a bare read of the same subscriptions; memory and event loop
  fairness  edits in many namespaces, alone and beside one whose vendor never answers
  operator  start, memory, and the time from an edit of a spec to its generation in status
`;

const log = (line: string): void => console.log(line);
const benches: Record<string, (numbers: Record<string, number>) => Promise<object>> = {
  refresh: ({ users = 0, repeats = 0 }) => benchRefresh({ users, repeats, log }),
  position: ({ users = 0, profiles = 0, repeats = 0 }) => benchPosition({ users, profiles, repeats, log }),
  fairness: ({ namespaces = 0, edits = 0, aliases = 0 }) => benchFairness({ namespaces, edits, aliases, log }),
  operator: ({ profiles = 0, edits = 0 }) => benchOperator({ profiles, edits, log }),
};

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      users: { type: 'string', default: '20000' },
      repeats: { type: 'string', default: '3' },
      profiles: { type: 'string', default: '500' },
      edits: { type: 'string', default: '100' },
      namespaces: { type: 'string', default: '50' },
      aliases: { type: 'string', default: '200' },
    },
  });
  const numbers = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
  const bench = benches[positionals[0] ?? ''];
  if (bench === undefined || Object.values(numbers).some((number) => !Number.isInteger(number) || number < 1)) {
    process.stderr.write(usage);
    return 2;
  }
  console.log(JSON.stringify(await bench(numbers)));
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
