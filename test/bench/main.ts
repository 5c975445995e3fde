import { parseArgs } from 'node:util';
import { benchRefresh } from './refresh.ts';

/** `npm run bench -- <name> [options]`: figures for people, and one line of JSON at the end. */
const usage = `usage: npm run bench -- refresh [--users 20000] [--repeats 3]

  refresh   a first and an unchanged refresh on a real API server, beside bare clients that do only the unavoidable
`;

async function main(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      users: { type: 'string', default: '20000' },
      repeats: { type: 'string', default: '3' },
    },
  });
  const [name] = positionals;
  const users = Number(values.users);
  const repeats = Number(values.repeats);
  if (name !== 'refresh' || !Number.isInteger(users) || users < 1 || !Number.isInteger(repeats) || repeats < 1) {
    process.stderr.write(usage);
    return 2;
  }
  const report = await benchRefresh({ users, repeats, log: (line) => console.log(line) });
  console.log(JSON.stringify(report));
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
