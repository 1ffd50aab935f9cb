import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { byteAt, readWord, word } from '../wire/bytes.js';
import type { BmcState } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x0a;
const WRITE_PROTECTED = 0x80;

function info({ fru }: BmcState, id: number): ControllerReply {
  const device = fru.find(id);
  if (device === undefined) return decline(CODE.notPresent);
  return accept(...word(fru.image(id).length), device.wordAccess === true ? 0x01 : 0x00);
}

/** Offsets and counts are in words where the device is. Source: IPMI 1.5, section 28.2. */
function read({ fru, settings }: BmcState, data: Uint8Array): ControllerReply {
  const id = byteAt(data, 0);
  const device = fru.find(id);
  if (device === undefined) return decline(CODE.notPresent);
  const unit = device.wordAccess === true ? 2 : 1;
  const [offset, count] = [readWord(data, 1) * unit, byteAt(data, 3) * unit];
  const image = fru.image(id);
  if (count > settings.fruReadLimitBytes) return decline(CODE.cannotReturnSoMuch);
  if (offset >= image.length) return decline(CODE.outOfRange);
  const part = image.subarray(offset, offset + count);
  return accept(Math.floor(part.length / unit), ...part);
}

function write({ fru }: BmcState, data: Uint8Array): ControllerReply {
  const id = byteAt(data, 0);
  const device = fru.find(id);
  if (device === undefined) return decline(CODE.notPresent);
  if (device.writeProtected === true) return decline(WRITE_PROTECTED);
  const unit = device.wordAccess === true ? 2 : 1;
  const offset = readWord(data, 1) * unit;
  const content = data.subarray(3);
  if (offset + content.length > fru.image(id).length) return decline(CODE.outOfRange);
  fru.write(id, offset, content);
  return accept(Math.floor(content.length / unit));
}

export const FRU_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x10, privilege: 'user', least: 1, handle: ({ data }, { bmc }) => info(bmc, byteAt(data, 0)) },
  { netFn: NETFN, command: 0x11, privilege: 'user', least: 4, handle: ({ data }, { bmc }) => read(bmc, data) },
  { netFn: NETFN, command: 0x12, privilege: 'operator', least: 4, handle: ({ data }, { bmc }) => write(bmc, data) },
];
