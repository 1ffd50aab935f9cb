import { Secret } from '@ferric/core';
import type { VirtualUser } from '../options.js';
import { PRIVILEGE } from '../options.js';

/** One place in the table of users. */
export interface StoredUser {
  readonly id: number;
  readonly name: string;
  readonly password: Secret;
  /** 1..5. */
  readonly privilege: number;
  readonly enabled: boolean;
}

export const MOST_USERS = 10;
export const LONGEST_NAME = 16;
export const LONGEST_PASSWORD = 20;
const NO_ACCESS = 0x0f;

/** The users of one BMC: id 1 is the null user, disabled unless one with an empty name was given. */
export function storeUsers(users: readonly VirtualUser[]): readonly StoredUser[] {
  const nobody = users.find(({ name }) => name === '');
  const named = users.filter(({ name }) => name !== '');
  return [nobody === undefined ? emptyUser(1) : storeUser(nobody, 1), ...named.map((user, index) => storeUser(user, index + 2))];
}

function storeUser({ name, password, privilegeLevel = 'administrator', enabled = true }: VirtualUser, id: number): StoredUser {
  return { id, name, password: Secret.from(password), privilege: PRIVILEGE[privilegeLevel], enabled };
}

/** A place nobody has. */
export function emptyUser(id: number): StoredUser {
  return { id, name: '', password: new Secret(''), privilege: NO_ACCESS, enabled: false };
}

/** At most this many bytes of a password, filled with 00: what IPMI computes with. */
export function passwordBytes({ password }: StoredUser, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.write(password.reveal(), 'utf8');
  return bytes;
}

/** The users of one BMC, which commands may change. */
export class UserTable {
  #users: readonly StoredUser[];

  constructor(users: readonly StoredUser[]) {
    this.#users = users;
  }

  get all(): readonly StoredUser[] {
    return this.#users;
  }

  get enabledCount(): number {
    return this.#users.filter(({ enabled }) => enabled).length;
  }

  get(id: number): StoredUser {
    return this.#users.find((user) => user.id === id) ?? emptyUser(id);
  }

  put(user: StoredUser): void {
    this.#users = [...this.#users.filter(({ id }) => id !== user.id), user].toSorted((left, right) => left.id - right.id);
  }

  /**
   * Whom a console means. By name and level the level decides among users of one name; where none has just this one,
   * any that may have it does. Source: IPMI 2.0, section 13.20, byte 25.
   */
  find(name: string, privilege: number, byNameOnly: boolean): StoredUser | undefined {
    const named = this.#users.filter((user) => user.enabled && user.name === name);
    if (byNameOnly) return named[0];
    return named.find((user) => user.privilege === privilege) ?? named.find((user) => user.privilege >= privilege) ?? named[0];
  }
}
