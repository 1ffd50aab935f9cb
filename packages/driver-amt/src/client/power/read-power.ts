import { FerricError, type CallOptions, type Clock } from '@ferric/core';
import { CIM_AssociatedPowerManagementService, IPS_PowerManagementService } from '../classes/cim-power.js';
import { getInstance, listInstances } from '../classes/class-calls.js';
import type { InstanceOf } from '../classes/class-table.js';
import { createKept } from '../kept.js';
import type { Wsman } from '../wsman/wsman.js';
import { describePower, type AmtPowerStatus } from './power-states.js';

/** Reads how the machine stands, in one exchange, or two where its operating system may be in standby. */
export type ReadPower = (options?: CallOptions) => Promise<AmtPowerStatus>;

type AssociatedPower = InstanceOf<typeof CIM_AssociatedPowerManagementService>;

/** Faults by which firmware says that it has no such class, or does not give its instance this way. */
const ABSENT: ReadonlySet<string> = new Set(['NOT_FOUND', 'UNSUPPORTED', 'INTERNAL']);

function isAbsent(error: unknown): boolean {
  // A defect of ours is INTERNAL too, but nothing that a device said.
  return FerricError.is(error) && ABSENT.has(error.code) && (error.code === 'NOT_FOUND' || error.details['subcode'] !== undefined);
}

/** Makes a reader that learns what this firmware does not have, and looks again after an hour: an update or another operating system may bring it. */
export function createPowerReader(wsman: Wsman, clock: Clock): ReadPower {
  const listsOnly = createKept<true>(clock);
  const lacksStandby = createKept<true>(clock);

  /** Old firmware gives the only instance of the class when all are asked for. */
  const readAssociated = async (options?: CallOptions): Promise<AssociatedPower> => {
    if (listsOnly.read() === true) return listOnly(wsman, options);
    try {
      return await getInstance(wsman, CIM_AssociatedPowerManagementService, options);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      const instance = await listOnly(wsman, options);
      listsOnly.keep(true);
      return instance;
    }
  };

  const isInStandby = async (options?: CallOptions): Promise<boolean> => {
    if (lacksStandby.read() === true) return false;
    try {
      const { OSPowerSavingState: saving } = await getInstance(wsman, IPS_PowerManagementService, options);
      if (saving === undefined || saving === 'unsupported') lacksStandby.keep(true);
      return saving === 'os power saving';
    } catch (error) {
      if (!isAbsent(error)) throw error;
      lacksStandby.keep(true);
      return false;
    }
  };

  return async (options) => {
    const { PowerState: powerState, AvailableRequestedPowerStates: accepted } = await readAssociated(options);
    const plain = describePower(powerState);
    const status = plain.condition === 'on' ? describePower(powerState, await isInStandby(options)) : plain;
    return accepted === undefined ? status : { ...status, accepted };
  };
}

async function listOnly(wsman: Wsman, options: CallOptions | undefined): Promise<AssociatedPower> {
  const [instance] = await listInstances(wsman, CIM_AssociatedPowerManagementService, options);
  if (instance !== undefined) return instance;
  const details = { class: CIM_AssociatedPowerManagementService.name };
  throw new FerricError('PROTOCOL_FAULT', 'The device has no instance that tells the power of its machine', { details });
}
