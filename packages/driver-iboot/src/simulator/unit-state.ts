import { type Clock, createPowerSwitch, type PowerSwitch, type Timer } from '@ferric/core';
import type { DxpCommandRequest } from './dxp-request.js';

/** The relays of a unit, and what they were told. */
export interface Relays extends Disposable {
  readonly switches: readonly PowerSwitch[];
  /**
   * Carries out a command and gives its answer.
   * @param isFailing the command is to be understood and to fail  @param isStuck changes are accepted and not made
   */
  carryOut(request: DxpCommandRequest, isFailing: boolean, isStuck: boolean): RelayAnswer;
}

export interface RelayAnswer {
  readonly bytes: Uint8Array;
  /** What was done, for people. */
  readonly what: string;
  readonly isChange: boolean;
}

const DONE = Uint8Array.of(0);
const FAILED = Uint8Array.of(1);

/** @param base the number of the first relay on the wire */
export function createRelays(count: number, base: number, clock: Clock): Relays {
  const switches = Array.from({ length: count }, () => createPowerSwitch('power off'));
  const pulses = new Map<PowerSwitch, Timer>();

  const put = (relay: PowerSwitch, isOn: boolean): void => {
    pulses.get(relay)?.[Symbol.dispose]();
    pulses.delete(relay);
    relay.state.power = isOn ? 'power on' : 'power off';
  };

  /** Set and pulse: the payload is the relay, its state (1 on, 0 off), and for a pulse its width in seconds. */
  const change = (payload: Uint8Array, isStuck: boolean, seconds: number | undefined): boolean => {
    const [number = -1, wanted = -1] = payload;
    const relay = switches[number - base];
    if (relay === undefined || wanted > 1) return false;
    if (isStuck) return true;
    put(relay, wanted === 1);
    if (seconds !== undefined) pulses.set(relay, clock.after(seconds * 1000, () => put(relay, wanted !== 1)));
    return true;
  };

  return {
    switches,
    carryOut({ command, descriptor, payload }, isFailing, isStuck) {
      if (command === 4) return { bytes: isFailing ? FAILED : DONE, what: 'keep alive', isChange: false };
      if (descriptor === 4) {
        const bytes = Uint8Array.from(switches, ({ state }) => (state.power === 'power on' ? 1 : 0));
        return { bytes, what: `read relays: ${[...bytes].join(' ')}`, isChange: false };
      }
      const seconds = descriptor === 7 ? (payload[2] ?? 0) + 256 * (payload[3] ?? 0) : undefined;
      const isDone = !isFailing && change(payload, isStuck, seconds);
      const name = seconds === undefined ? 'set relay' : `pulse relay for ${seconds} s:`;
      const what = `${name} ${payload[0]} ${payload[1] === 1 ? 'on' : 'off'}: ${isDone ? 'done' : 'failed'}`;
      return { bytes: isDone ? DONE : FAILED, what, isChange: true };
    },
    [Symbol.dispose]() {
      for (const timer of pulses.values()) timer[Symbol.dispose]();
      pulses.clear();
    },
  };
}
