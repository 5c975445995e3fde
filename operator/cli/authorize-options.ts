import { parseArgs } from 'node:util';
import { loopbackRedirectPattern } from '../api/connection-alias.ts';
import { objectNamePattern } from '../api/meta.ts';
import { readOptions } from './read-options.ts';

export interface AuthorizeOptions {
  readonly alias: string;
  /** Namespace of the kubeconfig's context when left out. */
  readonly namespace: string | undefined;
  /** Loopback redirect URL; that of the alias when left out. */
  readonly redirectUrl: string | undefined;
  readonly opensBrowser: boolean;
  readonly timeoutSeconds: number;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
}

export const authorizeUsage = `usage: saaslicense authorize ALIAS [OPTION]...

Lets a person consent from this machine, where no Ingress leads to the operator: opens the vendor's page, takes the
redirect on a loopback address and hands it to the operator, which alone sees the client secret and the tokens.

  -n, --namespace NAME   namespace of the ConnectionAlias (default: that of the kubeconfig's context)
  --redirect-url URL     http://127.0.0.1:PORT/oauth_redirect.do, registered with the app as a redirect URL
                         (default: spec.oauth.redirectURL of the alias, if that is a loopback address)
  --no-browser           only print the address, open no browser
  --timeout SECONDS      how long to wait for the person (default: 600)
  --kubeconfig FILE, --context NAME  API server to use

It needs the right to get and patch the ConnectionAlias, and to patch the Secret ALIAS-redirect.

exit codes: 0 authorized, 1 it could not be tried, 2 bad command line, 3 denied, 4 wrong account,
            5 the vendor gave no permission, 6 nobody consented in time`;

/** Options from a command line; or the sentence that says what is wrong with it. */
export function parseAuthorizeOptions(argv: readonly string[]): AuthorizeOptions | { readonly problem: string } {
  return readOptions(() => toOptions(readFlags(argv)));
}

function readFlags(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    strict: true,
    allowNegative: true,
    allowPositionals: true,
    options: {
      namespace: { type: 'string', short: 'n' },
      'redirect-url': { type: 'string' },
      browser: { type: 'boolean', default: true },
      timeout: { type: 'string', default: '600' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
    },
  });
}

function toOptions({ values, positionals }: ReturnType<typeof readFlags>): AuthorizeOptions {
  const [alias = '', ...rest] = positionals;
  if (rest.length > 0 || !isName(alias)) throw new Error('name one ConnectionAlias');
  if (values.namespace !== undefined && !isName(values.namespace)) throw new Error('--namespace must be the name of a namespace');
  const timeoutSeconds = readSeconds(values.timeout);
  const redirectUrl = values['redirect-url'];
  if (redirectUrl !== undefined && !loopbackRedirectPattern.test(redirectUrl)) {
    throw new Error('--redirect-url must be a loopback address such as http://127.0.0.1:8765/oauth_redirect.do');
  }
  const { namespace, kubeconfig, context, browser: opensBrowser } = values;
  return { alias, namespace, redirectUrl, opensBrowser, timeoutSeconds, kubeconfig, context };
}

function readSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3600) throw new Error('--timeout must be a number of seconds from 1 to 3600');
  return seconds;
}

function isName(text: string): boolean {
  return text.length <= 253 && objectNamePattern.test(text);
}
