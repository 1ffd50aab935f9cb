import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import type { SerialRetry } from '../sol/serial-payload.js';
import { byteAt, word } from '../wire/bytes.js';
import { channelOf, LAN_CHANNEL } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x0c;
const REVISION = 0x11;
const REVISION_ONLY = 0x80;
const NOT_SUPPORTED = 0x80;
const READ_ONLY = 0x82;
const PARAMETER = { setInProgress: 0, retry: 4, channel: 7, port: 8 } as const;

/** Enabled; user level and no force; 50 ms and 251 characters; 7 tries each 500 ms; 115200 baud. Source: IPMI 2.0, table 26-5. */
const DEFAULTS: ReadonlyMap<number, Uint8Array> = new Map([
  [PARAMETER.setInProgress, Uint8Array.of(0)],
  [1, Uint8Array.of(0x01)],
  [2, Uint8Array.of(0x02)],
  [3, Uint8Array.of(10, 251)],
  [PARAMETER.retry, Uint8Array.of(7, 50)],
  [5, Uint8Array.of(0x0a)],
  [6, Uint8Array.of(0x0a)],
  [PARAMETER.channel, Uint8Array.of(LAN_CHANNEL)],
]);

/** The parameters of serial over LAN of one BMC. */
export class SerialParameters {
  #written: Map<number, Uint8Array> | undefined;

  read(parameter: number): Uint8Array | undefined {
    return this.#written?.get(parameter) ?? DEFAULTS.get(parameter);
  }

  write(parameter: number, data: Uint8Array): void {
    this.#written ??= new Map();
    this.#written.set(parameter, Uint8Array.from(data));
  }

  /** Counts of 10 ms. */
  get retry(): SerialRetry {
    const [count = 0, interval = 0] = this.read(PARAMETER.retry) ?? [];
    return { count: count & 0x07, intervalMs: Math.max(1, interval) * 10 };
  }
}

function get(parameters: SerialParameters, port: number, data: Uint8Array): ControllerReply {
  if (channelOf(byteAt(data, 0)) !== LAN_CHANNEL) return decline(CODE.invalidField);
  if ((byteAt(data, 0) & REVISION_ONLY) !== 0) return accept(REVISION);
  const parameter = byteAt(data, 1);
  const value = parameter === PARAMETER.port ? Uint8Array.from(word(port)) : parameters.read(parameter);
  return value === undefined ? decline(NOT_SUPPORTED) : accept(REVISION, ...value);
}

function set(parameters: SerialParameters, data: Uint8Array): ControllerReply {
  if (channelOf(byteAt(data, 0)) !== LAN_CHANNEL) return decline(CODE.invalidField);
  const parameter = byteAt(data, 1);
  if (parameter === PARAMETER.channel || parameter === PARAMETER.port) return decline(READ_ONLY);
  const before = parameters.read(parameter);
  if (before === undefined) return decline(NOT_SUPPORTED);
  const value = data.subarray(2, 2 + before.length);
  if (value.length < before.length) return decline(CODE.lengthInvalid);
  // A commit ends the setting too.
  parameters.write(parameter, parameter === PARAMETER.setInProgress && value[0] === 2 ? Uint8Array.of(0) : value);
  return accept();
}

export const SOL_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x21, privilege: 'administrator', least: 3, handle: ({ data }, { bmc }) => set(bmc.serialParameters, data) },
  { netFn: NETFN, command: 0x22, privilege: 'user', least: 4, handle: ({ data }, { bmc }) => get(bmc.serialParameters, bmc.port, data) },
];
