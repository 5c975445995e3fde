import { misuse } from './read-options.ts';

const usage = `usage: saaslicense COMMAND [OPTION]...

  audit                    verify the audit records without a cluster, export them as evidence, prune what was exported
  authorize ALIAS          let a person consent from this machine, through a loopback address
  backtest                 replay recorded data: how many whom a rule would have found came back
  connect                  print how to connect an account, step by step, and the manifests for it
  decide CANDIDATE...      write the decision of a person on removal candidates
  operator                 run the controllers (what the Deployment runs)
  plan                     show the licence position as it is and as it would be, or whom a rule would touch
  refresh subscriptions    download the subscriptions of one profile (what its CronJob runs)
  refresh activity         pull the user activity of one profile (what its CronJob runs)
  restore CANDIDATE        undo a reclaim, and tell what could not be restored
  snapshot                 record what the licence position is made from, to work on without a cluster
  validate                 check manifests as the API server and the operator would, without either
  workbench                show the licence position: table, JSON, CSV, FOCUS rows, HTML report

saaslicense COMMAND --help tells the options of a command.`;

const leastNode = 26;

/** Carries out one command line and returns its exit code. */
export async function runCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command = '', ...rest] = argv;
  const major = Number(process.versions.node.split('.')[0]);
  if (major < leastNode) {
    console.error(`saaslicense needs Node ${leastNode} or newer, this is ${process.versions.node}: run it with the Node that npm ci brings (npx node …).`);
    return misuse;
  }
  if (helpWords.includes(command)) {
    console.log(usage);
    return 0;
  }
  const run = commands.get(command);
  if (run !== undefined) return run(rest, env);
  console.error(command === '' ? usage : `saaslicense: there is no command "${command}".\n${usage}`);
  return misuse;
}

const helpWords: readonly string[] = ['help', '--help', '-h'];

type Run = (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>;

/** Each is loaded only when it is run: a refresh pod does not pay for the controllers, nor the operator for the refresh. */
const commands: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['audit', async (argv, env) => (await import('./audit-command.ts')).runAuditCommand(argv, env)],
  ['authorize', async (argv, env) => (await import('./authorize-command.ts')).runAuthorizeCommand(argv, env)],
  ['backtest', async (argv) => (await import('./backtest-command.ts')).runBacktestCommand(argv)],
  ['connect', async (argv) => (await import('./connect-command.ts')).runConnectCommand(argv)],
  ['decide', async (argv, env) => (await import('./decide-command.ts')).runDecideCommand(argv, env)],
  ['operator', async (argv, env) => (await import('./operator-command.ts')).runOperatorCommand(argv, env)],
  ['plan', async (argv, env) => (await import('./plan-command.ts')).runPlanCommand(argv, env)],
  ['refresh', async (argv, env) => (await import('../refresh/refresh-command.ts')).runRefreshCommand(argv, env)],
  ['restore', async (argv, env) => (await import('./restore-command.ts')).runRestoreCommand(argv, env)],
  ['snapshot', async (argv, env) => (await import('./snapshot-command.ts')).runSnapshotCommand(argv, env)],
  ['validate', async (argv) => (await import('./validate-command.ts')).runValidateCommand(argv)],
  ['workbench', async (argv, env) => (await import('./workbench-command.ts')).runWorkbenchCommand(argv, env)],
]);
