import type { Call, Route } from '../http/call.ts';
import type { Reply } from '../http/replies.ts';
import { apiError, json, missingAbility, noContent, notFound } from '../http/replies.ts';

const common = { method: 'GET', scope: 'abilities.read' } as const;

export const abilityRoutes: readonly Route[] = [
  { ...common, pattern: '/abilities', handle: (call) => json({ abilities: call.account.company.abilities }) },
  { ...common, pattern: '/abilities/{id}', handle: testAbility },
];

/** 204 yes, 402 no, 404 unknown name (facts 3.6). */
function testAbility(call: Call): Reply {
  const { abilities, missingAbilities } = call.account.company;
  const name = call.params['id'] ?? '';
  if (abilities.includes(name)) return noContent();
  return apiError(missingAbilities.includes(name) ? missingAbility() : notFound);
}
