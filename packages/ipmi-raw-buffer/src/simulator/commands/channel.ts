import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { byteAt, triple } from '../wire/bytes.js';
import { AUTH_TYPE } from '../wire/packet.js';
import { suiteRecords } from '../wire/suites.js';
import { type BmcState, channelOf, IPMB_CHANNEL, LAN_CHANNEL, SYSTEM_CHANNEL } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x06;
const ASKS_FOR_2_0 = 0x80;
/** Bytes of cipher suite records in one answer. Source: IPMI 2.0, table 22-17. */
const SUITE_BYTES = 16;

/** Source: IPMI 1.5, table 18-13; IPMI 2.0, table 22-15. */
function authenticationCapabilities({ settings, users }: BmcState, data: Uint8Array): ControllerReply {
  const [channel, privilege] = [channelOf(byteAt(data, 0)), byteAt(data, 1) & 0x0f];
  if (channel !== LAN_CHANNEL || privilege === 0 || privilege > 5) return decline(CODE.invalidField);
  const tells2 = (byteAt(data, 0) & ASKS_FOR_2_0) !== 0;
  const types = [...settings.legacyAuthTypes].reduce((bits, type) => bits | (1 << type), tells2 ? 0x80 : 0);
  const enabled = users.all.filter((user) => user.enabled);
  const status =
    (tells2 && settings.kgKey !== undefined ? 0x20 : 0) |
    (settings.perMessageAuthentication ? 0 : 0x10) |
    (enabled.some(({ name }) => name !== '') ? 0x04 : 0) |
    (enabled.some(({ name, password }) => name === '' && password.reveal() !== '') ? 0x02 : 0) |
    (enabled.some(({ name, password }) => name === '' && password.reveal() === '') ? 0x01 : 0);
  const versions = tells2 ? 0x02 | (settings.legacyAuthTypes.size > 0 ? 0x01 : 0) : 0;
  return accept(channel, types, status, versions, 0, 0, 0, 0);
}

/** Source: IPMI 2.0, table 22-17. */
function cipherSuites({ settings }: BmcState, data: Uint8Array): ControllerReply {
  const channel = channelOf(byteAt(data, 0));
  if (channel !== LAN_CHANNEL) return decline(CODE.invalidField);
  const byAlgorithm = (byteAt(data, 2) & 0x80) === 0;
  const start = (byteAt(data, 2) & 0x3f) * SUITE_BYTES;
  const records = byAlgorithm ? algorithms(settings.cipherSuites) : suiteRecords(settings.cipherSuites);
  return accept(channel, ...records.subarray(start, start + SUITE_BYTES));
}

/** Every algorithm once, with the bits that tell its kind. */
function algorithms(suites: BmcState['settings']['cipherSuites']): Uint8Array {
  const all = [0x00, 0x40, 0x80].flatMap((kind, index) => suites.map((suite) => kind | (suite.algorithms[index] ?? 0)));
  return Uint8Array.from(new Set(all));
}

/** Medium, protocol, session support of each channel. Source: IPMI 1.5, tables 6-3 and 18-25. */
const CHANNELS: Readonly<Record<number, { readonly medium: number; readonly protocol: number; readonly sessions: number }>> = {
  [IPMB_CHANNEL]: { medium: 1, protocol: 1, sessions: 0x00 },
  [LAN_CHANNEL]: { medium: 4, protocol: 1, sessions: 0x80 },
  [SYSTEM_CHANNEL]: { medium: 12, protocol: 5, sessions: 0x00 },
};
/** Who defined the protocols: the IPMI forum itself. */
const IPMI_ENTERPRISE = 7154;

function channelInfo({ sessions }: BmcState, byte: number): ControllerReply {
  const number = channelOf(byte);
  const channel = CHANNELS[number];
  if (channel === undefined) return decline(CODE.invalidField);
  const active = number === LAN_CHANNEL ? sessions.open.length : 0;
  return accept(number, channel.medium, channel.protocol, channel.sessions | active, ...triple(IPMI_ENTERPRISE), 0, 0);
}

/** Always available, alerts off, user level authentication on. Source: IPMI 1.5, table 18-24. */
function channelAccess({ settings }: BmcState, data: Uint8Array): ControllerReply {
  if (channelOf(byteAt(data, 0)) !== LAN_CHANNEL) return decline(CODE.invalidField);
  const kind = byteAt(data, 1) >> 6;
  if (kind !== 1 && kind !== 2) return decline(CODE.invalidField);
  return accept(0x20 | (settings.perMessageAuthentication ? 0 : 0x10) | 0x02, 0x04);
}

export const CHANNEL_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x38, privilege: 'none', least: 2, managesSession: true, handle: ({ data }, { bmc }) => authenticationCapabilities(bmc, data) },
  {
    netFn: NETFN,
    command: 0x39,
    privilege: 'none',
    managesSession: true,
    handle: (_request, { bmc, message, session }) => (session === undefined ? bmc.legacy.challenge(message) : decline(CODE.notInThisState)),
  },
  { netFn: NETFN, command: 0x54, privilege: 'none', least: 3, managesSession: true, handle: ({ data }, { bmc }) => cipherSuites(bmc, data) },
  { netFn: NETFN, command: 0x41, privilege: 'user', least: 2, handle: ({ data }, { bmc }) => channelAccess(bmc, data) },
  { netFn: NETFN, command: 0x42, privilege: 'user', least: 1, handle: ({ data }, { bmc }) => channelInfo(bmc, byteAt(data, 0)) },
];

/** Types of IPMI 1.5 by the words of the options. */
export const LEGACY_AUTH_TYPES = { md5: AUTH_TYPE.md5, password: AUTH_TYPE.password } as const;
