import { FerricError, printValue, type Indicator, type IndicatorComponent, type Indicators, type IndicatorState } from '@ferric/core';
import type { IloMachine } from './ilo-machine.js';

/** The light by which a person finds the machine: UID. It blinks by itself while somebody uses the remote console or writes firmware. */
const IDENTIFY: Indicator = { component: 'chassis', name: 'identify', readonly: false, states: ['off', 'on', 'blinking'] };

/** States that a client can ask for. */
const SETTABLE: readonly IndicatorState[] = ['off', 'on'];

export function createIloIndicators(machine: IloMachine): Indicators {
  return {
    list: (options) =>
      machine.perform({ what: 'read indicators' }, options, async ({ client, options: call }) => {
        // It is always the same one; the controller is asked all the same, so that one which cannot be reached is not described.
        await client.identifyLight.read(call);
        return [IDENTIFY];
      }),
    read: (component, name, options) =>
      machine.perform({ what: 'read indicators' }, options, async ({ client, options: call }) => {
        requireIdentify(machine, component, name);
        return client.identifyLight.read(call);
      }),
    set: (component, name, state, options) =>
      machine.perform({ what: 'set indicator' }, options, async ({ client, options: call }) => {
        requireIdentify(machine, component, name);
        requireState(state);
        await client.identifyLight.set(state === 'on', call);
      }),
  };
}

function requireIdentify({ address }: IloMachine, component: IndicatorComponent, name: string): void {
  if (component === IDENTIFY.component && name === IDENTIFY.name) return;
  const received = `${name}@${component}`;
  throw new FerricError('NOT_FOUND', `A machine with an iLO has no indicator ${printValue(received)}`, {
    details: { address, field: 'name', received: printValue(received), accepted: [`${IDENTIFY.name}@${IDENTIFY.component}`] },
  });
}

function requireState(state: IndicatorState): void {
  if (SETTABLE.includes(state)) return;
  throw new FerricError('UNSUPPORTED', `The indicator identify@chassis cannot be set to ${printValue(state)}`, {
    details: { field: 'state', received: printValue(state), accepted: [...SETTABLE] },
    hint: `Use one of: ${SETTABLE.join(', ')}.`,
  });
}
