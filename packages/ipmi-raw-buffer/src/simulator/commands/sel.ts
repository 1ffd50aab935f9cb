import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { ENTRY_LENGTH, type EventLog } from '../records/event-log.js';
import { byteAt, double, join, readDouble, readWord, word } from '../wire/bytes.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x0a;
const VERSION = 0x51;
/** Reserve and delete are supported. */
const SUPPORT = 0x0a;
const OVERFLOW = 0x80;
const ERASE_IN_PROGRESS = 0x81;
const MOST_FREE = 0xffff;
const WHOLE_RECORD = 0xff;
const START_ERASE = 0xaa;
const ERASE_STATUS = 0x00;

function info(log: EventLog): ControllerReply {
  const support = SUPPORT | (log.overflowed ? OVERFLOW : 0);
  return accept(VERSION, ...word(log.entries.length), ...word(Math.min(log.freeBytes, MOST_FREE)), ...double(log.lastAdded), ...double(log.lastErased), support);
}

/** Whether a reservation that was given, 0 where none is needed, is the one in force. */
function holds(log: EventLog, reservation: number, isNeeded: boolean): boolean {
  return reservation === 0 ? !isNeeded : reservation === log.reservation;
}

function get(log: EventLog, data: Uint8Array): ControllerReply {
  const [reservation, id, offset, count] = [readWord(data, 0), readWord(data, 2), byteAt(data, 4), byteAt(data, 5)];
  if (log.erasing) return decline(ERASE_IN_PROGRESS);
  if (!holds(log, reservation, offset !== 0)) return decline(CODE.reservationInvalid);
  const place = log.find(id);
  const entry = log.entries[place];
  if (entry === undefined) return decline(CODE.notPresent);
  if (offset >= ENTRY_LENGTH) return decline(CODE.outOfRange);
  const end = count === WHOLE_RECORD ? ENTRY_LENGTH : Math.min(ENTRY_LENGTH, offset + count);
  const next = log.entries[place + 1];
  return accept(...word(next === undefined ? 0xffff : readWord(next, 0)), ...entry.subarray(offset, end));
}

function add(log: EventLog, data: Uint8Array): ControllerReply {
  if (log.erasing) return decline(ERASE_IN_PROGRESS);
  const id = log.add(data);
  return id === undefined ? decline(CODE.outOfSpace) : accept(...word(id));
}

function remove(log: EventLog, data: Uint8Array): ControllerReply {
  if (log.erasing) return decline(ERASE_IN_PROGRESS);
  if (!holds(log, readWord(data, 0), false)) return decline(CODE.reservationInvalid);
  const entry = log.entries[log.find(readWord(data, 2))];
  if (entry === undefined) return decline(CODE.notPresent);
  log.delete(log.entries.indexOf(entry));
  return accept(...word(readWord(entry, 0)));
}

function clear(log: EventLog, data: Uint8Array): ControllerReply {
  const action = byteAt(data, 5);
  if (!holds(log, readWord(data, 0), true)) return decline(CODE.reservationInvalid);
  if (Buffer.from(data.subarray(2, 5)).toString('latin1') !== 'CLR') return decline(CODE.invalidField);
  if (action !== START_ERASE && action !== ERASE_STATUS) return decline(CODE.invalidField);
  if (action === START_ERASE) log.clear();
  return accept(log.erasing ? 0x00 : 0x01);
}

/** Platform Event Message of a console: the event without its time, from the software of a remote console. Source: IPMI 1.5, table 23-3. */
function takeEvent(log: EventLog, data: Uint8Array): ControllerReply {
  const id = log.add(join([0, 0, SYSTEM_EVENT, 0, 0, 0, 0, REMOTE_CONSOLE, 0], data.subarray(0, EVENT_LENGTH)));
  return id === undefined ? decline(CODE.outOfSpace) : accept();
}

const SYSTEM_EVENT = 0x02;
const REMOTE_CONSOLE = 0x81;
/** Revision, sensor type and number, direction with event type, three bytes of data. */
const EVENT_LENGTH = 7;
const SENSOR_EVENT_NETFN = 0x04;

export const SEL_COMMANDS: readonly CommandDefinition[] = [
  { netFn: SENSOR_EVENT_NETFN, command: 0x02, privilege: 'operator', least: EVENT_LENGTH, handle: ({ data }, { bmc }) => takeEvent(bmc.log, data) },
  { netFn: NETFN, command: 0x40, privilege: 'user', handle: (_request, { bmc }) => info(bmc.log) },
  { netFn: NETFN, command: 0x42, privilege: 'user', handle: (_request, { bmc }) => accept(...word(bmc.log.reserve())) },
  { netFn: NETFN, command: 0x43, privilege: 'user', least: 6, handle: ({ data }, { bmc }) => get(bmc.log, data) },
  { netFn: NETFN, command: 0x44, privilege: 'operator', least: ENTRY_LENGTH, handle: ({ data }, { bmc }) => add(bmc.log, data) },
  { netFn: NETFN, command: 0x46, privilege: 'operator', least: 4, handle: ({ data }, { bmc }) => remove(bmc.log, data) },
  { netFn: NETFN, command: 0x47, privilege: 'operator', least: 6, handle: ({ data }, { bmc }) => clear(bmc.log, data) },
  { netFn: NETFN, command: 0x48, privilege: 'user', handle: (_request, { bmc }) => accept(...double(bmc.time.seconds())) },
  {
    netFn: NETFN,
    command: 0x49,
    privilege: 'operator',
    least: 4,
    handle({ data }, { bmc }) {
      bmc.time.set(readDouble(data, 0));
      return accept();
    },
  },
  { netFn: NETFN, command: 0x5c, privilege: 'user', handle: (_request, { bmc }) => accept(...word(bmc.time.utcOffset)) },
  {
    netFn: NETFN,
    command: 0x5d,
    privilege: 'operator',
    least: 2,
    handle({ data }, { bmc }) {
      bmc.time.utcOffset = readWord(data, 0);
      return accept();
    },
  },
];
