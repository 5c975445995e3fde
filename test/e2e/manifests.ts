import { createAuthority, createCertificate } from '../control-plane/x509.ts';
import { reclaimScopes } from '../integration/reclaim-scopes.ts';
import { simulatorImage } from './images.ts';

export const names = {
  operatorNamespace: 'saas-license-operator',
  vendorNamespace: 'pagerduty',
  tenant: 'saas-licenses',
  profile: 'pagerduty',
  configMap: 'company-ca',
  colleague: 'kim',
} as const;

/** Address of the simulator in the cluster. */
export const vendorHost = `simulator.${names.vendorNamespace}.svc`;
export const users = 1500;
/** Where the simulator listens on its pod's loopback, its control too. */
export const controlPort = 8080;
const app = { clientId: 'e2e-client', clientSecret: 'e2e-client-secret' };
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

export function namespaces(): object[] {
  return [names.operatorNamespace, names.vendorNamespace, names.tenant]
    .map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: restricted } }));
}

/** The simulator with a certificate of an authority that nobody knows, and that authority where it has to be trusted. */
export function vendor(now: number): object[] {
  const authority = createAuthority('e2e authority', now);
  const certificate = createCertificate(authority, { commonName: vendorHost, usage: 'server', hosts: [vendorHost] }, now);
  const trusted = [names.operatorNamespace, names.tenant].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: names.configMap, namespace },
    data: { 'ca.crt': authority.certificate },
  }));
  const tls = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'simulator-tls', namespace: names.vendorNamespace },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': certificate.certificate, 'tls.key': certificate.key },
  };
  return [...trusted, tls, simulatorDeployment(), simulatorService()];
}

function simulatorDeployment(): object {
  const labels = { app: 'simulator' };
  const env = {
    USERS: String(users),
    CLIENT_ID: app.clientId,
    CLIENT_SECRET: app.clientSecret,
    SCOPES: reclaimScopes.join(' '),
    CERTIFICATE_DIRECTORY: '/certificate',
    CONTROL_PORT: String(controlPort),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'simulator', namespace: names.vendorNamespace },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, fsGroup: 65_532, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'simulator',
              image: simulatorImage,
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
              ports: [{ name: 'https', containerPort: 8443 }],
              readinessProbe: { tcpSocket: { port: 'https' }, periodSeconds: 1 },
              securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'certificate', mountPath: '/certificate', readOnly: true }],
            },
          ],
          volumes: [{ name: 'certificate', secret: { secretName: 'simulator-tls', defaultMode: 0o440 } }],
        },
      },
    },
  };
}

function simulatorService(): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'simulator', namespace: names.vendorNamespace },
    spec: { selector: { app: 'simulator' }, ports: [{ name: 'https', port: 443, targetPort: 'https' }] },
  };
}

/** The credential that the samples speak of. */
export function credential(): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'pagerduty-app', namespace: names.tenant, labels: { 'saaslicense.dev/watch': 'true' } },
    stringData: app,
  };
}

/** Somebody who decides: the chart's ClusterRole for that, in the tenant's namespace, and nothing else. */
export function colleague(): object[] {
  const metadata = { name: names.colleague, namespace: names.tenant };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'saas-license-operator-admin' },
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
  ];
}

/** What differs from the chart's defaults. */
export function chartValues(image: { readonly repository: string; readonly tag: string }): object {
  return {
    image: { ...image, pullPolicy: 'Never' },
    replicas: 2,
    // The simulator is an endpoint of the alias's own.
    allowCustomEndpoints: true,
    extraCACertificates: { configMap: names.configMap },
  };
}
