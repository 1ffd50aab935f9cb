import { Secret } from '@ferric/core';
import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { extendedInfo } from '../../test/support/tables.js';
import { changePassword, findAccount, readAccounts } from './accounts.js';

const ACCOUNT = '/redfish/v1/AccountService/Accounts/1/';
const resources = {
  '/redfish/v1/AccountService/': fixture('redfish-gen10-dl180/account_service'),
  '/redfish/v1/AccountService/Accounts/': fixture('redfish-gen10-dl180/account_collection'),
  [ACCOUNT]: fixture('redfish-gen10-dl180/account'),
};

test('accounts of Redfish are found by name', async () => {
  await using bench = await staticService(resources);
  expect(await readAccounts(bench.client)).toMatchObject([{ username: 'foo', resource: { path: ACCOUNT } }]);
  expect(await failure(findAccount(bench.client, 'bar'))).toMatchObject({ code: 'NOT_FOUND' });
});

test('a password is changed on condition that the account is as it was, and shown nowhere', async () => {
  await using bench = await staticService(resources);
  await changePassword(bench.client, 'foo', new Secret('new password'));
  expect(bench.changes).toEqual([`PATCH ${ACCOUNT} {"Password":"new password"}`]);
  expect(bench.service.seen.at(-1)?.headers['if-match']).toBe('W/"BA0D308D"');
  await using strict = await staticService(resources, { [`PATCH ${ACCOUNT}`]: { status: 400, body: extendedInfo('iLO.2.14.InvalidPasswordLength', ['new password', '8', '39']) } });
  const error = await failure(changePassword(strict.client, 'foo', 'new password'));
  expect(error).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('the password is too short or too long') as string });
  expect(JSON.stringify(error)).not.toContain('new password');
});

test('accounts of RIS come with their collection; places without a user are left out', async () => {
  const collection = fixture('ris-gen9-bl460c/collections_sample');
  const items = [...(collection['Items'] as object[]), { UserName: '', links: { self: { href: '/rest/v1/AccountService/Accounts/2' } } }];
  await using bench = await staticService(
    {
      '/rest/v1': { links: { AccountService: { href: '/rest/v1/AccountService' }, self: { href: '/rest/v1' } } },
      '/rest/v1/AccountService': { links: { Accounts: { href: '/rest/v1/AccountService/Accounts' } } },
      '/rest/v1/AccountService/Accounts': { ...collection, Items: items as typeof collection[] },
    },
    { 'GET /redfish/v1/': { status: 404 } },
  );
  await changePassword(bench.client, 'Administrator', 'new password');
  expect(bench.changes).toEqual(['PATCH /rest/v1/AccountService/Accounts/1 {"Password":"new password"}']);
  expect(await readAccounts(bench.client)).toHaveLength(1);
});
