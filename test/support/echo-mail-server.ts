import { createServer, type AddressInfo } from 'node:net';

/** Where in the exchange the server says no, and repeats all that it was told. */
export const mailStages = ['greeting', 'EHLO', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'message'] as const;
export type MailStage = (typeof mailStages)[number];

export interface EchoMailServer {
  readonly port: number;
  close(): Promise<void>;
}

/** A mail server without TLS that takes any login until the stage, and answers that with the code and with every line it has heard, decoded too. */
export async function startEchoMailServer({ stage, code, texts }: { readonly stage: MailStage; readonly code: number; readonly texts: readonly string[] }): Promise<EchoMailServer> {
  const server = createServer((socket) => {
    const heard: string[] = [];
    let inMessage = false;
    const refuse = (): void => {
      const lines = [...texts, ...heard].flatMap((text) => text.split(/[\r\n]+/));
      socket.write(lines.map((line) => `${code}-${line}\r\n`).join('') + `${code} no\r\n`);
    };
    const answer = (at: MailStage, text: string): void => {
      if (at === stage) refuse();
      else socket.write(text);
    };
    const hear = (line: string): void => {
      heard.push(line, ...line.split(' ').map((word) => Buffer.from(word, 'base64').toString('utf8')));
      if (inMessage) {
        if (line !== '.') return;
        inMessage = false;
        return answer('message', '250 ok\r\n');
      }
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO' || verb === 'HELO') return answer('EHLO', '250-echo\r\n250 AUTH PLAIN LOGIN\r\n');
      if (verb === 'AUTH') return answer('AUTH', '235 ok\r\n');
      if (verb === 'MAIL') return answer('MAIL', '250 ok\r\n');
      if (verb === 'RCPT') return answer('RCPT', '250 ok\r\n');
      if (verb !== 'DATA') return void socket.write('250 ok\r\n');
      inMessage = stage !== 'DATA';
      return answer('DATA', '354 go on\r\n');
    };
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString('utf8')).split('\r\n');
      rest = lines.pop() ?? '';
      lines.forEach(hear);
    });
    answer('greeting', '220 echo\r\n');
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
    });
  return { port, close };
}
