import { expect, it } from 'vitest';
import { aProfile } from '../../../test/support/builders.ts';
import { aSubscription } from '../../../test/support/position-builders.ts';
import { aCandidate } from '../../../test/support/rule-builders.ts';
import type { SoftwareSubscription } from '../../api/software-subscription.ts';
import { recogniseAccount, type Place } from './account-witness.ts';
import type { Pass } from './settle.ts';

const profile = aProfile();
const owned = (id: string): SoftwareSubscription => {
  const one = aSubscription({ spec: { externalUserId: id } });
  return { ...one, metadata: { ...one.metadata, ownerReferences: [{ apiVersion: '', kind: 'IntegrationProfile', name: 'pagerduty', uid: profile.metadata.uid ?? '' }] } };
};
const strange = (id: string): SoftwareSubscription => ({ ...owned(id), metadata: { name: id, ownerReferences: [] } });
const subject = aCandidate().spec.subject.externalUserId;

async function recognise(pages: SoftwareSubscription[][], known: readonly string[]) {
  const asked: string[] = [];
  const look = async (id: string) => {
    asked.push(id);
    return known.includes(id) ? { externalUserId: id } : 'Gone';
  };
  async function* list() {
    yield* pages;
  }
  const client = { get: async () => owned(subject), pages: list };
  const pass = { dependencies: { client }, signal: new AbortController().signal } as unknown as Pass;
  const answer = await recogniseAccount(aCandidate(), { opened: { provider: { reclaim: { look } }, session: {} } as unknown as Place['opened'], profile }, pass);
  return { answer, asked };
}

it.each<[string, SoftwareSubscription[][], string[], { answer: string; asked: string[] }]>([
  ['somebody else of the account is known', [[owned(subject), owned('A')]], ['A'], { answer: 'Ours', asked: ['A'] }],
  ['the first two have left', [[owned('A'), owned('B'), owned('C')]], ['C'], { answer: 'Ours', asked: ['A', 'B', 'C'] }],
  ['the first page has nobody of the profile', [[strange('X')], [owned('A')]], ['A', 'X'], { answer: 'Ours', asked: ['A'] }],
  ['nobody is known', [[owned('A'), owned('B'), owned('C'), owned('D')]], ['D'], { answer: 'Unknown', asked: ['A', 'B', 'C'] }],
  ['there is nobody else', [[owned(subject)]], [subject], { answer: 'Unknown', asked: [] }],
])('guard 6: whose token it is, when %s', async (_what, pages, known, expected) => {
  expect(await recognise(pages, known)).toEqual(expected);
});
