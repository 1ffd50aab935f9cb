import { FerricError, POWER_TARGETS, printValue, type Power, type PowerTarget } from '@ferric/core';
import type { IloMachine } from './ilo-machine.js';

/** A few exchanges. Milliseconds. */
const READ_MS = 60_000;

/** A machine that obeys its button when its operating system likes to. Milliseconds. */
const CHANGE_MS = 600_000;

/** What is done again when it is said again; the others only bring the machine to where it may be already. */
const RESTARTS: ReadonlySet<PowerTarget> = new Set(['rebooting', 'soft rebooting']);

/** Power of one machine. How far its self-test is stands in the detail of a reading. */
export function createIloPower(machine: IloMachine): Power {
  const targets: ReadonlySet<PowerTarget> = new Set(POWER_TARGETS);
  return {
    targets,
    read: (options) =>
      machine.perform({ what: 'read power', timeoutMs: READ_MS }, options, async ({ client, options: call }) => {
        const { postState: _postState, ...reading } = await client.power.read(call);
        return reading;
      }),
    async set(target, options) {
      if (!targets.has(target)) throw unsupportedTarget(machine, target);
      return machine.perform({ what: target, timeoutMs: CHANGE_MS }, options, ({ client, options: call, onlyOnce }) => {
        const set = (): ReturnType<typeof client.power.set> => client.power.set(target, call);
        return RESTARTS.has(target) ? onlyOnce(set) : set();
      });
    },
  };
}

function unsupportedTarget({ address }: IloMachine, target: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `A machine with an iLO cannot be set to ${printValue(target)}`, {
    details: { address, field: 'target', received: printValue(target), accepted: [...POWER_TARGETS] },
    hint: `Use one of: ${POWER_TARGETS.join(', ')}.`,
  });
}
