import type { GuideRequest, GuideStep } from '../provider.ts';
import { guardScopes, listScopes, vendorConfiguration } from './permissions.ts';

const defaultRedirect = 'https://<instance-name>/oauth_redirect.do';

/**
 * How a person makes the credential at PagerDuty: the steps of the guide (S14–S26), only those that apply to
 * the kind of account and login that was asked for.
 */
export function writeGuide(request: GuideRequest): GuideStep[] {
  if (request.login === 'ApiToken') return [logIn(request), ...createApiToken()];
  return [logIn(request), ...openAppForm(request), chooseOAuth(request), ...chooseRedirect(request), chooseScopes(request), ...registerApp()];
}

function logIn({ region, subdomain }: GuideRequest): GuideStep {
  const address = `https://${subdomain}${region === 'EU' ? '.eu' : ''}.pagerduty.com`;
  return { row: 'S14', text: `Log in to the PagerDuty portal, ${address}, as somebody whose role is at least the one in the table of roles.` };
}

function openAppForm({ account, appName }: GuideRequest): GuideStep[] {
  const way: GuideStep =
    account === 'Developer'
      ? { row: 'S15', text: 'With a developer account, Developer Mode is on by itself: My Apps is shown right after login.' }
      : { row: 'S16', text: 'With a customer account, choose INTEGRATIONS > DEVELOPER TOOLS > App Registration; the page Add New App opens.' };
  return [
    way,
    { row: 'S17', text: `Choose New App and fill in the form: Name, for example "${appName}", and a Description.` },
    { row: 'S18', text: 'Under Functionality choose OAuth 2.0, then Next: the app is registered and its form comes back.' },
  ];
}

function chooseOAuth({ login }: GuideRequest): GuideStep {
  const type = login === 'Classic' ? 'Classic User OAuth' : 'Scoped OAuth';
  const why = login === 'AppToken' ? ' (its app token needs no person: the recommended way)' : '';
  return { row: 'S20', text: `Choose ${type}${why}.` };
}

function chooseRedirect({ login, redirectURL }: GuideRequest): GuideStep[] {
  // An app token is obtained without a browser, so there is nothing to come back to.
  if (login === 'AppToken') return [{ row: 'S21', text: `The Redirect URL is not used by an app token; where the form wants one, give ${defaultRedirect}.` }];
  return [{ row: 'S21', text: `Redirect URL: ${redirectURL ?? defaultRedirect} - exactly the value of spec.oauth.redirectURL of the ConnectionAlias.` }];
}

function chooseScopes({ login, processes, signals }: GuideRequest): GuideStep {
  if (login === 'Classic') {
    const access = processes.includes('ReclaimSubscription') ? 'Read/Write' : 'Read';
    return { row: 'S22', text: `Permission Scope: ${access}.` };
  }
  const { required, optional } = listScopes({ processes, signals });
  const guards = processes.includes('ReclaimSubscription') ? optional.filter((scope) => guardScopes.includes(scope)) : [];
  const rest = optional.filter((scope) => !guards.includes(scope));
  const checks = guards.length === 0 ? '' : `; for the checks before anybody is reclaimed, without which nobody is: ${guards.join(', ')}`;
  const more = rest.length === 0 ? '' : `; of use when granted, and done without otherwise: ${rest.join(', ')}`;
  return { row: 'S22', text: `Permission Scope: ${required.join(', ')}${checks}${more}. Nothing else is needed.` };
}

function registerApp(): GuideStep[] {
  return [
    { row: 'S23', text: 'Choose Register App.' },
    { row: 'S24', text: 'Copy the Client ID and the Client Secret: the secret is shown this once.' },
    { row: 'S25', text: 'Save them in a secure place: here, the Secret below. They are never written into a spec, status, event or log.' },
    { row: 'S26', text: 'Choose Continue.' },
  ];
}

function createApiToken(): GuideStep[] {
  return [
    { row: 'S24', text: 'Choose Integrations > API Access Keys > Create New API Key; a read-only key is enough as long as nothing is reclaimed. Copy it: it is shown this once.' },
    { row: 'S25', text: 'Save it in a secure place: here, the Secret below. It has no scopes, so nothing limits what it may do: prefer an app token.' },
  ];
}

/** Least roles for the processes that are enabled (S19, S3–S13): who creates the app, whose token it is. */
export function writeRoles(request: Pick<GuideRequest, 'processes'>): string[][] {
  return vendorConfiguration
    .filter((row) => request.processes.includes(row.process))
    .map((row) => [row.process, row.createAppRole, row.tokenRole, row.scopes.scoped, row.scopes.classic]);
}
