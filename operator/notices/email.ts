import { createTransport } from 'nodemailer';
import { terminal } from '../api/errors.ts';
import { readAddress } from './address.ts';
import type { HostGate } from './allowed-hosts.ts';
import { toMailFailure } from './mail-failure.ts';
import type { NoticeMessage, ResolvedChannel } from './notice.ts';
import { renderNotice } from './render.ts';
import { readSmtpUrl, type SmtpServer } from './smtp-url.ts';

type EmailChannel = Extract<ResolvedChannel, { type: 'Email' }>;

/** Sends one mail, and resolves when the server has taken it. Fails as `createNoticeSender` says. */
export type SendMail = (message: NoticeMessage, channel: EmailChannel, tools: { readonly gate: HostGate; readonly signal: AbortSignal }) => Promise<void>;

/** Milliseconds. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };
const wholeMs = 30_000;
const usualPorts = [25, 465, 587, 2525] as const;

export function createMailer(certificateAuthority: string | undefined): SendMail {
  return async (message, channel, { gate, signal }) => {
    const server = readSmtpUrl(channel.smtpUrl.reveal());
    if (server === undefined) throw terminal('NoticeSecretInvalid', `Channel ${channel.name}: key smtpUrl of its Secret is no address of a mail server.`);
    const { isTrusted } = gate.check({ channel: channel.name, host: server.host, port: server.port, usualPorts });
    const mail = composeMail(message, channel);
    const transport = createTransport(transportOptions(server, isTrusted, certificateAuthority));
    try {
      await transport.sendMail({ ...mail, signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]) });
    } catch (error) {
      throw toMailFailure(error, channel.name);
    } finally {
      transport.close();
    }
  };
}

function transportOptions({ host, port, isSecure, login }: SmtpServer, isTrusted: boolean, ca: string | undefined) {
  return {
    host,
    port,
    secure: isSecure,
    // A server that hides STARTTLS, or somebody between who does, gets neither login nor message.
    requireTLS: !isSecure && !isTrusted,
    ignoreTLS: isTrusted,
    // Whether a host may be reached is decided by the list of allowed ones.
    allowInternalNetworkInterfaces: true,
    tls: { minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca }) },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password }, forceAuth: true }),
    ...timeouts,
    maxResponseSize: 64 * 1024,
    disableFileAccess: true,
    disableUrlAccess: true,
    // It would log addresses and what servers say.
    logger: false as const,
  };
}

/**
 * The mail: to the person, or to all approvers at once (one Message-ID, one exchange: it is taken by all or tried again). Text only.
 * Addresses are checked, and handed over apart from names, so that none can add a header or a recipient.
 */
function composeMail(message: NoticeMessage, channel: EmailChannel) {
  const to = recipientsOf(message, channel);
  const { subject, text } = renderNotice(message, 'Email');
  return {
    from: { name: '', address: channel.from },
    to: to.map((address) => ({ name: '', address })),
    envelope: { from: channel.from, to: [...to] },
    messageId: `<${message.id}>`,
    subject,
    text,
    headers: {
      // RFC 3834: no out-of-office answers to this.
      'Auto-Submitted': 'auto-generated',
      'X-Saaslicense-Candidate': `${message.facts.namespace}/${message.facts.candidate}`,
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function recipientsOf({ audience, facts }: NoticeMessage, { name, approvers }: EmailChannel): readonly string[] {
  if (audience === 'Approvers') {
    if (approvers.length === 0) throw terminal('NoticeAddressMissing', `Channel ${name}: key approvers of its Secret is missing or names nobody: put an address on each line.`);
    return approvers;
  }
  if (facts.address === undefined) throw terminal('NoticeAddressMissing', `Channel ${name}: the e-mail address of the person is not known, so they cannot be asked.`);
  const address = readAddress(facts.address);
  if (address === undefined) throw terminal('NoticeAddressInvalid', `Channel ${name}: the e-mail address of the person is none that a mail can be sent to.`);
  return [address];
}
