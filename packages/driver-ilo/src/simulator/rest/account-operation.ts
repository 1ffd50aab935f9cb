import type { JsonObject } from '@ferric/core';
import { type Account, type Privilege, PRIVILEGES } from '../machine/accounts.js';
import { refuse } from '../outcome.js';
import { asObject, asText, type RestAnswer, type RestContext } from './resource.js';

// Source: HPE iLO RESTful API, ManagerAccount; HPE ilorest, IloAccountsCommand.py.

/** What a user may do, and what not. */
export const showPrivileges = ({ privileges }: Account): JsonObject => Object.fromEntries(PRIVILEGES.map((privilege) => [privilege, privileges.has(privilege)]));

/** The vendor's part of an account that a client sent. */
const vendorPart = (body: JsonObject): JsonObject => asObject(asObject(body['Oem'])['Hpe'] ?? asObject(body['Oem'])['Hp']);

/** The privileges as a client wants them: those that it names, and the others as they were. */
function wantedPrivileges(body: JsonObject, before: ReadonlySet<Privilege>): ReadonlySet<Privilege> {
  const named = asObject(vendorPart(body)['Privileges']);
  return new Set(PRIVILEGES.filter((privilege) => (named[privilege] === undefined ? before.has(privilege) : named[privilege] === true)));
}

/** Adds a user; who is given no privileges may log in, with iLO 4 not even that. @param accounts path of all users */
export function addAccount(context: RestContext, body: JsonObject, accounts: string): RestAnswer {
  const { machine, caller } = context;
  const [login, password] = [asText(body['UserName']), asText(body['Password'])];
  if (login === undefined) return refuse('missing property', 'UserName');
  if (password === undefined) return refuse('missing property', 'Password');
  const least: readonly Privilege[] = machine.identity.facts.iloNumber === 4 ? [] : ['LoginPriv'];
  const outcome = caller.perform('add account', () =>
    machine.accounts.add({ login, name: asText(vendorPart(body)['LoginName']) ?? login, password, privileges: wantedPrivileges(body, new Set(least)) }),
  );
  const added = machine.accounts.withLogin(login);
  if (outcome !== undefined || added === undefined) return outcome;
  return { status: 201, headers: { Location: `${context.origin}${context.href(`${accounts}/${added.id}`)}` }, messages: [{ registry: 'Base', key: 'Created' }] };
}

/** Changes a user's password, names or privileges. Everybody may change the own password. */
export function changeAccount({ machine, caller }: RestContext, body: JsonObject, account: Account): RestAnswer {
  const password = asText(body['Password']);
  if (password !== undefined) return caller.perform('change password', () => machine.accounts.changePassword(account, password), account === caller.account);
  return caller.perform('change account', () => {
    account.name = asText(vendorPart(body)['LoginName']) ?? account.name;
    account.privileges = wantedPrivileges(body, account.privileges);
    return undefined;
  });
}

export const removeAccount = ({ machine, caller }: RestContext, account: Account): RestAnswer =>
  caller.perform('remove account', () => {
    machine.accounts.remove(account);
    return undefined;
  });

/** Does something to the user with this number, if there is one. */
export function withAccount({ machine }: RestContext, id: string, work: (account: Account) => RestAnswer): RestAnswer {
  const account = machine.accounts.withId(id);
  return account === undefined ? refuse('not there', id) : work(account);
}
