import { describe, expect, it } from 'vitest';
import { retryable, terminal } from '../../api/errors.ts';
import { createPagedClient, pageOf, type PageHandler } from '../../../test/support/offset-pages.ts';
import { catchFailure, collect, createSession } from '../../../test/support/provider-session.ts';
import type { DownloadPage, DownloadedSubscription } from '../provider.ts';
import { describeSubscription, downloadPages } from './download.ts';

const full = { id: 'LFULL', name: 'Business (Full User)', role_group: 'FullUser', valid_roles: ['user'] };
const stakeholder = { id: 'LSTAKE', name: 'Business (Stakeholder)', role_group: 'Stakeholder', valid_roles: ['read_only_user'] };
const licenses = [
  { ...full, current_value: 2, allocations_available: 8 },
  { ...stakeholder, current_value: 1, allocations_available: null },
];
const users = [
  { id: 'P1', name: 'Ann', email: 'ann@example.com', role: 'admin', job_title: 'Engineer', invitation_sent: false, teams: [{ summary: 'Ops' }, { name: 'Billing', summary: 'x' }, { summary: null }] },
  { id: 'P2', name: 'Bob', email: 'bob@example.com', role: 'read_only_user', job_title: null, invitation_sent: true },
  { id: 'P3', name: 'Cid', email: 'cid@example.com', role: 'galactic_overlord', job_title: '' },
];
const allocate = (id: string, license: object, at: string | null = '2021-06-01T00:00:00-05:00') => ({ user: { id, type: 'user_reference' }, license, allocated_at: at });
const allocations = [allocate('P1', full), allocate('P2', stakeholder, null)];

function setUp(routes: Record<string, PageHandler> = {}, scopes: string[] | undefined = ['users.read', 'licenses.read']) {
  const client = createPagedClient(createSession({ settings: { subdomain: 'acme' }, scopes }), {
    '/users': (query) => pageOf('users', users, query),
    '/licenses': () => ({ licenses }),
    '/license_allocations': (query) => pageOf('license_allocations', allocations, query, true),
    ...routes,
  });
  return { client, download: () => collect(downloadPages(client)), asked: () => client.journal.map((request) => request.route) };
}

const subscriptionsOf = (pages: DownloadPage[]): DownloadedSubscription[] => pages.flatMap((page) => (page.kind === 'Subscriptions' ? page.subscriptions : []));
const licenseDataOf = (pages: DownloadPage[]) => pages.find((page) => page.kind === 'LicenseData');

describe('download of subscriptions', () => {
  it('C28, C20: hands out licences with their seats first', async () => {
    const { download, asked } = setUp();
    const pages = await download();
    expect(pages.map((page) => page.kind)).toEqual(['LicenseData', 'Licenses', 'Subscriptions']);
    expect(pages[0]).toMatchObject({ available: true });
    expect(pages[1]).toEqual({
      kind: 'Licenses',
      licenses: [
        { identifier: 'LFULL', name: 'Business (Full User)', roleGroup: 'FullUser', assigned: 2, available: 8, validRoles: ['user'] },
        { identifier: 'LSTAKE', name: 'Business (Stakeholder)', roleGroup: 'Stakeholder', assigned: 1, available: null, validRoles: ['read_only_user'] },
      ],
    });
    expect(asked()).toEqual(['/licenses', '/license_allocations', '/users']);
  });

  it('joins people with their licences', async () => {
    expect(subscriptionsOf(await setUp().download())).toEqual([
      {
        externalUserId: 'P1',
        displayName: 'Ann',
        userPrincipalName: 'ann@example.com',
        role: 'admin',
        roleGroup: 'FullUser',
        jobTitle: 'Engineer',
        teams: ['Billing', 'Ops'],
        invitationPending: false,
        license: { identifier: 'LFULL', name: 'Business (Full User)' },
        assignedAt: '2021-06-01T05:00:00.000Z',
      },
      {
        externalUserId: 'P2',
        displayName: 'Bob',
        userPrincipalName: 'bob@example.com',
        role: 'read_only_user',
        roleGroup: 'Stakeholder',
        teams: [],
        invitationPending: true,
        license: { identifier: 'LSTAKE', name: 'Business (Stakeholder)' },
      },
      { externalUserId: 'P3', displayName: 'Cid', userPrincipalName: 'cid@example.com', role: 'galactic_overlord', roleGroup: 'Unknown', teams: [], invitationPending: false },
    ]);
  });

  it('C17: an outstanding invitation shows', async () => {
    expect(subscriptionsOf(await setUp().download()).find((person) => person.externalUserId === 'P2')?.invitationPending).toBe(true);
  });

  it('lets the licence tell the group of a role that is new to us', () => {
    const person = { id: 'P9', name: 'N', email: 'n@example.com', role: 'new_role' };
    const license = { identifier: 'L', name: 'L', roleGroup: 'FullUser' } as const;
    expect(describeSubscription(person, { license, assignedAt: undefined, at: 0 }).roleGroup).toBe('FullUser');
    expect(describeSubscription({ ...person, role: 'read_only_user' }, { license, assignedAt: undefined, at: 0 }).roleGroup).toBe('Stakeholder');
  });

  it('shows somebody with two licences by the one assigned last', async () => {
    const { download } = setUp({
      '/license_allocations': (query) =>
        pageOf('license_allocations', [allocate('P1', stakeholder, '2024-01-01T00:00:00Z'), allocate('P1', full, '2022-01-01T00:00:00Z')], query),
    });
    expect(subscriptionsOf(await download())[0]?.license?.identifier).toBe('LSTAKE');
  });
});

