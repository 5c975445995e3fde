import { processNames } from '../../operator/api/integration-profile.ts';
import type { GuideRequest, LoginKind } from '../../operator/providers/provider.ts';
import { createPagerDutyProvider } from '../../operator/providers/pagerduty/index.ts';
import { renderTable } from './generated-block.ts';

const provider = createPagerDutyProvider();

const whole: GuideRequest = {
  account: 'Customer',
  login: 'AppToken',
  region: 'US',
  subdomain: 'acme',
  appName: 'SaaS License Operator',
  redirectURL: 'https://licenses.example.com/oauth_redirect.do',
  processes: ['DownloadSubscriptions', 'PullUserActivity'],
  signals: provider.fragment.activitySignals.slice(0, 1),
};

const accounts = { Customer: 'customer account', Developer: 'developer account' } as const;
const logins: Readonly<Record<LoginKind, string>> = {
  AppToken: 'Scoped OAuth, app token',
  Scoped: 'Scoped OAuth with consent',
  Classic: 'Classic User OAuth',
  ApiToken: 'API token',
};

/** The parts of docs/guide.md that come from the provider: what people read is what the product asks for. */
export function guideBlocks(): Record<string, string> {
  return { roles: renderRoles(), signals: renderSignals(), steps: renderSteps() };
}

function renderRoles(): string {
  return renderTable(['Process', 'Role that creates the app', 'Role of the token', 'Scoped', 'Classic'], provider.guide.roles({ processes: processNames }));
}

function renderSignals(): string {
  const base = provider.scopes({ processes: whole.processes, signals: [] });
  const known = [...base.required, ...base.optional];
  const rows = provider.signals.map(({ name, sees }) => {
    const { required, optional } = provider.scopes({ processes: whole.processes, signals: [name] });
    const more = [...required, ...optional].filter((scope) => !known.includes(scope));
    return [`\`${name}\``, more.map((scope) => `\`${scope}\``).join(', ') || 'nothing more', sees.join(', ')];
  });
  return renderTable(['Signal', 'Scope', 'Silence means something about'], rows);
}

function renderSteps(): string {
  const cases = [
    { account: 'Customer', login: 'AppToken' },
    { account: 'Customer', login: 'Scoped' },
    { account: 'Developer', login: 'Scoped' },
    { account: 'Customer', login: 'Classic' },
    { account: 'Customer', login: 'ApiToken' },
  ] as const;
  return cases
    .map(({ account, login }) => {
      const steps = provider.guide.steps({ ...whole, account, login });
      return [`### ${logins[login]}, ${accounts[account]}`, '', ...steps.map(({ text }, index) => `${index + 1}. ${text}`)].join('\n');
    })
    .join('\n\n');
}
