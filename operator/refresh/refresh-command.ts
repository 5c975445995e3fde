import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import type { Clock } from '../api/clock.ts';
import { compact } from '../api/compact.ts';
import { terminal, toFailure, type OperatorError } from '../api/errors.ts';
import { product } from '../api/group.ts';
import { refreshProcesses, type RefreshProcess } from '../api/integration-profile.ts';
import { steadyClock, systemClock } from '../api/system-clock.ts';
import { createClockMeter } from '../kubernetes/clock-trust.ts';
import { loadClusterConfig } from '../kubernetes/cluster-config.ts';
import { createKubernetesClient, type RequestReport } from '../kubernetes/http-client.ts';
import { createProviders, providerByType } from '../providers/registry.ts';
import { createLogger, logLevels, type Logger, type LogLevel } from '../telemetry/logger.ts';
import type { RefreshInput, RefreshOutcome } from './dependencies.ts';
import { runRefresh } from './run-refresh.ts';

type Environment = Record<string, string | undefined>;

/** What a person or a benchmark may hand in instead of the system's own. */
export interface RefreshEquipment {
  readonly clock?: Clock;
  /** Told of every request to the API server. */
  readonly onRequest?: (report: RequestReport) => void;
  readonly onOutcome?: (outcome: RefreshOutcome) => void;
}

interface RefreshArguments {
  readonly process: RefreshProcess;
  readonly input: RefreshInput;
  readonly kubeconfig: string | undefined;
  readonly serviceAccountDirectory: string | undefined;
  readonly allowCustomEndpoints: boolean;
}

const usage = `usage: saaslicense refresh subscriptions|activity [OPTION]...

What the pod of a refresh Job runs: downloads the subscriptions of one profile, or pulls its user activity.

  --namespace NAME                 namespace of the IntegrationProfile (required)
  --profile NAME                   name of the IntegrationProfile (required)
  --profile-uid UID                its uid; a profile of that name that was made later is another one (required)
  --token-directory DIR            where the token Secret of the ConnectionAlias is mounted (required)
  --connection-alias NAME          alias that the token belongs to: the run ends when the profile refers to another
  --connection-id ID               id of the connection that the token belongs to: the run ends when it is another
  --allow-custom-endpoints         let aliases name endpoints of their own, to which credentials are sent: for tests only
  --kubeconfig FILE                API server to use out of cluster
  --service-account-directory DIR  where the pod's own token is (default: where Kubernetes puts it)

Exit code: 0 done, 1 worth another try, 3 not worth one. The result is in status.refresh of the profile.`;

/**
 * `saaslicense refresh …`, what the pod of a refresh Job runs. SIGTERM and SIGINT end it within seconds,
 * with `Interrupted` recorded where the API server still answers.
 * @param argv what follows `refresh` on the command line.
 * @param env JOB_NAME and TRIGGER for the result, LOG_LEVEL, and what finds the API server.
 * @returns exit code: 0 done, 1 worth another try, 3 not worth one.
 */
export async function runRefreshCommand(argv: readonly string[], env: Environment, equipment: RefreshEquipment = {}): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const clock = equipment.clock ?? systemClock;
  const logger = createLogger({ level: logLevelOf(env), now: () => clock.now() });
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  const onSignal = (): void => stop.abort();
  process.once('SIGTERM', onSignal);
  process.once('SIGINT', onSignal);
  try {
    return await runParsed(parseRefreshArguments(argv, env), { env, equipment, clock, logger, signal: stop.signal });
  } catch (error) {
    const failure = toFailure(error);
    logger.error({ err: error, reason: failure.reason }, failure.message);
    return failure.kind === 'Terminal' || failure.kind === 'Waiting' ? 3 : 1;
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  }
}

/** Throws Terminal `InvalidArguments` with the usage. */
export function parseRefreshArguments(argv: readonly string[], env: Environment): RefreshArguments {
  const { values, positionals } = parse(argv);
  const [processName] = positionals;
  const named = refreshProcesses.find((name) => name === processName);
  const namespace = values.namespace;
  const profileName = values.profile;
  const profileUid = values['profile-uid'];
  const tokenDirectory = values['token-directory'];
  if (named === undefined || positionals.length !== 1 || !namespace || !profileName || !profileUid || !tokenDirectory) {
    throw invalidArguments();
  }
  const optional = compact({
    connectionAlias: given(values['connection-alias']),
    connectionId: given(values['connection-id']),
    jobName: given(env['JOB_NAME']),
    trigger: given(env['TRIGGER']),
  });
  return {
    process: named,
    input: { namespace, profileName, profileUid, tokenDirectory, ...optional },
    kubeconfig: values.kubeconfig,
    serviceAccountDirectory: values['service-account-directory'],
    allowCustomEndpoints: values['allow-custom-endpoints'] ?? false,
  };
}

/** An empty text says nothing. */
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        namespace: text,
        profile: text,
        'profile-uid': text,
        'connection-alias': text,
        'connection-id': text,
        'token-directory': text,
        'service-account-directory': text,
        'allow-custom-endpoints': { type: 'boolean' },
        kubeconfig: text,
      },
    });
  } catch {
    throw invalidArguments();
  }
}

function invalidArguments(): OperatorError {
  return terminal('InvalidArguments', `The command line is not complete. ${usage}`);
}

interface Surroundings {
  readonly env: Environment;
  readonly equipment: RefreshEquipment;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

async function runParsed({ process: name, input, ...where }: RefreshArguments, around: Surroundings): Promise<number> {
  const { clock, env, equipment, signal } = around;
  const config = await loadClusterConfig({
    env,
    clock,
    ...(where.kubeconfig === undefined ? {} : { kubeconfig: where.kubeconfig }),
    ...(where.serviceAccountDirectory === undefined ? {} : { serviceAccountDirectory: where.serviceAccountDirectory }),
  });
  // A run begins with a read of its profile: that reply is the measurement.
  const clockTrust = createClockMeter({ clock, steady: steadyClock, request: () => Promise.resolve() });
  const onRequest = (report: RequestReport): void => {
    clockTrust.observe(report);
    equipment.onRequest?.(report);
  };
  const client = createKubernetesClient(config, { clock, userAgent: `${product}/refresh`, onRequest });
  const providers = createProviders({ allowCustomEndpoints: where.allowCustomEndpoints });
  const logger = around.logger.child({ process: name, namespace: input.namespace, profile: input.profileName });
  try {
    const provider = (type: string) => providerByType(providers, type);
    const outcome = await runRefresh(name, input, { client, provider, clock, clockTrust, random: Math.random, logger, signal });
    equipment.onOutcome?.(outcome);
    return outcome.exitCode;
  } finally {
    await client.close();
  }
}

function logLevelOf(env: Environment): LogLevel {
  return logLevels.find((level) => level === env['LOG_LEVEL']) ?? 'info';
}
