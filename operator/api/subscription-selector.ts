import { z } from 'zod';

const names = (description: string, length = 253) =>
  z
    .array(z.string().min(1).max(length))
    .min(1)
    .max(50)
    .optional()
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe(description);

const fields = {
  teams: names('Names of teams; a person of any of them matches.'),
  roles: names('Roles at the vendor, such as `observer`.', 64),
  jobTitles: names('Job titles, compared exactly.'),
};

/** People by what the downloaded subscription says of them. All lists that are set must match; in a list, one must. */
export const subscriptionSelector = z.object(fields).meta({
  'x-kubernetes-validations': [
    { rule: 'has(self.teams) || has(self.roles) || has(self.jobTitles)', message: 'at least one of teams, roles, jobTitles must be set' },
  ],
});
export type SubscriptionSelector = z.infer<typeof subscriptionSelector>;

/** What keeps a person out of reclamation: any list that matches protects (C14, guard 2). */
export const protection = z.object({
  ...fields,
  tags: z
    .array(z.string().min(1).max(191))
    .max(50)
    .default(['license-keep'])
    .meta({ 'x-kubernetes-list-type': 'set' })
    .describe('Tags at the vendor; a person who bears one of them is protected (C14).'),
});
