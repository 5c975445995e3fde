import { stringify } from 'yaml';
import { apiVersion, labels } from '../api/group.ts';
import type { GuideRequest, Provider } from '../providers/provider.ts';

/** What the guide is written for. */
export interface ConnectGuide extends GuideRequest {
  readonly namespace: string;
  /** Name of the ConnectionAlias and of the Secret and profile beside it. */
  readonly name: string;
  readonly displayName: string;
}

/**
 * The way from the vendor's portal to the first refresh (S14–S68), as text for a person: what to do at the vendor,
 * then the manifests and commands. A pure function; nothing is called.
 */
export function writeConnectGuide(provider: Provider, request: ConnectGuide): string {
  return [
    `Connecting ${provider.type}: ${request.subdomain} (${request.region})`,
    '',
    'Least roles and scopes of what is enabled (process; who creates the app; whose token; scope, Scoped or Classic):',
    ...provider.guide.roles(request).map(([process, creator, token, scoped, classic]) => `  ${process}: ${creator}; ${token}; ${scoped} or ${classic}`),
    '',
    `At ${provider.publisher}:`,
    ...provider.guide.steps(request).map((step, index) => `  ${index + 1}. ${step.text}`),
    '',
    'In Kubernetes:',
    ...secretCommands(request).map((line) => `  ${line}`),
    '',
    'Then apply (kubectl apply -f, or commit it for GitOps):',
    '',
    [aliasOf(provider, request), profileOf(provider, request)].map((object) => stringify(object, { lineWidth: 0 }).trimEnd()).join('\n---\n'),
    '',
    ...closingSteps(request),
  ].join('\n');
}

function secretCommands({ namespace, name, login }: ConnectGuide): string[] {
  const keys = login === 'ApiToken' ? ['token'] : ['clientId', 'clientSecret'];
  // Values are read from files: on a command line they would end in the shell's history.
  const files = keys.map((key) => `--from-file=${key}=./${key}`).join(' ');
  return [
    `# Put the ${keys.length === 1 ? 'value' : 'two values'} into ${keys.map((key) => `./${key}`).join(' and ')} first, and remove the files afterwards.`,
    `kubectl -n ${namespace} create secret generic ${name} ${files}`,
    `kubectl -n ${namespace} label secret ${name} ${labels.watch}=true`,
  ];
}

function aliasOf(provider: Provider, request: ConnectGuide): object {
  const { namespace, name, region, subdomain } = request;
  return {
    apiVersion,
    kind: 'ConnectionAlias',
    metadata: { name, namespace },
    spec: {
      type: provider.type,
      connectionName: `${provider.type} Connection`,
      ...credentialOf(request),
      [provider.fragment.settingsKey]: { region, subdomain },
    },
  };
}

function credentialOf({ login, name, redirectURL, appName }: ConnectGuide): object {
  const clientSecretRef = { name };
  if (login === 'AppToken') return { appName, appToken: { clientSecretRef } };
  if (login === 'ApiToken') return { apiToken: { secretRef: { name } } };
  return { appName, oauth: { type: login, redirectURL, clientSecretRef } };
}

function profileOf(provider: Provider, request: ConnectGuide): object {
  const { namespace, name, displayName, processes, signals } = request;
  return {
    apiVersion,
    kind: 'IntegrationProfile',
    metadata: { name, namespace },
    spec: {
      type: provider.type,
      displayName,
      connectionAliasRef: { name },
      downloadActivity: processes.includes('PullUserActivity'),
      activitySignals: [...signals],
      reclaimSubscriptions: processes.includes('ReclaimSubscription'),
      publish: true,
    },
  };
}

function closingSteps({ login, namespace, name }: ConnectGuide): string[] {
  const consent =
    login === 'Scoped' || login === 'Classic'
      ? [
          'Then a person consents, with the account in which the app was made:',
          `  kubectl -n ${namespace} get connalias ${name} -o jsonpath='{.status.authorization.url}'   # open it in a browser`,
          `  saaslicense authorize ${name} -n ${namespace}                                            # or this, from a laptop`,
          '',
        ]
      : [];
  return [
    ...consent,
    'What becomes of it:',
    `  kubectl -n ${namespace} get connalias,intprof`,
    `  kubectl -n ${namespace} describe intprof ${name}`,
  ];
}
