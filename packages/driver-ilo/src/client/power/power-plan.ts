import type { PowerTarget } from '@ferric/core';
import type { PowerView } from './power-view.js';

/** What a controller is told. `press`: a finger on the button, by which the operating system shuts down. */
export type PowerCommand = 'on' | 'hold' | 'restart' | 'press';

/** The command for a target, seen from here; undefined when there is nothing to do. */
export function commandFor(target: PowerTarget, { isOn }: PowerView): PowerCommand | undefined {
  return COMMANDS[target][isOn ? 'on' : 'off'];
}

/** A press on the button of a server that is off would switch it on. */
const COMMANDS: Readonly<Record<PowerTarget, Readonly<Record<'on' | 'off', PowerCommand | undefined>>>> = {
  'power on': { on: undefined, off: 'on' },
  'power off': { on: 'hold', off: undefined },
  rebooting: { on: 'restart', off: 'on' },
  'soft power off': { on: 'press', off: undefined },
  'soft rebooting': { on: 'press', off: 'on' },
};

/** Values of PostState that a server has before it does anything. */
const NOT_STARTED: ReadonlySet<string> = new Set(['PowerOff', 'Reset']);
const FINISHED = 'FinishedPost';

/** Whether a command has had its effect, by a look before it and one after. */
export function isReached(command: PowerCommand, before: PowerView, now: PowerView): boolean {
  if (command === 'hold' || command === 'press') return now.state === 'power off';
  if (now.state !== 'power on' || (now.postState !== null && NOT_STARTED.has(now.postState))) return false;
  // A server that had booted must be seen in its self-test; one that was not may be through with it between two looks.
  return command === 'on' || before.postState !== FINISHED || now.postState !== FINISHED;
}

/** True when nothing that can be seen would tell a server that was restarted from one that was not. */
export function isInvisible(command: PowerCommand, before: PowerView): boolean {
  return command === 'restart' && before.postState !== FINISHED;
}
