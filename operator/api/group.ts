/** API group and version of all kinds (design section 1). */
export const group = 'saaslicense.dev';
export const version = 'v1alpha1';
export const apiVersion = `${group}/${version}`;

/** Category that lists every kind of the product: `kubectl get saaslicense -A`. */
export const category = 'saaslicense';

/** Labels and annotations on objects that the operator makes or reads. */
export const labels = {
  /** Name of the IntegrationProfile that an object belongs to. */
  profile: `${group}/profile`,
  /** Process that a CronJob, Job or Pod carries out: `subscriptions` or `activity`. */
  process: `${group}/process`,
  /** On every Secret that the operator watches: its own, and users' credential Secrets that want an instant reaction. */
  watch: `${group}/watch`,
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
} as const;

export const annotations = {
  /** Any new value asks for a refresh now; echoed in `status.lastHandledRequestedAt` (facts/operators.md B1.8). */
  requestedAt: `${group}/requestedAt`,
  /** Flux's name for the same wish. */
  fluxRequestedAt: 'reconcile.fluxcd.io/requestedAt',
  /** Exact title of a job, such as `SAM - Refresh PagerDuty Integration Activity` (L22, T14). */
  jobTitle: `${group}/job-title`,
  /**
   * Asks for an authorization URL that leads back to a loopback address: the address, a space, and any new word. Set by
   * `saaslicense authorize` on a ConnectionAlias.
   */
  authorizeRedirect: `${group}/authorize-redirect`,
  /** Hash of the intent that was last applied, so that unchanged intents are not written again. */
  intentHash: `${group}/intent-hash`,
} as const;

/** Product name: image, chart, managed-by label, field manager of the controllers. */
export const product = 'saas-license-operator';
