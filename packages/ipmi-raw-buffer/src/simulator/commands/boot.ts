import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import { BOOT_PARAMETER, type BootOptions } from '../machine/boot-options.js';
import { byteAt } from '../wire/bytes.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x00;
const VERSION = 0x01;
const NOT_SUPPORTED = 0x80;
const ALREADY_IN_PROGRESS = 0x81;
const IN_PROGRESS = 0x01;
const BLOCK_LENGTH = 16;
/** Blocks of the mailbox that are kept. Source: IPMI 1.5, table 22-12, parameter 7: at most 80 bytes. */
const MOST_BLOCKS = 5;

/** Bytes that a parameter takes; the mailbox has a rule of its own. Source: IPMI 1.5, table 22-12. */
const LENGTHS: Readonly<Record<number, number>> = {
  [BOOT_PARAMETER.setInProgress]: 1,
  [BOOT_PARAMETER.validBitClearing]: 1,
  [BOOT_PARAMETER.acknowledge]: 2,
  [BOOT_PARAMETER.flags]: 5,
  [BOOT_PARAMETER.initiator]: 9,
};
const LEAST_OF_FLAGS = 5;

function isKnown(parameter: number): boolean {
  return parameter in LENGTHS || parameter === BOOT_PARAMETER.mailbox;
}

function set(options: BootOptions, selector: number, data: Uint8Array): ControllerReply {
  const parameter = selector & 0x7f;
  if (!isKnown(parameter)) return decline(NOT_SUPPORTED);
  const locked = (selector & 0x80) !== 0;
  const done = (): ControllerReply => {
    if (locked) options.locked.add(parameter);
    else options.locked.delete(parameter);
    return accept();
  };
  // Without data only the mark changes.
  if (data.length === 0) return done();
  if (data.length < (LENGTHS[parameter] ?? 2)) return decline(CODE.lengthInvalid);
  const refusal = (WRITERS[parameter] ?? writePlain)(options, data, parameter);
  return refusal ?? done();
}

type Writer = (options: BootOptions, data: Uint8Array, parameter: number) => ControllerReply | undefined;

const writePlain: Writer = (options, data, parameter) => {
  options.write(parameter, data.subarray(0, LENGTHS[parameter]));
  return undefined;
};

const WRITERS: Readonly<Record<number, Writer>> = {
  [BOOT_PARAMETER.setInProgress](options, data, parameter) {
    const state = byteAt(data, 0) & 0x03;
    const isHeld = byteAt(options.read(parameter), 0) === IN_PROGRESS;
    if (state === IN_PROGRESS && isHeld) return decline(ALREADY_IN_PROGRESS);
    if (state > 2) return decline(CODE.invalidField);
    // A commit ends the setting too. Source: IPMI 1.5, table 22-12, parameter 0.
    options.write(parameter, Uint8Array.of(state === IN_PROGRESS ? IN_PROGRESS : 0));
    return undefined;
  },
  [BOOT_PARAMETER.acknowledge](options, data, parameter) {
    const [mask, value, before] = [byteAt(data, 0), byteAt(data, 1), byteAt(options.read(parameter), 1)];
    // Reading tells no mask.
    options.write(parameter, Uint8Array.of(0, (before & ~mask) | (value & mask)));
    return undefined;
  },
  [BOOT_PARAMETER.flags](options, data) {
    options.writeFlags(data.subarray(0, LEAST_OF_FLAGS));
    return undefined;
  },
  [BOOT_PARAMETER.mailbox](options, data) {
    const block = byteAt(data, 0);
    if (block >= MOST_BLOCKS) return decline(CODE.outOfRange);
    const content = new Uint8Array(BLOCK_LENGTH);
    content.set(data.subarray(1, 1 + BLOCK_LENGTH));
    options.mailbox.set(block, content);
    return undefined;
  },
};

function get(options: BootOptions, parameter: number, block: number): ControllerReply {
  if (!isKnown(parameter)) return decline(NOT_SUPPORTED);
  const mark = options.locked.has(parameter) ? 0x80 : 0;
  if (parameter === BOOT_PARAMETER.flags) return accept(VERSION, parameter | mark, ...options.flags);
  if (parameter !== BOOT_PARAMETER.mailbox) return accept(VERSION, parameter | mark, ...options.read(parameter));
  if (block >= MOST_BLOCKS) return decline(CODE.outOfRange);
  return accept(VERSION, parameter | mark, block, ...(options.mailbox.get(block) ?? new Uint8Array(BLOCK_LENGTH)));
}

export const BOOT_COMMANDS: readonly CommandDefinition[] = [
  {
    netFn: NETFN,
    command: 0x08,
    privilege: 'operator',
    least: 1,
    changes: (data) => (byteAt(data, 0) & 0x7f) === BOOT_PARAMETER.flags,
    handle: ({ data }, { bmc }) => set(bmc.machine.bootOptions, byteAt(data, 0), data.subarray(1)),
  },
  {
    netFn: NETFN,
    command: 0x09,
    privilege: 'operator',
    least: 3,
    handle: ({ data }, { bmc }) => get(bmc.machine.bootOptions, byteAt(data, 0) & 0x7f, byteAt(data, 2)),
  },
];
