import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { SERIAL_PACKET_BYTES } from '../sol/serial-payload.js';
import { byteAt, double, word } from '../wire/bytes.js';
import { PAYLOAD } from '../wire/packet.js';
import { type BmcState, channelOf, LAN_CHANNEL } from './bmc-state.js';
import type { CommandContext, CommandDefinition } from './handlers.js';

const NETFN = 0x06;
const SERIAL_INSTANCE = 1;
const NO_VLAN = 0xffff;
/** Completion codes. Source: IPMI 2.0, tables 24-2 and 24-3. */
const REFUSAL = { alreadyActive: 0x80, alreadyInactive: 0x80, disabled: 0x81, limit: 0x82, cannotEncrypt: 0x83 } as const;
const WANTS_ENCRYPTION = 0x80;

/** Why a payload cannot be meant; undefined: it is serial over LAN. */
function refusePayload({ serial }: BmcState, data: Uint8Array): ControllerReply | undefined {
  if ((byteAt(data, 0) & 0x3f) !== PAYLOAD.serial) return decline(CODE.invalidField);
  if (!serial.isOffered) return decline(REFUSAL.disabled);
  return (byteAt(data, 1) & 0x0f) === SERIAL_INSTANCE ? undefined : decline(REFUSAL.limit);
}

function activate({ bmc, session }: CommandContext, data: Uint8Array): ControllerReply {
  const refusal = refusePayload(bmc, data);
  if (refusal !== undefined) return refusal;
  // Sessions of IPMI 1.5 carry no payloads.
  if (session === undefined || session.protection.protocol !== '2.0') return decline(CODE.notInThisState);
  const encrypted = (byteAt(data, 2) & WANTS_ENCRYPTION) !== 0;
  if (encrypted && !session.protection.encrypts) return decline(REFUSAL.cannotEncrypt);
  if (bmc.serial.session !== undefined) return decline(REFUSAL.alreadyActive);
  bmc.serial.activate(session, encrypted);
  return accept(...double(0), ...word(SERIAL_PACKET_BYTES), ...word(SERIAL_PACKET_BYTES), ...word(bmc.port), ...word(NO_VLAN));
}

function deactivate(bmc: BmcState, data: Uint8Array): ControllerReply {
  const refusal = refusePayload(bmc, data);
  if (refusal !== undefined) return refusal;
  if (bmc.serial.session === undefined) return decline(REFUSAL.alreadyInactive);
  bmc.serial.deactivate();
  return accept();
}

function status({ serial }: BmcState, payloadType: number): ControllerReply {
  if (payloadType === PAYLOAD.message) return accept(1, ...word(1));
  if (payloadType !== PAYLOAD.serial || !serial.isOffered) return decline(CODE.invalidField);
  return accept(1, ...word(serial.session === undefined ? 0 : 1));
}

/** The session that has it, and the serial port it carries. Source: IPMI 2.0, table 24-5. */
function info(bmc: BmcState, data: Uint8Array): ControllerReply {
  const refusal = refusePayload(bmc, data);
  return refusal ?? accept(...double(bmc.serial.session?.id ?? 0), 1, 0, 0, 0, 0, 0, 0, 0);
}

/** Messages, serial over LAN and opening sessions. Source: IPMI 2.0, table 24-8. */
function supported({ serial }: BmcState, channel: number): ControllerReply {
  if (channelOf(channel) !== LAN_CHANNEL) return decline(CODE.invalidField);
  return accept(0x01 | (serial.isOffered ? 0x02 : 0), 0x00, 0x3f, 0x00, 0x00, 0x00, 0x00, 0x00);
}

/** Version 1.0 of those that are there. Source: IPMI 2.0, table 24-9. */
function version({ serial }: BmcState, payloadType: number): ControllerReply {
  const isThere = payloadType === PAYLOAD.message || (payloadType === PAYLOAD.serial && serial.isOffered);
  return isThere ? accept(0x10) : decline(0x80);
}

export const PAYLOAD_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x48, privilege: 'user', least: 6, handle: ({ data }, context) => activate(context, data) },
  { netFn: NETFN, command: 0x49, privilege: 'user', least: 2, handle: ({ data }, { bmc }) => deactivate(bmc, data) },
  { netFn: NETFN, command: 0x4a, privilege: 'user', least: 1, handle: ({ data }, { bmc }) => status(bmc, byteAt(data, 0)) },
  { netFn: NETFN, command: 0x4b, privilege: 'user', least: 2, handle: ({ data }, { bmc }) => info(bmc, data) },
  // Every user may have the console.
  { netFn: NETFN, command: 0x4d, privilege: 'user', least: 2, handle: () => accept(0x02, 0x00, 0x00, 0x00) },
  { netFn: NETFN, command: 0x4e, privilege: 'user', least: 1, handle: ({ data }, { bmc }) => supported(bmc, byteAt(data, 0)) },
  { netFn: NETFN, command: 0x4f, privilege: 'user', least: 2, handle: ({ data }, { bmc }) => version(bmc, byteAt(data, 1)) },
];
