import type { BootDeviceSetting } from '../device/boot.js';
import type { PowerChange, VirtualMachineState } from './virtual-device.js';

/** The power of a simulated machine, with those who want to know of its changes. */
export interface PowerSwitch {
  /** The machine; writes to `power` that change it are told. */
  readonly state: VirtualMachineState;
  /** Starts a machine anew that is on, and switches on one that is off. */
  reset(): void;
  /** As {@link VirtualDevice.watchPower}. */
  watch(listener: (change: PowerChange) => void): Disposable;
}

/** Makes the state of a simulated machine. @param bootDevice left out: the machine's controller knows of none */
export function createPowerSwitch(power: 'power on' | 'power off', bootDevice?: BootDeviceSetting): PowerSwitch {
  const listeners = new Set<(change: PowerChange) => void>();
  let current = power;
  const tell = (change: PowerChange): void => {
    for (const listener of listeners) listener(change);
  };
  const state: VirtualMachineState = {
    get power() {
      return current;
    },
    set power(wanted) {
      if (wanted === current) return;
      current = wanted;
      tell(wanted === 'power on' ? 'on' : 'off');
    },
    ...(bootDevice === undefined ? {} : { bootDevice }),
  };
  return {
    state,
    reset() {
      if (current === 'power on') tell('reset');
      else state.power = 'power on';
    },
    watch(listener) {
      // A function of its own: the same listener may watch twice.
      const own = (change: PowerChange): void => listener(change);
      listeners.add(own);
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}
