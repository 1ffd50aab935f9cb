import type { OptionIssue, Secret } from '@ferric/core';
import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { attributeOf, childrenOf, isYes, type RibclElement } from '../wire/element.js';
import { required } from './facts.js';
import { checkInputs, secretIssue, textIssue, yesOrNo } from './inputs.js';

/** What a user may do; by the word that RIBCL has for it. */
const PRIVILEGES = {
  administerUsers: 'ADMIN_PRIV',
  remoteConsole: 'REMOTE_CONS_PRIV',
  resetServer: 'RESET_SERVER_PRIV',
  virtualMedia: 'VIRTUAL_MEDIA_PRIV',
  configureController: 'CONFIG_ILO_PRIV',
} as const;
export type RibclPrivilege = keyof typeof PRIVILEGES;

/** A user of the controller. */
export interface RibclUser {
  readonly login: string;
  /** The name for people. */
  readonly name: string;
  readonly privileges: Readonly<Record<RibclPrivilege, boolean>>;
}

/** What is to be changed of a user. */
export interface RibclUserChanges {
  readonly login?: string;
  readonly name?: string;
  /** Sent as it is, so it must not hold a double quotation mark. */
  readonly password?: Secret;
  readonly privileges?: Partial<Readonly<Record<RibclPrivilege, boolean>>>;
}

/** Characters. Source: HP iLO 3 Scripting and Command Line Guide, MOD_USER. */
const LONGEST_TEXT = 39;

/** One user; NOT_FOUND when there is none with this login. Source: HPE iLO 4 Scripting and Command Line Guide, GET_USER. */
export function readUser(login: string): RibclCommand<RibclUser> {
  checkInputs('User', [textIssue('login', login, LONGEST_TEXT)]);
  return readCommand('GET_USER', { group: 'USER_INFO', attributes: { USER_LOGIN: login }, namesUser: true }, toUser);
}

/** The logins of all users. Source: same guide, GET_ALL_USERS. */
export function readUserLogins(): RibclCommand<readonly string[]> {
  return readCommand('GET_ALL_USERS', { group: 'USER_INFO' }, (payload) =>
    // Free places are listed as empty logins.
    childrenOf(payload, 'USER_LOGIN').map((child) => attributeOf(child, 'VALUE') ?? '').filter((login) => login !== ''));
}

/** All users. Source: same guide, GET_ALL_USER_INFO. */
export function readUsers(): RibclCommand<readonly RibclUser[]> {
  return readCommand('GET_ALL_USER_INFO', { group: 'USER_INFO' }, (payload) =>
    childrenOf(payload, 'GET_USER').filter((child) => attributeOf(child, 'USER_LOGIN') !== '').map(toUser));
}

/**
 * Changes a user, for instance its password. A client that logs in as this user needs the new password from then on. NOT_FOUND when there is
 * no such user. Source: same guide, MOD_USER.
 * @param isOwn it is the user that logs in: a controller that does not know it has refused the login, AUTH_FAILED. Default false
 * @throws INVALID_OPTIONS for no change at all, for texts longer than 39 characters, for a password with a double quotation mark.
 */
export function changeUser(login: string, changes: RibclUserChanges, isOwn = false): RibclCommand<RibclAcknowledgement> {
  const children = [
    ...(changes.name === undefined ? [] : [{ name: 'USER_NAME', attributes: { VALUE: changes.name } }]),
    ...(changes.login === undefined ? [] : [{ name: 'USER_LOGIN', attributes: { VALUE: changes.login } }]),
    ...(changes.password === undefined ? [] : [{ name: 'PASSWORD', attributes: { VALUE: changes.password } }]),
    ...privilegesOf(changes).map(([privilege, value]) => ({ name: PRIVILEGES[privilege], attributes: { VALUE: yesOrNo(value) } })),
  ];
  checkInputs('User', [
    textIssue('login', login, LONGEST_TEXT),
    ...changeIssues(changes),
    children.length > 0 ? undefined : { field: 'changes', problem: 'missing', expected: 'a name, login, password or privileges' },
  ]);
  return writeCommand('MOD_USER', { group: 'USER_INFO', attributes: { USER_LOGIN: login }, children, namesUser: !isOwn });
}

function changeIssues({ name, login, password }: RibclUserChanges): readonly (OptionIssue | undefined)[] {
  return [
    name === undefined ? undefined : textIssue('name', name, LONGEST_TEXT),
    login === undefined ? undefined : textIssue('changes.login', login, LONGEST_TEXT),
    password === undefined ? undefined : secretIssue('password', password, LONGEST_TEXT),
  ];
}

function privilegesOf({ privileges = {} }: RibclUserChanges): readonly (readonly [RibclPrivilege, boolean])[] {
  return (Object.keys(PRIVILEGES) as RibclPrivilege[]).flatMap((privilege) => {
    const value = privileges[privilege];
    return value === undefined ? [] : [[privilege, value] as const];
  });
}

function toUser(element: RibclElement): RibclUser {
  const may = (privilege: RibclPrivilege): boolean => isYes(attributeOf(element, PRIVILEGES[privilege]));
  return {
    login: required(attributeOf(element, 'USER_LOGIN'), 'the login', element),
    name: attributeOf(element, 'USER_NAME') ?? '',
    privileges: {
      administerUsers: may('administerUsers'),
      remoteConsole: may('remoteConsole'),
      resetServer: may('resetServer'),
      virtualMedia: may('virtualMedia'),
      configureController: may('configureController'),
    },
  };
}
