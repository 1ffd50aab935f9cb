import { FerricError, printValue, type Indicator, type IndicatorComponent, type Indicators, type IndicatorState } from '@ferric/core';
import { getChassisStatus, identifyChassis, type IdentifyState } from '@ferric/ipmi-raw-buffer';
import { partOf } from './ipmi-answers.js';
import type { IpmiMachine } from './ipmi-machine.js';

/** Two exchanges, opening a session included. Milliseconds. */
const CALL_MS = 20_000;

/** The light by which a person finds the machine. What the protocol calls "on" blinks on many machines. Source: IPMI 1.5, section 22.5. */
const IDENTIFY: Indicator = { component: 'chassis', name: 'identify', readonly: false, states: ['off', 'on'] };

const STATES: Readonly<Record<IdentifyState, IndicatorState>> = { off: 'off', timed: 'on', indefinite: 'on', reserved: 'unknown' };

/** The one light that every machine with IPMI has. */
export function createIpmiIndicators(machine: IpmiMachine): Indicators {
  return {
    list: (options) =>
      machine.perform({ what: 'read indicators', timeoutMs: CALL_MS }, options, async (call) => {
        // It is always the same one; the controller is asked all the same, so that one which cannot be reached is not described.
        await getChassisStatus(call.bmc, partOf(call));
        return [IDENTIFY];
      }),
    read: (component, name, options) =>
      machine.perform({ what: 'read indicators', timeoutMs: CALL_MS }, options, async (call) => {
        requireIdentify(machine, component, name);
        const { identify } = await getChassisStatus(call.bmc, partOf(call));
        return identify === null ? 'unknown' : STATES[identify];
      }),
    async set(component, name, state, options) {
      await machine.perform({ what: 'set indicator', timeoutMs: CALL_MS }, options, async (call) => {
        requireIdentify(machine, component, name);
        requireState(state);
        // A controller that cannot keep it on for good does so for 255 seconds, which the next reading tells.
        await identifyChassis(call.bmc, state === 'on' ? 'indefinite' : 'off', partOf(call));
      });
    },
  };
}

function requireIdentify({ address }: IpmiMachine, component: IndicatorComponent, name: string): void {
  if (component === IDENTIFY.component && name === IDENTIFY.name) return;
  const received = `${name}@${component}`;
  throw new FerricError('NOT_FOUND', `A machine with IPMI has no indicator ${printValue(received)}`, {
    details: { address, field: 'name', received: printValue(received), accepted: [`${IDENTIFY.name}@${IDENTIFY.component}`] },
  });
}

function requireState(state: IndicatorState): void {
  if (IDENTIFY.states.includes(state)) return;
  throw new FerricError('UNSUPPORTED', `The indicator identify@chassis cannot be ${printValue(state)}`, {
    details: { field: 'state', received: printValue(state), accepted: [...IDENTIFY.states] },
    hint: `Use one of: ${IDENTIFY.states.join(', ')}.`,
  });
}
