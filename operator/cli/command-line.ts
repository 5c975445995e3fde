

const usage = `usage: saaslicense COMMAND [OPTION]...

  connect                  print how to connect an account, step by step, and the manifests for it
  operator                 run the controllers (what the Deployment runs)
  refresh subscriptions    download the subscriptions of one profile (what its CronJob runs)
  refresh activity         pull the user activity of one profile (what its CronJob runs)

saaslicense COMMAND --help tells the options of a command.`;

/** Exit code for a command line that makes no sense. */
const misuse = 2;
const leastNode = 26;

/** Carries out one command line and returns its exit code. */
export async function runCommandLine(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command = '', ...rest] = argv;
  const major = Number(process.versions.node.split('.')[0]);
  if (major < leastNode) {
    console.error(`saaslicense needs Node ${leastNode} or newer, this is ${process.versions.node}: run it with the Node that npm ci brings (npx node …).`);
    return misuse;
  }
  switch (command) {
    case 'connect':
      return (await import('./connect-command.ts')).runConnectCommand(rest);
    case 'operator':
      return (await import('./operator-command.ts')).runOperatorCommand(rest, env);
    case 'refresh': {
      // Loaded only here: a refresh pod does not pay for the controllers, nor the operator for the refresh.
      const { runRefreshCommand } = await import('../refresh/refresh-command.ts');
      return runRefreshCommand(rest, env);
    }
    case 'help':
    case '--help':
    case '-h':
      console.log(usage);
      return 0;
    default:
      console.error(command === '' ? usage : `saaslicense: there is no command "${command}".\n${usage}`);
      return misuse;
  }
}
