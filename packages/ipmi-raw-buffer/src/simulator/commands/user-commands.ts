import { Secret } from '@ferric/core';
import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { emptyUser, MOST_USERS, passwordBytes, type StoredUser } from '../records/users.js';
import { byteAt } from '../wire/bytes.js';
import { sameBytes } from '../wire/protection.js';
import { type BmcState, channelOf, LAN_CHANNEL } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x06;
const NAME_LENGTH = 16;
/** Messages and link authentication are on, callbacks are allowed. */
const MESSAGING = 0x10;
const PASSWORD_WRONG = 0x80;
const PASSWORD_WRONG_LENGTH = 0x81;

type UserCommand = (user: StoredUser, bmc: BmcState, data: Uint8Array) => ControllerReply;

/** Finds the user that a byte of the request names. */
function withUser(at: number, run: UserCommand): CommandDefinition['handle'] {
  return ({ data }, { bmc }) => {
    const id = byteAt(data, at) & 0x3f;
    if (id === 0 || id > MOST_USERS) return decline(CODE.outOfRange);
    return run(bmc.users.get(id), bmc, data);
  };
}

/** Source: IPMI 1.5, table 18-28. */
const getAccess: UserCommand = (user, { users }, data) => {
  if (channelOf(byteAt(data, 0)) !== LAN_CHANNEL) return decline(CODE.invalidField);
  const enabled = user.enabled ? 0x40 : 0x80;
  const access = user.privilege === emptyUser(0).privilege ? user.privilege : MESSAGING | user.privilege;
  return accept(MOST_USERS, users.enabledCount | enabled, 1, access);
};

/** Source: IPMI 1.5, table 18-27. */
const setAccess: UserCommand = (user, { users }, data) => {
  users.put({ ...user, privilege: byteAt(data, 2) & 0x0f });
  return accept();
};

const getName: UserCommand = (user) => {
  const name = Buffer.alloc(NAME_LENGTH);
  name.write(user.name, 'utf8');
  return accept(...name);
};

const setName: UserCommand = (user, { users }, data) => {
  // The first user has no name for ever. Source: IPMI 1.5, section 18.28.
  if (user.id === 1) return decline(CODE.invalidField);
  users.put({ ...user, name: Buffer.from(data.subarray(1, 1 + NAME_LENGTH)).toString('utf8').replace(/\0.*$/s, '') });
  return accept();
};

/** Operations: 0 disable, 1 enable, 2 set, 3 test. Source: IPMI 1.5, table 18-30; bit 7 of the id: 20 bytes, IPMI 2.0. */
const password: UserCommand = (user, { users }, data) => {
  const operation = byteAt(data, 1) & 0x03;
  const length = (byteAt(data, 0) & 0x80) === 0 ? 16 : 20;
  if (operation <= 1) {
    users.put({ ...user, enabled: operation === 1 });
    return accept();
  }
  const given = Buffer.from(data.subarray(2, 2 + length));
  if (given.length < length) return decline(CODE.lengthInvalid);
  if (operation === 2) {
    users.put({ ...user, password: new Secret(given.toString('utf8').replace(/\0+$/, '')) });
    return accept();
  }
  // A password longer than the test can carry was stored with the other length.
  if (length === 16 && passwordBytes(user, 20).subarray(16).some((byte) => byte !== 0)) return decline(PASSWORD_WRONG_LENGTH);
  return sameBytes(given, passwordBytes(user, length)) ? accept() : decline(PASSWORD_WRONG);
};

export const USER_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x43, privilege: 'administrator', least: 3, handle: withUser(1, setAccess) },
  { netFn: NETFN, command: 0x44, privilege: 'operator', least: 2, handle: withUser(1, getAccess) },
  { netFn: NETFN, command: 0x45, privilege: 'administrator', least: 17, handle: withUser(0, setName) },
  { netFn: NETFN, command: 0x46, privilege: 'operator', least: 1, handle: withUser(0, getName) },
  { netFn: NETFN, command: 0x47, privilege: 'administrator', least: 2, secret: true, handle: withUser(0, password) },
];
