import type { JsonValue } from '@ferric/core';
import type { Power } from '../machine/power.js';
import type { Operation } from '../operations.js';
import { type Outcome, refuse } from '../outcome.js';
import type { RestContext } from './resource.js';

type Act = readonly [Operation, (power: Power) => Outcome];

/** What each word does to the machine. `GracefulRestart` does nothing that can be seen on much firmware. */
const RESETS: Readonly<Record<string, Act>> = {
  On: ['power on', (power) => power.switchOn()],
  ForceOff: ['power off', (power) => power.switchOff()],
  GracefulShutdown: ['press power button', (power) => (power.isOn ? power.press() : refuse('wrong power state', 'Power is off'))],
  GracefulRestart: ['reset server', (power) => (power.isOn ? undefined : refuse('wrong power state', 'Power is off'))],
  ForceRestart: ['reset server', (power) => power.restart()],
  ColdBoot: ['reset server', (power) => power.restart()],
  AuxCycle: ['reset server', (power) => power.restart()],
  Nmi: ['inject nmi', (power) => power.interrupt()],
  PushPowerButton: ['press power button', (power) => power.press()],
};

const BUTTON: Readonly<Record<string, Act>> = {
  Press: ['press power button', (power) => power.press()],
  PressAndHold: ['power off', (power) => power.switchOff()],
};

const KINDS = { reset: { acts: RESETS, property: 'ResetType' }, button: { acts: BUTTON, property: 'PushType' } } as const;

/** Changes the power by one of the words that are allowed. */
export function powerOperation({ machine, caller }: RestContext, kind: keyof typeof KINDS, word: JsonValue | undefined, allowed: readonly string[]): Outcome {
  const { acts, property } = KINDS[kind];
  if (word === undefined) return refuse('missing property', property);
  const act = typeof word === 'string' && allowed.includes(word) ? acts[word] : undefined;
  if (act === undefined) return refuse('value not allowed', String(word), property);
  const [operation, change] = act;
  return caller.perform(operation, () => change(machine.power));
}
