import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { byteAt, double, readDouble, readWord, word } from '../wire/bytes.js';
import type { BmcState } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x0a;
const VERSION = 0x51;
/** Reservations are supported, nothing can be added or deleted. */
const SUPPORT = 0x02;
const FREE_UNKNOWN = 0xffff;
const NEVER = 0xffffffff;
const WHOLE_RECORD = 0xff;

function info({ settings }: BmcState): ControllerReply {
  return accept(VERSION, ...word(settings.sdr.records.length), ...word(FREE_UNKNOWN), ...double(settings.sdrAdded), ...double(NEVER), SUPPORT);
}

function reserve(bmc: BmcState): ControllerReply {
  bmc.sdrReservation = (bmc.sdrReservation % 0xffff) + 1;
  return accept(...word(bmc.sdrReservation));
}

function get(bmc: BmcState, data: Uint8Array): ControllerReply {
  const [reservation, id, offset, count] = [readWord(data, 0), readWord(data, 2), byteAt(data, 4), byteAt(data, 5)];
  const { records, places } = bmc.settings.sdr;
  // Without an offset none is needed; a stale one is refused all the same.
  const isFree = offset === 0 && reservation === 0;
  if (!isFree && (reservation === 0 || reservation !== bmc.sdrReservation)) return decline(CODE.reservationInvalid);
  const place = id === 0x0000 ? 0 : id === 0xffff ? records.length - 1 : places.get(id);
  const record = place === undefined ? undefined : records[place];
  if (record === undefined || place === undefined) return decline(CODE.notPresent);
  if (offset >= record.bytes.length) return decline(CODE.outOfRange);
  const wanted = count === WHOLE_RECORD ? record.bytes.length - offset : count;
  if (wanted > bmc.settings.sdrReadLimitBytes) return decline(CODE.cannotReturnSoMuch);
  return accept(...word(records[place + 1]?.id ?? 0xffff), ...record.bytes.subarray(offset, offset + wanted));
}

export const SDR_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x20, privilege: 'user', handle: (_request, { bmc }) => info(bmc) },
  { netFn: NETFN, command: 0x22, privilege: 'user', handle: (_request, { bmc }) => reserve(bmc) },
  { netFn: NETFN, command: 0x23, privilege: 'user', least: 6, handle: ({ data }, { bmc }) => get(bmc, data) },
  { netFn: NETFN, command: 0x28, privilege: 'user', handle: (_request, { bmc }) => accept(...double(bmc.time.seconds())) },
  {
    netFn: NETFN,
    command: 0x29,
    privilege: 'operator',
    least: 4,
    handle({ data }, { bmc }) {
      bmc.time.set(readDouble(data, 0));
      return accept();
    },
  },
];
