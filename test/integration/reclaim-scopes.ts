/** Scopes that reclaiming, its guards and its undoing need, besides those of the everyday alias. */
export const reclaimScopes = [
  'users.read', 'licenses.read', 'oncalls.read', 'teams.read', 'schedules.read', 'escalation_policies.read', 'incidents.read', 'audit_records.read', 'tags.read', 'subscribers.read', 'users:contact_methods.read',
  'users.write', 'teams.write', 'tags.write', 'subscribers.write', 'users:contact_methods.write',
];
