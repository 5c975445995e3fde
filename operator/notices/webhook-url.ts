import { hostOf, isHost } from './allowed-hosts.ts';

/** Reads the address of a webhook; undefined when it is none. Plain http is judged with the host: only loopback may have it. */
export function readWebhookUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  if (!isHost(hostOf(url)) || url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  return url;
}
