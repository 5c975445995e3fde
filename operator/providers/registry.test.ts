import { expect, it } from 'vitest';
import { createProviders, providerByType, providerFragments } from './registry.ts';

it('knows PagerDuty by its type, and nothing by another', () => {
  const providers = createProviders();
  expect(providerByType(providers, 'PagerDuty')?.profileType).toBe('PagerDuty Subscription');
  expect(providerByType(providers, 'pagerduty')).toBeUndefined();
});

it('hands each provider’s own fields to the schemas of the kinds, under keys that do not clash', () => {
  const fragments = providerFragments(createProviders());
  expect(fragments.map(({ type, settingsKey }) => [type, settingsKey])).toEqual([['PagerDuty', 'pagerduty']]);
  expect(new Set(fragments.map((fragment) => fragment.settingsKey)).size).toBe(fragments.length);
});

it('makes providers anew, so that nothing is shared but on purpose', () => {
  expect(createProviders()[0]).not.toBe(createProviders()[0]);
});
