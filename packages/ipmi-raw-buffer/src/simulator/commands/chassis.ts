import { accept, CODE, decline, type ControllerReply, type ControllerRequest } from '../controller.js';
import type { ControlledMachine, VirtualMachine } from '../machine/machine.js';
import { byteAt, double } from '../wire/bytes.js';
import { LAN_CHANNEL } from './bmc-state.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x00;

/** Bits 6..5 of the power state, and what Set Power Restore Policy takes. Source: IPMI 1.5, tables 22-3 and 22-7. */
const POLICIES: readonly VirtualMachine['restorePolicy'][] = ['always off', 'previous', 'always on'];
const NO_CHANGE = 3;
const ALL_POLICIES = 0x07;

/** What a chassis control does. Source: IPMI 1.5, table 22-4. */
interface Control {
  readonly worksWhenOff: boolean;
  act(machine: ControlledMachine): void;
}

const CONTROLS: readonly Control[] = [
  { worksWhenOff: true, act: (machine) => machine.switchOff() },
  { worksWhenOff: true, act: (machine) => machine.switchOn() },
  { worksWhenOff: false, act: (machine) => machine.cycle() },
  { worksWhenOff: false, act: (machine) => machine.reset() },
  { worksWhenOff: false, act: (machine) => machine.interrupt() },
  { worksWhenOff: false, act: (machine) => machine.shutDown() },
];

function control({ data }: ControllerRequest, machine: ControlledMachine): ControllerReply {
  const wanted = CONTROLS[byteAt(data, 0) & 0x0f];
  if (wanted === undefined) return decline(CODE.invalidField);
  if (machine.power === 'power off' && !wanted.worksWhenOff) return decline(CODE.notInThisState);
  wanted.act(machine);
  return accept();
}

function status(machine: ControlledMachine): ControllerReply {
  const power = (machine.power === 'power on' ? 0x01 : 0) | (POLICIES.indexOf(machine.restorePolicy) << 5);
  const lastEvent = machine.power === 'power on' && machine.lastOnByCommand ? 0x10 : 0x00;
  const identifyState = { off: 0, steady: 2 }[String(machine.identify)] ?? 1;
  const misc = 0x40 | (identifyState << 4);
  const mayBeDisabled = 0xf0;
  return accept(power, lastEvent, misc, mayBeDisabled | machine.disabledButtons);
}

/** Seconds that a light without a given time is on. Source: IPMI 1.5, table 22-5. */
const IDENTIFY_SECONDS = 15;

function identify({ data }: ControllerRequest, machine: ControlledMachine): ControllerReply {
  const forced = (byteAt(data, 1) & 0x01) !== 0;
  machine.startIdentify(forced ? 'steady' : (data[0] ?? IDENTIFY_SECONDS));
  return accept();
}

function setRestorePolicy({ data }: ControllerRequest, machine: ControlledMachine): ControllerReply {
  const wanted = byteAt(data, 0) & 0x07;
  const policy = POLICIES[wanted];
  if (policy === undefined && wanted !== NO_CHANGE) return decline(CODE.invalidField);
  if (policy !== undefined) machine.restorePolicy = policy;
  return accept(ALL_POLICIES);
}

/** Minutes that one count of the power-on hours stands for. */
const MINUTES_PER_COUNT = 60;

export const CHASSIS_COMMANDS: readonly CommandDefinition[] = [
  // Intrusion, front panel lockout and diagnostic interrupt are there; who answers is the BMC.
  { netFn: NETFN, command: 0x00, privilege: 'user', handle: () => accept(0x07, 0x20, 0x20, 0x20, 0x20) },
  { netFn: NETFN, command: 0x01, privilege: 'user', handle: (_request, { bmc }) => status(bmc.machine) },
  { netFn: NETFN, command: 0x02, privilege: 'operator', least: 1, changes: true, handle: (request, { bmc }) => control(request, bmc.machine) },
  { netFn: NETFN, command: 0x04, privilege: 'operator', handle: (request, { bmc }) => identify(request, bmc.machine) },
  {
    netFn: NETFN,
    command: 0x06,
    privilege: 'operator',
    least: 1,
    changes: (data) => (byteAt(data, 0) & 0x07) !== NO_CHANGE,
    handle: (request, { bmc }) => setRestorePolicy(request, bmc.machine),
  },
  { netFn: NETFN, command: 0x07, privilege: 'user', handle: (_request, { bmc }) => accept(bmc.machine.restartCause, LAN_CHANNEL) },
  {
    netFn: NETFN,
    command: 0x0a,
    privilege: 'administrator',
    least: 1,
    handle({ data }, { bmc }) {
      bmc.machine.disabledButtons = byteAt(data, 0) & 0x0f;
      return accept();
    },
  },
  // The interval is taken and not used: a virtual machine needs no rest.
  { netFn: NETFN, command: 0x0b, privilege: 'administrator', least: 1, handle: () => accept() },
  {
    netFn: NETFN,
    command: 0x0f,
    privilege: 'user',
    handle: (_request, { bmc }) => accept(MINUTES_PER_COUNT, ...double(Math.floor(bmc.machine.onMs / (MINUTES_PER_COUNT * 60_000)))),
  },
];
