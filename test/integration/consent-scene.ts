import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { ConnectionAlias } from '../../operator/api/connection-alias.ts';
import { generateCompany, startSimulator, type CompanyState, type Simulator } from '../pagerduty-simulator/index.ts';
import { consentTo, type ConsentChoice } from '../pagerduty-simulator/testing/consent.ts';
import { startOperatorProcess, type OperatorProcess } from '../support/product.ts';
import { conditionOf, openStory, type Story } from './story.ts';

/** A tenant whose alias logs in with the consent of a person, and a second replica that stands by. */
export interface ConsentScene {
  readonly story: Story;
  /** Two accounts; the app is of acme. */
  readonly pagerduty: Simulator;
  readonly follower: OperatorProcess;
  /** Client secret, to be found nowhere but in its Secret. */
  readonly clientSecret: string;
  readonly redirectUrl: string;
  /** Ids of people by role, in acme. */
  readonly person: (role: string) => string;
  readonly secret: () => object;
  readonly alias: (spec?: object, name?: string) => object;
  readonly profile: (spec?: object, name?: string) => object;
  /** The URL that status shows now, once it is another one than before. */
  url(alias?: string, unlike?: string): Promise<string>;
  /** Signs in, presses a button, and gives the address that the browser is sent to. */
  consent(url: string, choice: ConsentChoice): Promise<string>;
  close(): Promise<void>;
}

export const consentScopes = ['users.read', 'licenses.read', 'oncalls.read', 'users.write'];

export async function openConsentScene(prefix: string): Promise<ConsentScene> {
  const story = await openStory(prefix);
  const clientSecret = `consent-${randomBytes(12).toString('hex')}`;
  const redirectUrl = `${story.operator.redirectUrl}/oauth_redirect.do`;
  const company = generateCompany({ seed: 12, users: 40, now: Date.now(), subdomain: 'acme' });
  const app = { clientId: 'consent-client', clientSecret, scopes: consentScopes, redirectUrls: [redirectUrl], ownerAccount: 'acme' };
  const pagerduty = await startSimulator({ company, apps: [app], neighbours: [aNeighbour()] });
  const logFile = join(story.plane.directory, `follower-${story.namespace}.log`);
  const follower = await startOperatorProcess(story.plane, { logFile, watchNamespace: story.namespace, follows: true });
  return {
    story,
    pagerduty,
    follower,
    clientSecret,
    redirectUrl,
    person: (role) => company.users.find((user) => user.role === role)?.id ?? `no ${role}`,
    ...manifestsOf(story, { pagerduty, clientSecret, redirectUrl }),
    url: (alias = 'pagerduty', unlike = '') => untilUrl(story, alias, unlike),
    consent: (url, choice) => consentTo(url, { account: 'acme', ...choice }),
    close: async () => {
      await follower.stop();
      await pagerduty.stop();
      await story.close();
    },
  };
}

function aNeighbour(): CompanyState {
  return generateCompany({ seed: 13, users: 5, now: Date.now(), subdomain: 'globex' });
}

function manifestsOf({ namespace }: Story, at: { pagerduty: Simulator; clientSecret: string; redirectUrl: string }): Pick<ConsentScene, 'secret' | 'alias' | 'profile'> {
  const { url } = at.pagerduty;
  const meta = (name: string, labels: Record<string, string> = {}) => ({ name, namespace, labels });
  const apiVersion = 'saaslicense.dev/v1alpha1';
  return {
    secret: () => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: meta('consent-app', { 'saaslicense.dev/watch': 'true' }),
      stringData: { clientId: 'consent-client', clientSecret: at.clientSecret },
    }),
    alias: (spec = {}, name = 'pagerduty') => ({
      apiVersion,
      kind: 'ConnectionAlias',
      metadata: meta(name),
      spec: {
        type: 'PagerDuty',
        oauth: { type: 'Scoped', redirectURL: at.redirectUrl, clientSecretRef: { name: 'consent-app' } },
        pagerduty: { region: 'US', subdomain: 'acme', endpoints: { api: url, identity: url, app: url } },
        ...spec,
      },
    }),
    profile: (spec = {}, name = 'pagerduty') => ({
      apiVersion,
      kind: 'IntegrationProfile',
      metadata: meta(name),
      spec: { type: 'PagerDuty', displayName: 'PagerDuty Integration', connectionAliasRef: { name: 'pagerduty' }, publish: true, reclaimSubscriptions: false, ...spec },
    }),
  };
}

async function untilUrl(story: Story, name: string, unlike: string): Promise<string> {
  const holds = ({ status }: ConnectionAlias): boolean => status?.authorization?.url !== undefined && status.authorization.url !== unlike;
  const alias = await story.until<ConnectionAlias>('connalias', name, holds, 'a URL to open');
  return alias.status?.authorization?.url ?? '';
}

/** The page that a browser gets. */
export async function openPage(url: string): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(url, { redirect: 'manual' });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The same redirect as it reaches another replica. */
export function throughReplica(location: string, replica: OperatorProcess): string {
  const { pathname, search } = new URL(location);
  return `${replica.redirectUrl}${pathname}${search}`;
}

export const authorized = (alias: ConnectionAlias): boolean => conditionOf(alias, 'Authorized') === 'True Authorized';
