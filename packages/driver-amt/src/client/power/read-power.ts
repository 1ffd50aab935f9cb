import { FerricError, type CallOptions } from '@ferric/core';
import { CIM_AssociatedPowerManagementService, IPS_PowerManagementService } from '../classes/cim-power.js';
import { getInstance, listInstances } from '../classes/class-calls.js';
import type { InstanceOf } from '../classes/class-table.js';
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

/** Makes a reader that learns once what this firmware does not have. */
export function createPowerReader(wsman: Wsman): ReadPower {
  let gives = true;
  let hasStandby = true;

  /** Old firmware gives the only instance of the class when all are asked for. */
  const readAssociated = async (options?: CallOptions): Promise<AssociatedPower> => {
    if (!gives) return listOnly(wsman, options);
    try {
      return await getInstance(wsman, CIM_AssociatedPowerManagementService, options);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      const instance = await listOnly(wsman, options);
      gives = false;
      return instance;
    }
  };

  const isInStandby = async (options?: CallOptions): Promise<boolean> => {
    if (!hasStandby) return false;
    try {
      const { OSPowerSavingState: saving } = await getInstance(wsman, IPS_PowerManagementService, options);
      hasStandby = saving !== undefined && saving !== 'unsupported';
      return saving === 'os power saving';
    } catch (error) {
      if (!isAbsent(error)) throw error;
      hasStandby = false;
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
