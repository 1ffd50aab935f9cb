import {
  FerricError, INDICATOR_STATES, printValue, type Indicator, type IndicatorComponent, type Indicators, type IndicatorState,
} from '@ferric/core';
import { timeLeft, type PerformAction } from './fake-call.js';
import { asObject } from './fake-document.js';
import type { FakeMachine } from './fake-machine.js';

/** Source: Ironic, ironic/drivers/modules/fake.py (FakeManagement), and a recorded list of its indicators. */
const INDICATORS: readonly Indicator[] = [
  { component: 'chassis', name: 'led-0', readonly: true, states: ['off', 'on'] },
  { component: 'system', name: 'led', readonly: false, states: ['blinking', 'off', 'on'] },
];

/** The state of an indicator that was never set: what Ironic's fake-hardware answers. */
const FIRST_STATE: IndicatorState = 'on';

/** Two lamps, of which one can be set. */
export function createFakeIndicators(machine: FakeMachine, perform: PerformAction): Indicators {
  return {
    list: (options) =>
      perform('read indicators', options, async (deadline) => {
        // Its lamps are always the same; the machine is asked all the same, so that one which cannot be reached is not described.
        await machine.readSetting('indicators', timeLeft(deadline));
        return INDICATORS;
      }),
    read: (component, name, options) =>
      perform('read indicators', options, async (deadline) => {
        const { unique } = find(component, name);
        const state = asObject(await machine.readSetting('indicators', timeLeft(deadline)))[unique];
        return INDICATOR_STATES.find((each) => each === state) ?? FIRST_STATE;
      }),
    async set(component, name, state, options) {
      const { unique, indicator } = find(component, name);
      if (indicator.readonly) throw new FerricError('UNSUPPORTED', `The indicator ${unique} only shows, it cannot be set`, { details: { indicator: unique } });
      if (!indicator.states.includes(state)) {
        throw new FerricError('UNSUPPORTED', `The indicator ${unique} cannot be ${printValue(state)}`, {
          details: { field: 'state', received: printValue(state), accepted: [...indicator.states] },
          hint: `Use one of: ${indicator.states.join(', ')}.`,
        });
      }
      await perform('set indicator', options, async (deadline) => {
        const before = asObject(await machine.readSetting('indicators', timeLeft(deadline)));
        await machine.changeSetting('indicators', { ...before, [unique]: state }, timeLeft(deadline));
      });
    },
  };
}

function find(component: IndicatorComponent, name: string): { readonly unique: string; readonly indicator: Indicator } {
  const unique = `${name}@${component}`;
  const indicator = INDICATORS.find((each) => each.component === component && each.name === name);
  if (indicator !== undefined) return { unique, indicator };
  throw new FerricError('NOT_FOUND', `The fake machine has no indicator ${printValue(unique)}`, {
    details: { field: 'name', received: printValue(unique), accepted: INDICATORS.map((each) => `${each.name}@${each.component}`) },
  });
}
