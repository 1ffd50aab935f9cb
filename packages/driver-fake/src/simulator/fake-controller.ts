import { STATE_AFTER_TARGET, type FaultKind, type VirtualMachineState } from '@ferric/core';

// The controller's side of the protocol, written apart from the client's on purpose:
// a mistake in one of them shows when they talk, a shared one would not.

/** A machine and what its controller counted. Plain data, changed in place. */
export interface FakeControllerState {
  readonly machine: VirtualMachineState;
  readonly password: string;
  changeCommands: number;
  authenticationAttempts: number;
}

type Request = Readonly<Record<string, unknown>>;

interface Command {
  /** Present when the command changes the machine. False: the request makes no sense. */
  readonly apply?: (machine: VirtualMachineState, request: Request) => boolean;
  readonly result: (machine: VirtualMachineState) => unknown;
}

const COMMANDS: ReadonlyMap<unknown, Command> = new Map<unknown, Command>([
  ['read power', { result: (machine) => machine.power }],
  ['change power', { apply: changePower, result: () => 'accepted' }],
  ['read boot device', { result: (machine) => machine.bootDevice }],
  ['change boot device', { apply: changeBootDevice, result: () => 'accepted' }],
]);

function changePower(machine: VirtualMachineState, { target }: Request): boolean {
  const state = new Map<unknown, 'power on' | 'power off'>(Object.entries(STATE_AFTER_TARGET)).get(target);
  if (state !== undefined) machine.power = state;
  return state !== undefined;
}

function changeBootDevice(machine: VirtualMachineState, { device, persistent }: Request): boolean {
  if (device !== 'pxe' || typeof persistent !== 'boolean') return false;
  machine.bootDevice = { device, persistent };
  return true;
}

/** Carries out one request line and gives the answer line, both without their line ends. */
export function answerRequest(controller: FakeControllerState, line: string, fault?: FaultKind): string {
  const request = parseRequest(line);
  const command = COMMANDS.get(request['command']);
  if (command?.apply !== undefined) controller.changeCommands += 1;
  controller.authenticationAttempts += 1;
  if (request['password'] !== controller.password) return JSON.stringify({ refusal: 'wrong password' });
  if (fault === 'busy') return JSON.stringify({ refusal: 'busy' });
  if (command === undefined || fault === 'command failure') return JSON.stringify({ refusal: 'failed' });
  if (fault !== 'wrong state' && command.apply?.(controller.machine, request) === false) return JSON.stringify({ refusal: 'failed' });
  return JSON.stringify({ result: command.result(controller.machine) });
}

function parseRequest(line: string): Request {
  try {
    return Object(JSON.parse(line)) as Request;
  } catch {
    return {};
  }
}
