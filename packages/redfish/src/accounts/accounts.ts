import { type CallOptions, FerricError, Secret } from '@ferric/core';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { within, withinChange } from '../client/within.js';
import { requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

export interface Account {
  readonly resource: Resource;
  readonly username: string;
  readonly role: string | undefined;
  readonly enabled: boolean | undefined;
  readonly locked: boolean | undefined;
}

/** All accounts of the controller; places without a user are left out. @throws UNSUPPORTED when the service does not show them */
export async function readAccounts(client: RedfishClient, options?: CallOptions): Promise<readonly Account[]> {
  return within(client, options, 'accounts', async (call) => {
    const service = await client.read(requireLink(await client.root(call), 'AccountService'), call);
    const accounts = await readMembers(client, requireLink(service, 'Accounts'), call);
    return accounts.flatMap((resource) => {
      const fields = reader(resource.body, resource.path);
      const username = fields.text('UserName');
      if (username === undefined) return [];
      return [{ resource, username, role: fields.text('RoleId'), enabled: fields.boolean('Enabled'), locked: fields.boolean('Locked') }];
    });
  });
}

/** @throws NOT_FOUND when there is no such user */
export async function findAccount(client: RedfishClient, username: string, options?: CallOptions): Promise<Account> {
  const found = (await readAccounts(client, options)).find((account) => account.username === username);
  if (found !== undefined) return found;
  throw new FerricError('NOT_FOUND', `The controller at ${client.address} has no account of this name`, { details: { address: client.address, username } });
}

/**
 * Changes the password of a user. When it is the one of the client itself, make a new client with the new one: sessions that are open may end.
 * @throws REFUSED in the words of the controller, such as for a password that is too short; no error shows either password
 */
export async function changePassword(client: RedfishClient, username: string, password: Secret | string, options?: CallOptions): Promise<RedfishReply> {
  return withinChange(client, options, 'the password', async (call) => {
    const { resource } = await findAccount(client, username, call);
    return client.change(resource, { Password: Secret.from(password) }, call);
  });
}
