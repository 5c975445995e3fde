import { parseArgs } from 'node:util';
import type { OperatorStart } from '../controllers/start-operator.ts';
import { checkAllowedHost } from '../notices/allowed-hosts.ts';
import { checkPublicUrl } from '../notices/links.ts';
import { logLevels, type LogLevel } from '../telemetry/logger.ts';
import { readOptions } from './read-options.ts';

/** What the command line says; every flag has a default that works in the chart. */
export interface OperatorOptions extends Omit<OperatorStart, 'env' | 'identity'> {
  readonly logLevel: LogLevel;
}

export const operatorUsage = `usage: saaslicense operator [OPTION]...

  --namespace NAME                 namespace of the leader election Lease (default: the pod's own)
  --watch-namespace NAME           look after this namespace only (default: all)
  --enable-provider TYPE           SaaS provider to enable; may be given again (default: PagerDuty; an empty TYPE: none)
  --allow-custom-endpoints         let aliases name endpoints of their own, to which credentials are sent: for tests only
  --refresh-image IMAGE            image of the refresh pods: the operator's own (required)
  --refresh-service-account NAME   ServiceAccount of refresh pods, made in each namespace (default: saas-license-operator-refresh)
  --refresh-ca-config-map NAME     ConfigMap of each namespace whose ca.crt refresh pods trust besides the public authorities (default: none)
  --refresh-cluster-role NAME      ClusterRole bound to it (default: saas-license-operator-refresh)
  --no-leader-elect                run without a Lease: for one replica on a development machine
  --telemetry-address HOST:PORT    metrics, /healthz and /readyz (default: 0.0.0.0:8080; port 0 = any)
  --redirect-address HOST:PORT     /oauth_redirect.do, where people come back to after consent, and /reclaim/answer (default: 0.0.0.0:8082; port 0 = any)
  --public-url URL                 https address that leads to --redirect-address: notices then have links to answer with (default: none)
  --allow-notice-host HOST         host that notices may be sent to, such as smtp.example.com, *.example.com or HOST:PORT; may be given again (default: none)
  --max-reclaims-per-account-per-day NUMBER  most reclaims that begin in one account within 24 hours, over all profiles and namespaces (1 to 1000, default: 100)
  --log-level LEVEL                debug, info, warn or error (default: info)
  --kubeconfig FILE, --context NAME  API server to use out of cluster
  --service-account-directory DIR  where the pod's own token is (default: where Kubernetes puts it)`;

/** Options from a command line; or the sentence that says what is wrong with it. */
export function parseOperatorOptions(argv: readonly string[]): OperatorOptions | { readonly problem: string } {
  return readOptions(() => toOptions(readFlags(argv)));
}

function readFlags(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowNegative: true,
    options: {
      namespace: { type: 'string' },
      'watch-namespace': { type: 'string' },
      'enable-provider': { type: 'string', multiple: true, default: ['PagerDuty'] },
      'allow-custom-endpoints': { type: 'boolean', default: false },
      'refresh-image': { type: 'string' },
      'refresh-service-account': { type: 'string', default: 'saas-license-operator-refresh' },
      'refresh-ca-config-map': { type: 'string' },
      'refresh-cluster-role': { type: 'string', default: 'saas-license-operator-refresh' },
      'leader-elect': { type: 'boolean', default: true },
      'telemetry-address': { type: 'string', default: '0.0.0.0:8080' },
      'redirect-address': { type: 'string', default: '0.0.0.0:8082' },
      'public-url': { type: 'string' },
      'allow-notice-host': { type: 'string', multiple: true, default: [] },
      'max-reclaims-per-account-per-day': { type: 'string', default: '100' },
      'log-level': { type: 'string', default: 'info' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      'service-account-directory': { type: 'string' },
    },
  }).values;
}

function toOptions(flags: ReturnType<typeof readFlags>): OperatorOptions {
  const telemetry = readAddress('--telemetry-address', flags['telemetry-address']);
  const redirect = readAddress('--redirect-address', flags['redirect-address']);
  const logLevel = logLevels.find((level) => level === flags['log-level']);
  if (flags['refresh-image'] === undefined) throw new Error('--refresh-image is required: name the image of the operator');
  if (logLevel === undefined) throw new Error(`--log-level must be one of ${logLevels.join(', ')}`);
  return {
    namespace: flags.namespace,
    watchNamespace: flags['watch-namespace'],
    enabledProviders: flags['enable-provider'],
    allowCustomEndpoints: flags['allow-custom-endpoints'],
    refreshImage: flags['refresh-image'],
    refreshServiceAccount: flags['refresh-service-account'],
    refreshClusterRole: flags['refresh-cluster-role'],
    refreshCaConfigMap: flags['refresh-ca-config-map'],
    leaderElect: flags['leader-elect'],
    telemetryHost: telemetry.host,
    telemetryPort: telemetry.port,
    redirectHost: redirect.host,
    redirectPort: redirect.port,
    ...readNoticeFlags(flags),
    maxReclaimsPerAccountPerDay: readCap('--max-reclaims-per-account-per-day', flags['max-reclaims-per-account-per-day']),
    logLevel,
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    serviceAccountDirectory: flags['service-account-directory'],
  };
}

function readNoticeFlags(flags: ReturnType<typeof readFlags>): Pick<OperatorOptions, 'publicUrl' | 'allowedNoticeHosts'> {
  const { 'public-url': publicUrl, 'allow-notice-host': allowedNoticeHosts } = flags;
  const problem = publicUrl === undefined ? undefined : checkPublicUrl(publicUrl);
  if (problem !== undefined) throw new Error(`--public-url ${problem}`);
  for (const host of allowedNoticeHosts) {
    const fault = checkAllowedHost(host);
    if (fault !== undefined) throw new Error(`--allow-notice-host ${host}: it ${fault}`);
  }
  return { publicUrl, allowedNoticeHosts };
}

function readCap(flag: string, text: string): number {
  const cap = Number(text);
  if (!/^\d{1,4}$/.test(text) || cap < 1 || cap > 1000) throw new Error(`${flag} must be a whole number from 1 to 1000`);
  return cap;
}

function readAddress(flag: string, text: string): { host: string; port: number } {
  const address = /^(.*):(\d{1,5})$/.exec(text);
  if (address === null || Number(address[2]) > 65_535) throw new Error(`${flag} must be HOST:PORT, such as 0.0.0.0:8080`);
  return { host: (address[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(address[2]) };
}
