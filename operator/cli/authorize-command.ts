import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { compact } from '../api/compact.ts';
import { toFailure } from '../api/errors.ts';
import { product } from '../api/group.ts';
import { systemClock } from '../api/system-clock.ts';
import { loadClusterConfig } from '../kubernetes/cluster-config.ts';
import { createKubernetesClient } from '../kubernetes/http-client.ts';
import { authorize, type FlowResult } from './authorize-flow.ts';
import { authorizeUsage, parseAuthorizeOptions, type AuthorizeOptions } from './authorize-options.ts';
import { misuse } from './read-options.ts';

/** `saaslicense authorize`: says in plain words what to do and how it ended; the exit code says it too. */
export async function runAuthorizeCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    console.log(authorizeUsage);
    return 0;
  }
  const options = parseAuthorizeOptions(argv);
  if ('problem' in options) {
    console.error(`saaslicense authorize: ${options.problem}\n${authorizeUsage}`);
    return misuse;
  }
  const interrupted = new AbortController();
  const stop = (): void => interrupted.abort(new Error('interrupted'));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return report(await run(options, env, interrupted.signal), options);
  } catch (error) {
    const reason = interrupted.signal.aborted ? 'interrupted; nothing was changed.' : explain(toFailure(error), options);
    console.error(`saaslicense authorize: ${reason}`);
    return 1;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

async function run(options: AuthorizeOptions, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<FlowResult> {
  const { kubeconfig, context } = options;
  const config = await loadClusterConfig({ env, ...compact({ kubeconfig, context }) });
  const client = createKubernetesClient(config, { clock: systemClock, userAgent: product });
  try {
    return await authorize({
      client,
      clock: systemClock,
      namespace: options.namespace ?? config.namespace,
      alias: options.alias,
      redirectUrl: options.redirectUrl,
      word: randomUUID(),
      timeoutMs: options.timeoutSeconds * 1000,
      signal,
      onUrl: (url) => invite(url, options),
    });
  } finally {
    await client.close();
  }
}

function invite(url: string, { opensBrowser, alias }: AuthorizeOptions): void {
  console.log(`Consent for ConnectionAlias ${alias}, with the account in which the app was registered. ${opensBrowser ? 'Opening' : 'Open'} in a browser:\n\n  ${url}\n`);
  if (opensBrowser) openBrowser(url);
}

/** Opens the address where the system can; it was printed anyway. */
function openBrowser(url: string): void {
  const [command, ...args] = { darwin: ['open'], win32: ['explorer.exe'] }[process.platform as string] ?? ['xdg-open'];
  const child = spawn(command ?? 'xdg-open', [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

const endings: Readonly<Record<FlowResult['kind'], { code: number; text: string }>> = {
  Authorized: { code: 0, text: 'Authorized: the operator has the consent and renews it by itself.' },
  Denied: { code: 3, text: 'Denied: the person did not consent, and nothing was changed.' },
  AccountMismatch: { code: 4, text: 'Wrong account: nothing of the consent was kept.' },
  Failed: { code: 5, text: 'The vendor gave no permission.' },
  TimedOut: { code: 6, text: 'Nobody consented in time; run the command again.' },
};

function report(result: FlowResult, { alias }: AuthorizeOptions): number {
  const { code, text } = endings[result.kind];
  const more = result.kind === 'TimedOut' ? '' : ` ${result.message}`;
  if (code === 0) console.log(text);
  else console.error(`saaslicense authorize: ${alias}: ${text}${more}`);
  return code;
}

function explain({ reason, message }: { reason: string; message: string }, { alias }: AuthorizeOptions): string {
  if (reason !== 'Forbidden') return message;
  return `${message} It needs the right to get and patch ConnectionAlias ${alias}, and to patch the Secret ${alias}-redirect.`;
}
