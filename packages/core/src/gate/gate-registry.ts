import { type Clock, systemClock } from '../time/clock.js';
import { createGate, type Gate, type GateSettings, type GateStatus } from './gate.js';

/** Hands out the one gate of each controller address. */
export interface GateRegistry {
  /** The gate of this address; settings count for the first call only. */
  gate(address: string, settings?: GateSettings): Gate;
  /** Forgets the gate of an address that no node uses any more. */
  forget(address: string): void;
  status(): readonly GateStatus[];
}

/** Makes a registry that keeps one gate per address for as long as it lives. */
export function createGateRegistry(clock: Clock = systemClock): GateRegistry {
  const gates = new Map<string, Gate>();
  return {
    gate(address, settings) {
      const known = gates.get(address);
      if (known !== undefined) return known;
      const made = createGate(address, settings, clock);
      gates.set(address, made);
      return made;
    },
    forget(address) {
      gates.delete(address);
    },
    status: () => [...gates.values()].map((gate) => gate.status()),
  };
}
