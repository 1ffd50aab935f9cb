import { type FaultKind, type PowerSwitch, STATE_AFTER_TARGET, type VirtualMachineState } from '@ferric/core';

// The controller's side of the protocol, written apart from the client's on purpose:
// a mistake in one of them shows when they talk, a shared one would not.

/** A machine and what its controller counted. Changed in place. */
export interface FakeControllerState {
  readonly power: PowerSwitch;
  readonly password: string;
  changeCommands: number;
  authenticationAttempts: number;
}

type Request = Readonly<Record<string, unknown>>;

interface Command {
  /** Present when the command changes the machine. False: the request makes no sense. */
  readonly apply?: (power: PowerSwitch, request: Request) => boolean;
  readonly result: (machine: VirtualMachineState) => unknown;
}

const COMMANDS: ReadonlyMap<unknown, Command> = new Map<unknown, Command>([
  ['read power', { result: (machine) => machine.power }],
  ['change power', { apply: changePower, result: () => 'accepted' }],
  ['read boot device', { result: (machine) => machine.bootDevice }],
  ['change boot device', { apply: changeBootDevice, result: () => 'accepted' }],
]);

/** Targets that start a running machine anew. */
const RESTARTS: ReadonlySet<unknown> = new Set(['rebooting', 'soft rebooting']);

function changePower(power: PowerSwitch, { target }: Request): boolean {
  const wanted = new Map<unknown, 'power on' | 'power off'>(Object.entries(STATE_AFTER_TARGET)).get(target);
  if (wanted === undefined) return false;
  if (RESTARTS.has(target)) power.reset();
  else power.state.power = wanted;
  return true;
}

function changeBootDevice({ state }: PowerSwitch, { device, persistent }: Request): boolean {
  if (device !== 'pxe' || typeof persistent !== 'boolean') return false;
  state.bootDevice = { device, persistent };
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
  if (fault !== 'wrong state' && command.apply?.(controller.power, request) === false) return JSON.stringify({ refusal: 'failed' });
  return JSON.stringify({ result: command.result(controller.power.state) });
}

function parseRequest(line: string): Request {
  try {
    return Object(JSON.parse(line)) as Request;
  } catch {
    return {};
  }
}
