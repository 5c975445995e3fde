import { describe, expect, it } from 'vitest';
import { generateCompany } from '../index.ts';
import { openWrites, makeStaff } from '../testing/write-scene.ts';

const tags = [{ id: 'PTAG001', label: 'license-keep' }, { id: 'PTAG002', label: 'emea' }];

describe('tags', () => {
  it('C14: are listed for the account and for a person, and changed by id or by label', async () => {
    await using pd = await openWrites({}, makeStaff({ tags }));
    expect((await pd.get('/tags?query=KEEP')).body).toMatchObject({ tags: [{ id: 'PTAG001', type: 'tag', label: 'license-keep', summary: 'license-keep' }], more: false });
    const change = async (body: object): Promise<number> => (await pd.send('POST', '/users/PFREE01/change_tags', { body })).status;
    expect(await change({ add: [{ type: 'tag_reference', id: 'PTAG002' }, { type: 'tag', label: 'new' }, { type: 'tag', label: 'license-keep' }] })).toBe(200);
    expect((await pd.get('/users/PFREE01/tags?total=true')).body).toMatchObject({ tags: [{ label: 'license-keep' }, { label: 'emea' }, { label: 'new' }], total: 3 });
    expect(await change({ remove: [{ type: 'tag_reference', id: 'PTAG002' }] })).toBe(200);
    expect((await pd.get('/users/PFREE01/tags')).body).toMatchObject({ tags: [{ label: 'license-keep' }, { label: 'new' }] });
    expect([await change({ add: [{ type: 'tag_reference', id: 'PNONE' }] }), await change({ add: [{ label: 'no type' }] })]).toEqual([400, 400]);
  });

  it('want scopes of their own, and an administrator to change them', async () => {
    await using pd = await openWrites({}, makeStaff({ tags }));
    expect((await pd.get('/users/PFREE01/tags', await pd.bearer('users.read'))).status).toBe(403);
    const answer = await pd.send('POST', '/users/PFREE01/change_tags', { body: { add: [] }, authorization: 'Token token=observer' });
    expect(answer.status).toBe(403);
    expect((await pd.get('/users/PNONE/tags')).status).toBe(404);
  });
});

describe('handoff and status update rules', () => {
  const handoff = (id: string, more: object = {}) => ({ oncall_handoff_notification_rule: { handoff_type: 'oncall', notify_advance_in_minutes: 60, contact_method: { id, type: 'email_contact_method' }, ...more } });
  const status = (id: string) => ({ status_update_notification_rule: { contact_method: { id, type: 'email_contact_method_reference' } } });

  it('D4: can be read and added once, for contact methods that the person has', async () => {
    await using pd = await openWrites();
    const post = async (path: string, body: object): Promise<number> => (await pd.send('POST', `/users/PFREE01/${path}`, { body })).status;
    expect([await post('oncall_handoff_notification_rules', handoff('PFREE01C')), await post('oncall_handoff_notification_rules', handoff('PFREE01C'))]).toEqual([201, 400]);
    expect([await post('oncall_handoff_notification_rules', handoff('PNONE')), await post('oncall_handoff_notification_rules', handoff('PFREE01C', { handoff_type: 'never' }))]).toEqual([400, 400]);
    expect((await pd.get('/users/PFREE01/oncall_handoff_notification_rules')).body).toMatchObject({
      oncall_handoff_notification_rules: [{ handoff_type: 'oncall', notify_advance_in_minutes: 60, contact_method: { id: 'PFREE01C', type: 'email_contact_method_reference' } }],
    });
    expect([await post('status_update_notification_rules', status('PFREE01C')), await post('status_update_notification_rules', status('PFREE01C')), await post('status_update_notification_rules', status('PNONE'))]).toEqual([201, 400, 400]);
    expect((await pd.get('/users/PFREE01/status_update_notification_rules')).body).toMatchObject({ status_update_notification_rules: [{ type: 'status_update_notification_rule', contact_method: { id: 'PFREE01C' } }] });
  });

  it('want users.read to be read and users.write to be added', async () => {
    await using pd = await openWrites();
    const authorization = await pd.bearer('users.read');
    expect((await pd.get('/users/PFREE01/oncall_handoff_notification_rules', authorization)).status).toBe(200);
    expect((await pd.send('POST', '/users/PFREE01/status_update_notification_rules', { body: status('PFREE01C'), authorization })).status).toBe(403);
  });
});

