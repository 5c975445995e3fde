import { parseArgs } from 'node:util';
import type { ProcessName } from '../api/integration-profile.ts';
import { loginKinds, type Provider } from '../providers/provider.ts';
import { createProviders, providerByType } from '../providers/registry.ts';
import { writeConnectGuide, type ConnectGuide } from './connect-guide.ts';
import { misuse, readOptions } from './read-options.ts';

export const connectUsage = `usage: saaslicense connect --subdomain NAME [OPTION]...

Prints how to make the credential at the vendor, step by step, and the manifests to apply. It calls nothing.

  --subdomain NAME       account: acme of https://acme.pagerduty.com (required)
  --region US|EU         service region (default: US)
  --type TYPE            SaaS provider (default: PagerDuty)
  --account KIND         Customer or Developer account (default: Customer)
  --login KIND           AppToken (default), Scoped or Classic (a person consents), ApiToken
  --redirect-url URL     where the vendor sends the person back to; needed for Scoped and Classic
  --signals LIST         activity signals, separated by commas (default: the provider's first)
  --no-activity          without Download Activity
  --reclaim              with Reclaim Subscriptions, which needs the right to write
  --app-name NAME        name of the app at the vendor (default: SaaS License Operator)
  --display-name NAME    display name of the profile (default: PagerDuty Integration)
  --name NAME            name of the objects (default: pagerduty)
  -n, --namespace NAME   namespace of the objects (default: saas-licenses)`;

/** `saaslicense connect`: the guide, on the standard output. */
export function runConnectCommand(argv: readonly string[]): number {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(connectUsage);
    return 0;
  }
  const options = readOptions(() => readRequest(argv));
  if ('problem' in options) {
    console.error(`saaslicense connect: ${options.problem}\n${connectUsage}`);
    return misuse;
  }
  console.log(writeConnectGuide(options.provider, options.request));
  return 0;
}

/** Throws an Error whose message says what is wrong with the command line. */
export function readRequest(argv: readonly string[]): { provider: Provider; request: ConnectGuide } {
  const flags = readFlags(argv);
  const provider = providerByType(createProviders(), flags.type);
  if (provider === undefined) throw new Error(`there is no provider ${flags.type}`);
  const request: ConnectGuide = {
    account: oneOf('--account', flags.account, ['Customer', 'Developer']),
    login: oneOf('--login', flags.login, loginKinds),
    region: flags.region,
    subdomain: flags.subdomain ?? '',
    appName: flags['app-name'],
    redirectURL: flags['redirect-url'],
    processes: processesOf(flags),
    signals: readSignals(flags.signals, provider),
    namespace: flags.namespace,
    name: flags.name ?? provider.fragment.settingsKey,
    displayName: flags['display-name'] ?? `${provider.type} Integration`,
  };
  if (flags.subdomain === undefined) throw new Error('--subdomain is required: name the account');
  provider.describeAccount({ region: request.region, subdomain: request.subdomain });
  const needsRedirect = request.login === 'Scoped' || request.login === 'Classic';
  if (needsRedirect && request.redirectURL === undefined) throw new Error(`--redirect-url is required for --login ${request.login}`);
  return { provider, request };
}

function readFlags(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowNegative: true,
    options: {
      subdomain: { type: 'string' },
      region: { type: 'string', default: 'US' },
      type: { type: 'string', default: 'PagerDuty' },
      account: { type: 'string', default: 'Customer' },
      login: { type: 'string', default: 'AppToken' },
      'redirect-url': { type: 'string' },
      signals: { type: 'string' },
      activity: { type: 'boolean', default: true },
      reclaim: { type: 'boolean', default: false },
      'app-name': { type: 'string', default: 'SaaS License Operator' },
      'display-name': { type: 'string' },
      name: { type: 'string' },
      namespace: { type: 'string', short: 'n', default: 'saas-licenses' },
    },
  }).values;
}

function processesOf(flags: { readonly activity: boolean; readonly reclaim: boolean }): ProcessName[] {
  return [
    'DownloadSubscriptions',
    ...(flags.activity ? (['PullUserActivity'] as const) : []),
    ...(flags.reclaim ? (['ReclaimSubscription'] as const) : []),
  ];
}

function readSignals(list: string | undefined, provider: Provider): string[] {
  const known = provider.fragment.activitySignals;
  if (list === undefined) return known.slice(0, 1);
  return list.split(',').map((name) => oneOf('--signals', name.trim(), known));
}

function oneOf<T extends string>(flag: string, value: string, known: readonly T[]): T {
  const found = known.find((one) => one.toLowerCase() === value.toLowerCase());
  if (found === undefined) throw new Error(`${flag} must be one of ${known.join(', ')}`);
  return found;
}
