/** The command lines of the programs of a control plane. */
export interface Programs {
  readonly etcd: readonly [string, ...string[]];
  readonly apiServer: readonly [string, ...string[]];
  /** Absent in KUBEBUILDER_ASSETS: then nothing makes Jobs of CronJobs or collects garbage. */
  readonly controllerManager?: readonly [string, ...string[]];
  readonly kubectl: readonly [string, ...string[]];
}

/** All programs in the one binary. */
export function embeddedPrograms(binary: string): Programs {
  return {
    etcd: [binary, 'etcd'],
    apiServer: [binary, 'kube-apiserver'],
    controllerManager: [binary, 'kube-controller-manager'],
    kubectl: [binary, 'kubectl'],
  };
}

/** etcd listens on sockets in its working folder: no port to be busy, and no other user reads the Secrets in it. */
export function etcdArguments(): string[] {
  return [
    '--name=default',
    '--data-dir=etcd',
    '--listen-client-urls=unix://etcd.sock',
    '--advertise-client-urls=unix://etcd.sock',
    '--listen-peer-urls=unix://etcd-peer.sock',
    '--initial-advertise-peer-urls=unix://etcd-peer.sock',
    '--initial-cluster=default=unix://etcd-peer.sock',
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

/** Paths are relative to the run's folder, the programs' working folder. `admission` is off where nothing makes ServiceAccounts. */
export function apiServerArguments(port: number, admission: { readonly serviceAccounts: boolean }): string[] {
  return [
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    // The address of the `kubernetes` Service must not be loopback, and nothing here would translate it.
    '--endpoint-reconciler-type=none',
    '--etcd-servers=unix://etcd.sock',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--client-ca-file=pki/ca.crt',
    '--tls-cert-file=pki/server.crt',
    '--tls-private-key-file=pki/server.key',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    '--service-account-key-file=pki/service-account.key',
    '--service-account-signing-key-file=pki/service-account.key',
    '--kubelet-certificate-authority=pki/ca.crt',
    '--kubelet-client-certificate=pki/kubelet-client.crt',
    '--kubelet-client-key=pki/kubelet-client.key',
    '--kubelet-preferred-address-types=InternalIP',
    '--audit-policy-file=audit-policy.yaml',
    '--audit-log-path=audit.log',
    // One file: a reader that follows it must not lose it to rotation.
    '--audit-log-maxsize=0',
    '--shutdown-delay-duration=0s',
    ...(admission.serviceAccounts ? [] : ['--disable-admission-plugins=ServiceAccount']),
  ];
}

/** What a refresh needs (CronJob → Job → Pod) and what makes deletion and ServiceAccounts behave; the node's own controllers are left out. */
const CONTROLLERS = [
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'garbage-collector-controller',
  'job-controller',
  'namespace-controller',
  'pod-garbage-collector-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'ttl-after-finished-controller',
  'validatingadmissionpolicy-status-controller',
];

export function controllerManagerArguments(): string[] {
  return [
    '--kubeconfig=controller-manager.kubeconfig',
    `--controllers=${CONTROLLERS.join(',')}`,
    '--root-ca-file=pki/ca.crt',
    '--service-account-private-key-file=pki/service-account.key',
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
}

/** Who did what, without bodies (they hold Secrets); reads of the server's own health are left out. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*'] }, { level: 'Metadata' }],
} as const;
