import { FerricError, type CallOptions } from '@ferric/core';
import { readSdrRepository, type RequestCarrier, type SdrRecord } from '@ferric/ipmi-raw-buffer';
import { getNmVersion } from './nm-commands.js';
import type { NodeManagerLocation, NodeManagerSensors } from './nm-types.js';

/** Intel among the private enterprise numbers. */
const INTEL = 343;
/** What the data of the record begins with: the record is one of Node Manager, and tells where it is. */
const DISCOVERY = [0x0d, 0x01] as const;

/**
 * The location that a sensor data record tells; undefined for any other record. Pure.
 * Layout: record type C0h of Intel, data 0D 01, slave address, channel (bits 7..4) and logical unit (1..0), four sensor numbers.
 * Source: FreeIPMI 1.6.10, libfreeipmi/sdr/oem/ipmi-sdr-oem-intel-node-manager.c; ironic-staging-drivers, intel_nm/nm_commands.py.
 */
export function locationOf(record: SdrRecord): NodeManagerLocation | undefined {
  if (record.kind !== 'oem' || record.manufacturerId !== INTEL) return undefined;
  const [kind, subkind, slaveAddress, place, ...sensors] = record.data;
  if (kind !== DISCOVERY[0] || subkind !== DISCOVERY[1] || slaveAddress === undefined || place === undefined) return undefined;
  const found = sensorsOf(sensors);
  return { slaveAddress, channel: place >> 4, lun: place & 0x03, ...(found === undefined ? {} : { sensors: found }) };
}

function sensorsOf([health, exception, operationalCapabilities, alertThreshold]: readonly number[]): NodeManagerSensors | undefined {
  if (health === undefined || exception === undefined || operationalCapabilities === undefined || alertThreshold === undefined) return undefined;
  return { health, exception, operationalCapabilities, alertThreshold };
}

export interface FindNodeManagerOptions extends CallOptions {
  /** How the records of the BMC are had. Default: they are read, which may take some seconds. */
  readonly records?: (options: CallOptions) => Promise<{ readonly records: readonly SdrRecord[] }>;
}

/**
 * Finds the Node Manager behind a BMC: by its record in the SDR repository, and by asking it for its version.
 * @throws UNSUPPORTED when no record tells of one; REFUSED when one is told of and does not answer; PROTOCOL_FAULT when somebody else answers in its
 * place; BUSY, or REFUSED with `retryable`, when it may answer in a moment; what the carrier and reading the records throw
 */
export async function findNodeManager(bmc: RequestCarrier, options: FindNodeManagerOptions = {}): Promise<NodeManagerLocation> {
  const { records: read = (each: CallOptions) => readSdrRepository(bmc, each), ...callOptions } = options;
  const locations = (await readOrNone(bmc, () => read(callOptions))).flatMap((record) => locationOf(record) ?? []);
  const failures: FerricError[] = [];
  for (const location of locations) {
    try {
      await getNmVersion(bmc, location, callOptions);
      return location;
    } catch (error) {
      if (!tellsOfNobody(error)) throw error;
      failures.push(error);
    }
  }
  throw failedSearch(bmc, failures);
}

/** Whether the Node Manager is not there. No answer at all is a matter of the BMC; and whoever is busy is there. */
function tellsOfNobody(error: unknown): error is FerricError {
  if (!FerricError.is(error) || error.code === 'BUSY') return false;
  return error.code === 'PROTOCOL_FAULT' || error.details['completionCode'] !== undefined;
}

function failedSearch(bmc: RequestCarrier, failures: readonly FerricError[]): FerricError {
  const failure = failures.find((each) => each.retryable) ?? failures.at(-1);
  if (failure === undefined) return noNodeManager(bmc);
  return failure.retryable || failure.code === 'PROTOCOL_FAULT' ? failure : silentNodeManager(bmc, failure);
}

async function readOrNone(bmc: RequestCarrier, read: () => Promise<{ readonly records: readonly SdrRecord[] }>): Promise<readonly SdrRecord[]> {
  try {
    return (await read()).records;
  } catch (error) {
    if (FerricError.is(error) && error.code === 'UNSUPPORTED') throw noNodeManager(bmc, error);
    throw error;
  }
}

const STEP = 'Find Node Manager';

function noNodeManager({ address }: RequestCarrier, cause?: unknown): FerricError {
  return new FerricError('UNSUPPORTED', `No Intel Node Manager behind the BMC at ${address}: none of its sensor data records tells of one`, {
    details: { address, step: STEP },
    hint: 'Node Manager 1.5 or later is required, and has to be enabled in the firmware of the machine.',
    ...(cause === undefined ? {} : { cause }),
  });
}

function silentNodeManager({ address }: RequestCarrier, cause: FerricError): FerricError {
  return new FerricError('REFUSED', `The BMC at ${address} tells of an Intel Node Manager, which does not answer: ${cause.message}`, {
    details: { ...cause.details, address, step: STEP },
    hint: 'Check that Node Manager is enabled in the firmware of the machine, and that the BMC may pass requests on to it.',
    cause,
  });
}
