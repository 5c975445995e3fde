import type { ProviderFragment } from '../api/kind.ts';
import { createPagerDutyProvider } from './pagerduty/index.ts';
import type { Provider } from './provider.ts';

/** Every provider of the product, one line each (design section 2). Make them once for a process. */
export function createProviders(): Provider[] {
  return [createPagerDutyProvider()];
}

/** The provider of a `spec.type`; undefined when there is none. */
export function providerByType(providers: readonly Provider[], type: string): Provider | undefined {
  return providers.find((provider) => provider.type === type);
}

/** What the providers add to the schemas of the kinds. */
export function providerFragments(providers: readonly Provider[]): ProviderFragment[] {
  return providers.map((provider) => provider.fragment);
}
