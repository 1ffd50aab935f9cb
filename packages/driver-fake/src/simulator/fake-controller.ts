import { type FaultKind, type PowerSwitch, STATE_AFTER_TARGET, type VirtualMachineState } from '@ferric/core';

// The controller's side of the protocol, written apart from the client's on purpose:
// a mistake in one of them shows when they talk, a shared one would not.

/** A machine and what its controller counted. Changed in place. */
export interface FakeControllerState {
  readonly power: PowerSwitch;
  readonly password: string;
  /** What was set besides power and boot device. It means nothing to the controller. */
  readonly settings: Map<string, unknown>;
  changeCommands: number;
  authenticationAttempts: number;
}

type Request = Readonly<Record<string, unknown>>;

interface Command {
  /** Present when the command changes the machine. False: the request makes no sense. */
  readonly apply?: (controller: FakeControllerState, request: Request) => boolean;
  readonly result: (machine: VirtualMachineState, controller: FakeControllerState, request: Request) => unknown;
}

const COMMANDS: ReadonlyMap<unknown, Command> = new Map<unknown, Command>([
  ['read power', { result: (machine) => machine.power }],
  ['change power', { apply: changePower, result: () => 'accepted' }],
  ['read boot device', { result: (machine) => machine.bootDevice }],
  ['change boot device', { apply: changeBootDevice, result: () => 'accepted' }],
  ['read setting', { result: (_machine, { settings }, { name }) => settings.get(String(name)) ?? null }],
  ['change setting', { apply: changeSetting, result: () => 'accepted' }],
]);

/** Targets that start a running machine anew. */
const RESTARTS: ReadonlySet<unknown> = new Set(['rebooting', 'soft rebooting']);

function changePower({ power }: FakeControllerState, { target }: Request): boolean {
  const wanted = new Map<unknown, 'power on' | 'power off'>(Object.entries(STATE_AFTER_TARGET)).get(target);
  if (wanted === undefined) return false;
  if (RESTARTS.has(target)) power.reset();
  else power.state.power = wanted;
  return true;
}

function changeBootDevice({ power: { state } }: FakeControllerState, { device, persistent }: Request): boolean {
  if (device !== 'pxe' || typeof persistent !== 'boolean') return false;
  state.bootDevice = { device, persistent };
  return true;
}

/** The settings that a fake controller keeps. */
const SETTINGS: ReadonlySet<unknown> = new Set(['boot mode', 'secure boot', 'indicators', 'bios', 'raid']);

function changeSetting({ settings }: FakeControllerState, { name, value }: Request): boolean {
  if (!SETTINGS.has(name) || value === undefined) return false;
  settings.set(String(name), value);
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
  if (fault !== 'wrong state' && command.apply?.(controller, request) === false) return JSON.stringify({ refusal: 'failed' });
  return JSON.stringify({ result: command.result(controller.power.state, controller, request) });
}

function parseRequest(line: string): Request {
  try {
    return Object(JSON.parse(line)) as Request;
  } catch {
    return {};
  }
}