describe('licences that cannot be read (T6)', () => {
  const fail = (error: Error): PageHandler => () => {
    throw error;
  };

  it('are not even asked for when the token says that it may not', async () => {
    const { download, asked } = setUp({}, ['users.read']);
    const pages = await download();
    expect(asked()).toEqual(['/users']);
    expect(licenseDataOf(pages)).toEqual({
      kind: 'LicenseData',
      available: false,
      reason: 'ScopeMissing',
      message: 'The token lacks the scope licenses.read; subscriptions are identified by role group instead.',
    });
    expect(subscriptionsOf(pages).map((person) => person.license)).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['AccessDenied', 'AccessDenied'],
    ['ScopeMissing', 'ScopeMissing'],
    ['PlanLacksFeature', 'PlanLacksFeature'],
    ['NotFound', 'NotFound'],
  ])('by %s do not hold up the download', async (failure, reason) => {
    const pages = await setUp({ '/licenses': fail(terminal(failure, 'x')) }).download();
    expect(licenseDataOf(pages)).toMatchObject({ available: false, reason });
    expect(subscriptionsOf(pages).length).toBe(3);
  });

  it('still show their seats when only the allocations are forbidden (tf#770)', async () => {
    const pages = await setUp({ '/license_allocations': fail(terminal('AccessDenied', 'x')) }).download();
    expect(pages.map((page) => page.kind)).toEqual(['LicenseData', 'Licenses', 'Subscriptions']);
    expect(licenseDataOf(pages)).toMatchObject({ available: false, reason: 'AccessDenied' });
  });

  it.each([
    ['a fault', retryable('VendorUnavailable', 'x')],
    ['a rejected token', retryable('TokenRejected', 'x')],
  ])('by %s fail the download: absence is never guessed', async (_, error) => {
    const { download, asked } = setUp({ '/license_allocations': fail(error) });
    expect((await catchFailure(download())).failure).toBe(error.failure);
    expect(asked()).not.toContain('/users');
  });

  it('over 10,000 are not paged to find out, when the seats in use tell', async () => {
    const { download, asked } = setUp({ '/licenses': () => ({ licenses: [{ ...full, current_value: 10_001, allocations_available: null }] }) });
    const pages = await download();
    expect(licenseDataOf(pages)).toMatchObject({ available: false, reason: 'TooManyAllocations' });
    expect(asked()).toEqual(['/licenses', '/users']);
  });

  it('over 10,000 by the total of the first page cost one request', async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => allocate(`U${index}`, full));
    const { download, asked } = setUp({ '/license_allocations': (query) => pageOf('license_allocations', many, query, true) });
    expect(licenseDataOf(await download())).toMatchObject({ available: false, reason: 'TooManyAllocations' });
    expect(asked()).toEqual(['/licenses', '/license_allocations', '/users']);
  });
});

describe('allocations that do not add up (guard 6)', () => {
  const short: PageHandler = (query) => ({ ...pageOf('license_allocations', allocations, query), total: 9 });

  it('fail the download when somebody has none while PagerDuty’s count says that some are missing', async () => {
    expect((await catchFailure(setUp({ '/license_allocations': short }).download())).failure).toMatchObject({ kind: 'Retryable', reason: 'InconsistentPull' });
  });

  it('do not matter when everybody has one: the join is the proof', async () => {
    const { download } = setUp({ '/license_allocations': short, '/users': (query) => pageOf('users', users.slice(0, 2), query) });
    expect(subscriptionsOf(await download()).length).toBe(2);
  });

  it('accept null for the total', async () => {
    const { download } = setUp({ '/license_allocations': (query) => pageOf('license_allocations', allocations, query) });
    expect(licenseDataOf(await download())).toMatchObject({ available: true });
  });
});
