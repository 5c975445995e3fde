import { parseArgs } from 'node:util';
import { generateCompany, startSimulator } from './index.ts';
import type { ApiKeyOptions, AppKind, AppOptions, CompanyState, Region, Simulator } from './index.ts';

/** Command line: starts a simulator, prints one JSON line with its address, ends on SIGTERM, SIGINT or, if asked, when stdin closes. */
const HELP = `PagerDuty simulator on 127.0.0.1

  npm run simulator -- [options]

  --users N                   people in the company (300)
  --seed N                    the same seed draws the same company (7)
  --port N                    0 takes any free one (0)
  --client-id ID --client-secret SECRET
                              an OAuth app; --scopes "a b" is what it may have (all that can be read)
  --app-kind scoped|classic   (scoped); Classic scopes are read and write
  --app-name NAME             what the consent page calls it (app-1)
  --redirect-url URL          where consent may lead back to; again for more
  --neighbour NAME            another account to sign in to, with its owner alone; again for more
  --api-key KEY               a full account key
  --read-only-key KEY         a read-only account key
  --subdomain NAME            (acme-example)
  --region us|eu              (us)
  --now TIME                  time at which the clock starts, ISO 8601 (the present)
  --per-minute N              requests a minute of each credential (960)
  --oncalls-per-minute N      the extra limit of /oncalls (300)
  --everyone-in-a-team        needed over 10,000 people
  --end-with-stdin            stop when standard input closes, as when the parent is gone
`;

const READ_SCOPES =
  'users.read licenses.read teams.read abilities.read oncalls.read schedules.read escalation_policies.read incidents.read audit_records.read oauth_delegations.read tags.read subscribers.read users:contact_methods.read analytics.write';

function readOptions(args: string[]): ReturnType<typeof parse> {
  try {
    return parse(args);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  return parseArgs({
    args,
    options: {
      users: { ...text, default: '300' },
      seed: { ...text, default: '7' },
      port: { ...text, default: '0' },
      'client-id': text,
      'client-secret': text,
      scopes: text,
      'app-kind': { ...text, default: 'scoped' },
      'app-name': text,
      'redirect-url': { ...text, multiple: true, default: [] },
      neighbour: { ...text, multiple: true, default: [] },
      'api-key': text,
      'read-only-key': text,
      subdomain: { ...text, default: 'acme-example' },
      region: { ...text, default: 'us' },
      now: text,
      'per-minute': { ...text, default: '960' },
      'oncalls-per-minute': { ...text, default: '300' },
      'everyone-in-a-team': flag,
      'end-with-stdin': flag,
      help: flag,
    },
  }).values;
}

function fail(message: string): never {
  process.stderr.write(`simulator: ${message}\n`);
  process.exit(2);
}

function readNumber(text: string, name: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) fail(`--${name} must be a whole number of at most ${most}, not "${text}"`);
  return value;
}

function readRegion(text: string): Region {
  return text === 'us' || text === 'eu' ? text : fail(`--region must be us or eu, not "${text}"`);
}

function readStart(text: string | undefined): number {
  const start = text === undefined ? Date.now() : Date.parse(text);
  return Number.isNaN(start) ? fail(`--now must be an ISO 8601 time, not "${text}"`) : start;
}

type Options = ReturnType<typeof parse>;

function readApps(options: Options): AppOptions[] {
  const { 'client-id': clientId, 'client-secret': clientSecret, 'app-name': name, 'redirect-url': redirectUrls } = options;
  if (clientId === undefined && clientSecret === undefined) return [];
  if (clientId === undefined || clientSecret === undefined) return fail('--client-id and --client-secret go together');
  const kind = readAppKind(options['app-kind']);
  const scopes = options.scopes ?? (kind === 'Scoped' ? READ_SCOPES : 'read');
  return [{ clientId, clientSecret, kind, scopes: scopes.split(' '), redirectUrls, ...(name === undefined ? {} : { name }) }];
}

function readAppKind(text: string): AppKind {
  if (text !== 'scoped' && text !== 'classic') return fail(`--app-kind must be scoped or classic, not "${text}"`);
  return text === 'scoped' ? 'Scoped' : 'Classic';
}

/** Accounts with nothing in them but the one who could sign in by mistake. */
function makeNeighbours(options: Options, now: number): CompanyState[] {
  return options.neighbour.map((subdomain, index) => generateCompany({ seed: index + 1, users: 1, now, subdomain, region: readRegion(options.region) }));
}

function readKeys(options: Options): ApiKeyOptions[] {
  const { 'api-key': full, 'read-only-key': readOnly } = options;
  return [
    ...(full === undefined ? [] : [{ key: full }]),
    ...(readOnly === undefined ? [] : [{ key: readOnly, access: 'read-only' as const }]),
  ];
}

async function startFrom(options: Options): Promise<Simulator> {
  const now = readStart(options.now);
  const ahead = now - Date.now();
  return await startSimulator({
    company: generateCompany({
      seed: readNumber(options.seed, 'seed', 0xffff_ffff),
      users: readNumber(options.users, 'users', 200_000),
      now,
      everyoneInATeam: options['everyone-in-a-team'],
      subdomain: options.subdomain,
      region: readRegion(options.region),
    }),
    neighbours: makeNeighbours(options, now),
    clock: { now: () => Date.now() + ahead },
    port: readNumber(options.port, 'port', 65_535),
    apps: readApps(options),
    apiKeys: readKeys(options),
    settings: {
      perMinute: readNumber(options['per-minute'], 'per-minute', 1_000_000_000),
      oncallsPerMinute: readNumber(options['oncalls-per-minute'], 'oncalls-per-minute', 1_000_000_000),
    },
  });
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  const simulator = await startFrom(options).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
  process.stdout.write(`${JSON.stringify({ url: simulator.url, pid: process.pid })}\n`);
  await ending(options['end-with-stdin']);
  await simulator.stop();
  process.exit(0);
}

function ending(withStdin: boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.once('SIGTERM', resolve);
  process.once('SIGINT', resolve);
  if (withStdin) process.stdin.once('end', resolve).once('close', resolve).resume();
  return promise;
}

await main();
