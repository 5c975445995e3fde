import { namespace, profile, type Stage } from './stage.ts';

/** What a person with kubectl sees, as kubectl prints it. */
export async function show(stage: Stage): Promise<void> {
  await print(stage, ['get', 'connalias,intprof', '-n', namespace]);
  await print(stage, ['get', 'swsub', '-n', namespace], 12);
  await print(stage, ['get', 'swmodel,swent,subexcl', '-n', namespace]);
  await print(stage, ['get', 'cronjobs,jobs,pods', '-n', namespace]);
  await print(stage, ['describe', 'intprof', profile, '-n', namespace]);
  await print(stage, ['get', 'saaslicense', '-A', '--no-headers', '-o', 'name'], 6);
  await printMetrics(stage);
}

async function print({ plane }: Stage, args: string[], maxLines = Infinity): Promise<void> {
  const result = await plane.kubectl(args);
  const lines = `${result.stdout}${result.stderr}`.trimEnd().split('\n');
  console.log(`\n$ kubectl ${args.join(' ')}`);
  console.log(lines.slice(0, maxLines).join('\n'));
  if (lines.length > maxLines) console.log(`… ${lines.length - maxLines} more lines`);
}

async function printMetrics({ operator }: Stage): Promise<void> {
  const text = await (await fetch(`${operator.telemetryUrl}/metrics`)).text();
  const shown = text.split('\n').filter((line) => /^saaslicense_(subscriptions|license_seats|refresh_last|profile|token|rights|compliant|annual_cost|savings)/.test(line));
  console.log(`\n$ curl ${operator.telemetryUrl}/metrics | grep ^saaslicense_`);
  console.log(shown.slice(0, 60).join('\n'));
}

/** What a person may do while it is up. Its control plane is named: others may run beside it, of tests or of a second demo. */
export function describeHowToGoOn({ name, plane, simulator, operator }: Pick<Stage, 'name' | 'simulator' | 'operator'> & { readonly plane: Pick<Stage['plane'], 'kubeconfig'> }): string {
  const kubectl = `npm run -s control-plane -- kubectl --name ${name}`;
  return `
The demo is up. In another terminal, in this directory:

  ${kubectl} get saaslicense -A
  ${kubectl} -n ${namespace} describe intprof ${profile}
  ${kubectl} -n ${namespace} annotate intprof ${profile} --overwrite saaslicense.dev/requestedAt="$(date)"   # refresh now
  ${kubectl} -n ${namespace} patch intprof ${profile} --type merge -p '{"spec":{"downloadActivity":false}}'  # back to Draft, and published again

  KUBECONFIG=${plane.kubeconfig} npx node operator/main.ts workbench -n ${namespace}                    # the licence position; plan and snapshot too

  or with a kubectl of yours: export KUBECONFIG=${plane.kubeconfig}

  PagerDuty simulator  ${simulator.url}
  metrics and health   ${operator.telemetryUrl}/metrics
  operator log         ${operator.logFile}

Ctrl-C ends everything.`;
}