describe('notification subscriptions', () => {
  it('D4: tell of each whether it was made, was there, or may not be', async () => {
    await using pd = await openWrites();
    const subscribe = async (...ids: (readonly [string, string])[]) =>
      await pd.send('POST', '/users/PFREE01/notification_subscriptions', { body: { subscribables: ids.map(([type, id]) => ({ subscribable_type: type, subscribable_id: id })) } });
    const first = await subscribe(['business_service', 'PBIZ1'], ['incident', 'QNONE'], ['business_service', 'PBIZ1']);
    expect(first).toMatchObject({ status: 200, body: { subscriptions: [{ result: 'success' }, { result: 'unauthorized' }, { result: 'duplicate' }] } });
    expect((await subscribe()).status).toBe(400);
    expect((await subscribe(['team', 'PTEAM01'])).status).toBe(400);
    expect((await pd.get('/users/PFREE01/notification_subscriptions')).body).toMatchObject({
      subscriptions: [{ subscription: { subscribable_id: 'PBIZ1', subscribable_type: 'business_service', subscriber_id: 'PFREE01', subscriber_type: 'user' } }],
      more: false,
      total: 1,
    });
    expect((await pd.get('/users/PFREE01/notification_subscriptions', await pd.bearer('users.read'))).status).toBe(403);
  });
});

describe('one contact method', () => {
  it('can be read and changed, but not into another kind', async () => {
    await using pd = await openWrites();
    const place = '/users/PFREE01/contact_methods/PFREE01C';
    const change = async (patch: object): Promise<number> =>
      (await pd.send('PUT', place, { body: { contact_method: { type: 'email_contact_method', label: 'Work', address: 'pfree01@example.com', ...patch } } })).status;
    expect([await change({}), await change({ type: 'sms_contact_method' })]).toEqual([200, 400]);
    expect((await pd.get(place)).body).toMatchObject({ contact_method: { id: 'PFREE01C', label: 'Work', type: 'email_contact_method' } });
    expect((await pd.get('/users/PFREE01/contact_methods/PNONE')).status).toBe(404);
  });
});

describe('journal and company', () => {
  it('guard 4: counts writes by person and outcome, tags and teams among them', async () => {
    await using pd = await openWrites({}, makeStaff({ tags }));
    await pd.send('POST', '/users/PFREE01/change_tags', { body: { add: [] } });
    await pd.send('PUT', '/teams/PTEAM01/users/PFREE01', { body: { role: 'observer' } });
    await pd.send('POST', '/users/PFREE01/contact_methods', { body: {} });
    await pd.remove('PTARGET');
    const { journal } = pd.simulator;
    expect(journal.writes({ person: 'PFREE01' }).map(({ method, outcome }) => `${method} ${outcome}`)).toEqual(['POST done', 'PUT done', 'POST refused']);
    expect(journal.writes({ person: 'PFREE01', outcome: 'done' })).toHaveLength(2);
    expect(journal.writes({ method: 'DELETE' })).toMatchObject([{ person: 'PTARGET', outcome: 'refused' }]);
    expect(journal.writes()).toHaveLength(4);
  });

  it('gives some people tags, contact methods, rules and subscriptions, the same for the same seed', () => {
    const company = generateCompany({ seed: 7, users: 300 });
    const having = (has: (user: (typeof company.users)[number]) => unknown): number => company.users.filter((user) => has(user) !== undefined).length;
    for (const count of [having((user) => user.tagIds), having((user) => user.contactMethods), having((user) => user.notificationRules), having((user) => user.handoffRules), having((user) => user.statusUpdateRules), having((user) => user.subscriptions)]) {
      expect(count).toBeGreaterThan(20);
      expect(count).toBeLessThan(290);
    }
    expect(generateCompany({ seed: 7, users: 300 })).toEqual(company);
    expect(company.tags?.map(({ label }) => label)).toContain('license-keep');
  });
});
