/** An OAuth app as somebody registers it at PagerDuty (facts 1.1, 1.3). */
export interface AppOptions {
  readonly id?: string;
  /** What the consent page calls it. Default: its id. */
  readonly name?: string;
  readonly clientId: string;
  /** None: a public client, which only a Classic app can be. */
  readonly clientSecret?: string;
  /** Default Scoped. */
  readonly kind?: AppKind;
  /** What it may ask for: names with dots for Scoped, `read` and `write` for Classic. */
  readonly scopes: readonly string[];
  /** Where consent may lead back to; compared letter by letter. Default: nowhere. */
  readonly redirectUrls?: readonly string[];
  /** Subdomain of the account it was registered in. Default: the simulator's own. */
  readonly ownerAccount?: string;
}

export type AppKind = 'Scoped' | 'Classic';

export interface App {
  readonly id: string;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly kind: AppKind;
  readonly scopes: readonly string[];
  readonly redirectUrls: readonly string[];
  readonly ownerAccount: string;
}

export type AppPatch = Partial<Pick<AppOptions, 'name' | 'clientSecret' | 'scopes' | 'redirectUrls'>>;

export interface Apps {
  list(): readonly App[];
  find(clientId: string): App | undefined;
  /** Throws a RangeError for an app that PagerDuty would not have. */
  register(options: AppOptions): App;
  /** Tokens made before keep what they have until they are renewed (facts 1.7, tf#1092). */
  update(id: string, patch: AppPatch): App;
  /** Back to the apps of the start. */
  reset(): void;
}

export interface AppsOptions {
  readonly initial: readonly AppOptions[];
  /** Subdomains of the accounts there are, the simulator's own first. */
  readonly accounts: readonly string[];
}

export function createApps({ initial, accounts }: AppsOptions): Apps {
  let apps: App[] = [];

  function register(options: AppOptions): App {
    const app = complete(options, `app-${apps.length + 1}`, accounts[0] ?? '');
    if (apps.some(({ id, clientId }) => id === app.id || clientId === app.clientId)) throw new RangeError(`there already is an app ${app.id}`);
    if (!accounts.includes(app.ownerAccount)) throw new RangeError(`there is no account ${app.ownerAccount}`);
    apps.push(checked(app));
    return app;
  }

  function reset(): void {
    apps = [];
    for (const options of initial) register(options);
  }

  reset();
  return {
    list: () => apps,
    find: (wanted) => apps.find(({ clientId }) => clientId === wanted),
    register,
    update(id, patch) {
      const old = apps.find((app) => app.id === id);
      if (old === undefined) throw new RangeError(`there is no app ${id}`);
      const changed = checked({ ...old, ...patch });
      apps = apps.map((app) => (app === old ? changed : app));
      return changed;
    },
    reset,
  };
}

function complete(options: AppOptions, defaultId: string, ownAccount: string): App {
  const { id = defaultId, name = id, kind = 'Scoped', redirectUrls = [], ownerAccount = ownAccount, clientSecret } = options;
  return { id, name, kind, redirectUrls, ownerAccount, clientSecret, clientId: options.clientId, scopes: options.scopes };
}

function checked(app: App): App {
  if (app.kind === 'Scoped' && app.clientSecret === undefined) throw new RangeError('a Scoped app cannot be a public client');
  const noUrl = app.redirectUrls.find((url) => !URL.canParse(url));
  if (noUrl !== undefined) throw new RangeError(`${noUrl} is not a URL to redirect to`);
  const wellFormed = app.kind === 'Classic' ? /^(read|write)$/ : /^[a-z_:]+\.(read|write)$/;
  const wrong = app.scopes.find((scope) => !wellFormed.test(scope));
  if (wrong !== undefined) throw new RangeError(`a ${app.kind} app has no scope ${wrong}`);
  return app;
}
