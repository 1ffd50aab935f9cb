import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { byteAt } from '../wire/bytes.js';
import { channelOf, LAN_CHANNEL } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';
import { LAN_PARAMETER, type LanParameters } from './lan-parameters.js';

const NETFN = 0x0c;
const REVISION = 0x11;
const REVISION_ONLY = 0x80;
const NOT_SUPPORTED = 0x80;
const ALREADY_IN_PROGRESS = 0x81;
const READ_ONLY = 0x82;

/** Source: IPMI 1.5, table 19-3. */
function get(lan: LanParameters, data: Uint8Array): ControllerReply {
  if (channelOf(byteAt(data, 0)) !== LAN_CHANNEL) return decline(CODE.invalidField);
  if ((byteAt(data, 0) & REVISION_ONLY) !== 0) return accept(REVISION);
  const value = lan.read(byteAt(data, 1));
  return value === undefined ? decline(NOT_SUPPORTED) : accept(REVISION, ...value);
}

/** Source: IPMI 1.5, table 19-2. */
function set(lan: LanParameters, data: Uint8Array): ControllerReply {
  if (channelOf(byteAt(data, 0)) !== LAN_CHANNEL) return decline(CODE.invalidField);
  const parameter = byteAt(data, 1);
  const value = data.subarray(2);
  const before = lan.read(parameter);
  if (before === undefined) return decline(NOT_SUPPORTED);
  if (lan.isReadOnly(parameter)) return decline(READ_ONLY);
  if (value.length < before.length) return decline(CODE.lengthInvalid);
  if (parameter === LAN_PARAMETER.setInProgress) {
    if (byteAt(value, 0) === 1 && byteAt(before, 0) === 1) return decline(ALREADY_IN_PROGRESS);
    // A commit ends the setting too.
    lan.write(parameter, Uint8Array.of(byteAt(value, 0) === 1 ? 1 : 0));
  } else {
    lan.write(parameter, value.subarray(0, before.length));
  }
  return accept();
}

export const LAN_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x01, privilege: 'administrator', least: 3, handle: ({ data }, { bmc }) => set(bmc.lan, data) },
  { netFn: NETFN, command: 0x02, privilege: 'operator', least: 4, handle: ({ data }, { bmc }) => get(bmc.lan, data) },
];
