import type { KubernetesObject } from '../../operator/api/meta.ts';
import { loadClusterConfig, type ClusterConfig } from '../../operator/kubernetes/cluster-config.ts';
import { coreResources, createKubernetesClient, type RequestReport, type WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { canonicalJson } from '../../operator/kubernetes/json-compare.ts';
import { createReflector, type Change, type Reflector, type ReflectorOptions } from '../../operator/kubernetes/reflector.ts';
import type { Failure } from '../../operator/api/errors.ts';
import { startFaultProxy, type FaultProxy } from '../faults/fault-proxy.ts';
import { realClock, until } from '../support/real-clock.ts';
import { createSeededRandom } from '../support/seeded-random.ts';
import { attachControlPlane, createNamespace } from './control-plane-handle.ts';

export interface ConfigMap extends KubernetesObject {
  data?: Record<string, string>;
}

/** A namespace on the real API server, with a client to it and one through a proxy that can do harm. */
export interface Scene {
  readonly namespace: string;
  readonly config: ClusterConfig;
  readonly direct: WatchingClient;
  readonly proxied: WatchingClient;
  readonly proxy: FaultProxy;
  /** What both clients asked. */
  readonly requests: RequestReport[];
  /** Writes a ConfigMap past the proxy, and answers its version. */
  put(name: string, value: string): Promise<string>;
  remove(name: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openScene(prefix: string): Promise<Scene> {
  const plane = await attachControlPlane();
  const namespace = await createNamespace(prefix);
  const config = await loadClusterConfig({ kubeconfig: plane.kubeconfig, env: {} });
  const proxy = await startFaultProxy(config);
  const requests: RequestReport[] = [];
  const options = { clock: realClock, userAgent: 'kubernetes-test', onRequest: (report: RequestReport) => void requests.push(report) };
  const direct = createKubernetesClient(config, options);
  const proxied = createKubernetesClient(proxy.config, options);
  return {
    namespace,
    config,
    direct,
    proxied,
    proxy,
    requests,
    async put(name, value) {
      const object = { metadata: { name, namespace }, data: { value } };
      const written = await direct.apply<ConfigMap>(coreResources.ConfigMap, object, { fieldManager: 'test' });
      return written.metadata.resourceVersion ?? '';
    },
    async remove(name) {
      await direct.delete(coreResources.ConfigMap, { namespace, name });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([direct.close(), proxied.close()]);
      await proxy.close();
    },
  };
}

/** A reflector of the scene's ConfigMaps through the proxy, and what it told. */
export interface Followed {
  readonly reflector: Reflector<ConfigMap>;
  readonly changes: Change<ConfigMap>[];
  readonly failures: Failure[];
  readonly relists: string[];
  /** Values by name, as the reflector has them now. */
  values(): Record<string, string>;
  /** Waits until the reflector has exactly these values. */
  untilValues(values: Record<string, string>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function follow(scene: Scene, more: Partial<ReflectorOptions<ConfigMap>> = {}): Promise<Followed> {
  const changes: Change<ConfigMap>[] = [];
  const failures: Failure[] = [];
  const relists: string[] = [];
  const reflector = createReflector<ConfigMap>({
    client: scene.proxied,
    type: coreResources.ConfigMap,
    namespace: scene.namespace,
    clock: realClock,
    random: createSeededRandom(1),
    onError: (failure) => failures.push(failure),
    onRelist: (cause) => relists.push(cause),
    ...more,
  });
  reflector.subscribe((change) => changes.push(change));
  const stop = new AbortController();
  const running = reflector.start(stop.signal);
  const values = (): Record<string, string> =>
    Object.fromEntries(
      reflector
        .list()
        .filter((each) => each.metadata.name !== 'kube-root-ca.crt')
        .map((each) => [each.metadata.name, each.data?.['value'] ?? '']),
    );
  return {
    reflector,
    changes,
    failures,
    relists,
    values,
    async untilValues(expected) {
      const wanted = canonicalJson(expected);
      await until(() => canonicalJson(values()) === wanted, `the values ${wanted}`);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await until(() => scene.proxy.openWatches() === 0, 'no watch left behind');
    },
  };
}
