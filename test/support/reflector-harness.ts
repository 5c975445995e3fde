import { createReflector, type Change, type Reflector, type ReflectorOptions } from '../../operator/kubernetes/reflector.ts';
import type { Failure } from '../../operator/api/errors.ts';
import type { KubernetesObject } from '../../operator/api/meta.ts';
import type { ListPage } from '../../operator/kubernetes/client.ts';
import { coreResources } from '../../operator/kubernetes/core-resources.ts';
import type { WatchEvent, WatchOptions, WatchingClient } from '../../operator/kubernetes/http-client.ts';
import { createFakeClock, settle, type FakeClock } from './fake-clock.ts';
import { createSeededRandom } from './seeded-random.ts';

export interface Item extends KubernetesObject {
  data?: string;
}

export function item(name: string, version: number, more: { uid?: string; data?: string } = {}): Item {
  const { uid = `uid-${name}`, data = `v${version}` } = more;
  return { metadata: { name, namespace: 'ns', uid, resourceVersion: String(version) }, data };
}

/** One open watch, as the server side sees it. */
class OpenWatch {
  readonly options: WatchOptions;
  readonly #events: (WatchEvent | Error | 'end')[] = [];
  #wake = Promise.withResolvers<void>();
  closed = false;

  constructor(options: WatchOptions) {
    this.options = options;
    options.signal?.addEventListener('abort', () => this.#push('end'), { once: true });
  }

  send(type: WatchEvent['type'], object: object): void {
    this.#push({ type, object: object as KubernetesObject });
  }

  fail(error: Error): void {
    this.#push(error);
  }

  end(): void {
    this.#push('end');
  }

  #push(event: WatchEvent | Error | 'end'): void {
    this.#events.push(event);
    this.#wake.resolve();
  }

  async *stream(): AsyncGenerator<WatchEvent> {
    try {
      for (;;) {
        const event = this.#events.shift();
        if (event === 'end') return;
        if (event instanceof Error) throw event;
        if (event === undefined) {
          await this.#wake.promise;
          this.#wake = Promise.withResolvers();
        } else yield event;
      }
    } finally {
      this.closed = true;
    }
  }
}

/** A server that does what the test says; the real one is in test/integration. */
export class ScriptedServer implements Pick<WatchingClient, 'list' | 'watch'> {
  /** What each list answers in turn, the last one for ever. */
  lists: (ListPage<Item> | Error)[] = [];
  listCalls = 0;
  readonly watches: OpenWatch[] = [];
  /** What the next watches fail with. */
  watchFailures: Error[] = [];
  readonly #clock: FakeClock;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  list = async <T>(): Promise<ListPage<T>> => {
    this.listCalls += 1;
    const next = this.lists.length > 1 ? this.lists.shift() : this.lists[0];
    if (next === undefined) throw new Error('no list was scripted');
    if (next instanceof Error) throw next;
    return next as unknown as ListPage<T>;
  };

  watch = (_type: unknown, options: WatchOptions): AsyncIterable<WatchEvent> => {
    const failure = this.watchFailures.shift();
    const watch = new OpenWatch(options);
    if (failure !== undefined) watch.fail(failure);
    else this.watches.push(watch);
    this.#clock.sleep(options.timeoutSeconds * 1000, options.signal).then(
      () => watch.end(),
      () => undefined,
    );
    return watch.stream();
  };

  get open(): OpenWatch {
    const last = this.watches.at(-1);
    if (last === undefined || last.closed) throw new Error('no watch is open');
    return last;
  }
}

export const page = (version: number, ...items: Item[]): ListPage<Item> => ({ items, resourceVersion: String(version) });

/** A reflector on a scripted server, on a clock that the test moves. */
export class ReflectorHarness {
  readonly clock = createFakeClock();
  readonly server = new ScriptedServer(this.clock);
  readonly failures: Failure[] = [];
  readonly relists: string[] = [];
  readonly stop = new AbortController();
  running: Promise<void> | undefined;

  async start(more: Partial<ReflectorOptions<Item>> = {}): Promise<{ reflector: Reflector<Item>; changes: Change<Item>[] }> {
    const reflector = createReflector<Item>({
      client: this.server,
      type: coreResources.ConfigMap,
      clock: this.clock,
      random: createSeededRandom(9),
      onError: (failure) => this.failures.push(failure),
      onRelist: (cause) => this.relists.push(cause),
      ...more,
    });
    const changes: Change<Item>[] = [];
    reflector.subscribe((change) => changes.push(change));
    this.running = reflector.start(this.stop.signal);
    await settle();
    return { reflector, changes };
  }

  /** Stops and answers what was left behind: sleeps, and watches that are open. */
  async finish(): Promise<{ sleeps: number; openWatches: number }> {
    this.stop.abort();
    await this.running;
    await settle();
    return { sleeps: this.clock.waiting().length, openWatches: this.server.watches.filter((watch) => !watch.closed).length };
  }
}

/** Changes as `key old→new`, by their data. */
export function told(changes: Change<Item>[]): string[] {
  return changes.map(({ key, old, new: next }) => `${key} ${old?.data ?? '-'}→${next?.data ?? '-'}`);
}
