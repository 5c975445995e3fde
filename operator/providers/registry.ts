import type { ProviderFragment } from '../api/kind.ts';
import { createPagerDutyProvider } from './pagerduty/index.ts';
import type { Provider } from './provider.ts';

export interface ProviderOptions {
  /** Let aliases name endpoints of their own, to which credentials are then sent: for tests and demos. */
  readonly allowCustomEndpoints?: boolean;
}

/** Every provider of the product, one line each (design section 2). Make them once for a process. */
export function createProviders(options: ProviderOptions = {}): Provider[] {
  return [createPagerDutyProvider({ refuseCustomEndpoints: options.allowCustomEndpoints !== true })];
}

/** The provider of a `spec.type`; undefined when there is none. */
export function providerByType(providers: readonly Provider[], type: string): Provider | undefined {
  return providers.find((provider) => provider.type === type);
}

/** What the providers add to the schemas of the kinds. */
export function providerFragments(providers: readonly Provider[]): ProviderFragment[] {
  return providers.map((provider) => provider.fragment);
}
