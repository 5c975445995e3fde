/** Ways in which the other side may repeat a secret, by name. */
export const spellings: Readonly<Record<string, (secret: string) => string>> = {
  plain: (secret) => secret,
  'as Bearer': (secret) => `Authorization: Bearer ${secret}`,
  'as PagerDuty’s own scheme': (secret) => `Token token=${secret}.`,
  quoted: (secret) => `"${secret}"`,
  'for a URL': encodeURIComponent,
  'for a URL, in lower case': (secret) => encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
  'for a URL, twice': (secret) => encodeURIComponent(encodeURIComponent(secret)),
  'every byte for a URL': (secret) => bytesOf(secret).map((byte) => `%${hex(byte)}`).join(''),
  'as a form': (secret) => new URLSearchParams({ token: secret }).toString(),
  'in JSON': (secret) => JSON.stringify({ token: secret }),
  'in JSON in JSON': (secret) => JSON.stringify(JSON.stringify({ token: secret })),
  'every unit for JSON': (secret) => Array.from(secret, (unit) => `\\u00${hex(unit.charCodeAt(0))}`).join(''),
  'every byte for C': (secret) => bytesOf(secret).map((byte) => `\\x${hex(byte)}`).join(''),
  'for HTML': (secret) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'every unit for HTML': (secret) => Array.from(secret, (unit) => `&#${unit.charCodeAt(0)};`).join(''),
  'in base64': (secret) => Buffer.from(secret).toString('base64'),
  'in base64, as Basic': (secret) => `Basic ${Buffer.from(`client-id:${secret}`).toString('base64')}`,
  'in base64, a byte later': (secret) => Buffer.from(`x${secret}y`).toString('base64'),
  'in base64, with its scheme': (secret) => Buffer.from(`Token token=${secret}`).toString('base64'),
  'in base64url': (secret) => Buffer.from(`Bearer ${secret}`).toString('base64url'),
  'in base64, for a URL': (secret) => encodeURIComponent(Buffer.from(secret).toString('base64')),
  'in base64, in lines': (secret) => Buffer.from(secret).toString('base64').replaceAll(/(.{12})/g, '$1\n'),
  'in hexadecimal': (secret) => Buffer.from(secret).toString('hex'),
  'in hexadecimal, in upper case': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'in hexadecimal, in groups': (secret) => bytesOf(secret).map(hex).join(':'),
  'in upper case': (secret) => secret.toUpperCase(),
  'in lower case': (secret) => secret.toLowerCase(),
  'in lines': (secret) => secret.replaceAll(/(.{5})/g, '$1\r\n  '),
  'spaced out': (secret) => Array.from(secret).join(' '),
  'with marks that cannot be seen': (secret) => Array.from(secret).join('\u200b'),
  'cut short': (secret) => `${secret.slice(0, 8)}...`,
  'cut off in base64': (secret) => Buffer.from(`Bearer ${secret}`).toString('base64').slice(0, 24),
  'without its beginning': (secret) => `...${secret.slice(4)}`,
};

function bytesOf(text: string): number[] {
  return [...Buffer.from(text)];
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/**
 * What of the secrets shows in a text: its first eight characters, or any eleven in a row, once everything in it is decoded in every way that comes to mind. It
 * shares no code with what strikes secrets.
 */
export function findShown(text: string, secrets: readonly string[]): string[] {
  const texts = [text, ...decodings(text), ...decodings(text).flatMap(decodings)].map(squeeze);
  return secrets.filter((secret) => {
    const sought = squeeze(secret);
    if (text.toLowerCase().includes(secret.slice(0, 8).toLowerCase())) return true;
    for (let at = 0; at + 8 <= sought.length; at += 4) if (texts.some((one) => one.includes(sought.slice(at, at + 8)))) return true;
    return false;
  });
}

function squeeze(text: string): string {
  return text.replaceAll(/[\s\u200b\\:]/g, '').toLowerCase();
}

function decodings(text: string): string[] {
  const code = (digits: string, base: number): string => String.fromCharCode(Number.parseInt(digits, base));
  const escaped = text
    .replaceAll(/(?:%|\\+u00|\\+x)([0-9a-f]{2})/gi, (_, digits: string) => code(digits, 16))
    .replaceAll(/&#(\d{1,3});/g, (_, digits: string) => code(digits, 10))
    .replaceAll(/&quot;/g, '"')
    .replaceAll(/&lt;/g, '<')
    .replaceAll(/&gt;/g, '>')
    .replaceAll(/&amp;/g, '&')
    .replaceAll(/\\+[nr]/g, '');
  const tight = text.replaceAll(/[\s:]|\\+[nr]/g, '');
  const base64 = (tight.match(/[A-Za-z0-9+/_-]{10,}/g) ?? []).flatMap((run) => [0, 1, 2, 3].map((skip) => Buffer.from(run.slice(skip), 'base64').toString('latin1')));
  const hexadecimal = (tight.match(/[0-9a-f]{16,}/gi) ?? []).flatMap((run) => [0, 1].map((skip) => Buffer.from(run.slice(skip), 'hex').toString('latin1')));
  return [escaped, escaped.replaceAll('+', ' '), base64.join('\n|'), hexadecimal.join('\n|')];
}
