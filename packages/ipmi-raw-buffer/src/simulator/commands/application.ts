import { accept, CODE, decline, type ControllerReply } from '../controller.js';
import type { VirtualDeviceId } from '../options.js';
import { triple, word } from '../wire/bytes.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x06;
const IPMI_2_0 = 0x02;
/** Chassis, bridge, event receiver, FRU, SEL, SDR repository, sensors: all but an event generator. */
const SUPPORT = 0x80 | 0x40 | 0x10 | 0x08 | 0x04 | 0x02 | 0x01;

/** Source: IPMI 1.5, table 17-2. */
function deviceId(facts: VirtualDeviceId): ControllerReply {
  const minor = (Math.floor(facts.firmwareMinor / 10) << 4) | (facts.firmwareMinor % 10);
  return accept(
    facts.deviceId, facts.revision & 0x0f, facts.firmwareMajor & 0x7f, minor, IPMI_2_0, SUPPORT, ...triple(facts.manufacturerId), ...word(facts.productId),
    ...(facts.auxiliaryFirmware ?? []),
  );
}

function guid(bytes: Uint8Array | null): ControllerReply {
  return bytes === null ? decline(CODE.invalidCommand) : accept(...bytes);
}

/** No error. Source: IPMI 1.5, table 17-5. */
const SELF_TEST_PASSED = [0x55, 0x00] as const;
/** Legacy on, and nothing is told of devices. Source: IPMI 1.5, table 17-8. */
const ACPI = { on: 0x00, off: 0x05, deviceUnknown: 0x2a } as const;
/** Event log and message buffer are on. Source: IPMI 1.5, table 18-2. */
const GLOBAL_ENABLES = 0x08;

export const APPLICATION_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x01, privilege: 'user', handle: (_request, { bmc }) => deviceId(bmc.settings.deviceId) },
  {
    netFn: NETFN,
    command: 0x02,
    privilege: 'administrator',
    handle(_request, { bmc }) {
      bmc.restart();
      return accept();
    },
  },
  {
    netFn: NETFN,
    command: 0x03,
    privilege: 'administrator',
    handle(_request, { bmc }) {
      bmc.restart();
      return accept();
    },
  },
  { netFn: NETFN, command: 0x04, privilege: 'user', handle: () => accept(...SELF_TEST_PASSED) },
  {
    netFn: NETFN,
    command: 0x07,
    privilege: 'user',
    handle: (_request, { bmc }) => accept(bmc.machine.power === 'power on' ? ACPI.on : ACPI.off, ACPI.deviceUnknown),
  },
  { netFn: NETFN, command: 0x08, privilege: 'user', handle: (_request, { bmc }) => guid(bmc.settings.guid) },
  { netFn: NETFN, command: 0x2f, privilege: 'user', handle: () => accept(GLOBAL_ENABLES) },
  { netFn: NETFN, command: 0x37, privilege: 'none', managesSession: true, handle: (_request, { bmc }) => guid(bmc.settings.guid) },
];
