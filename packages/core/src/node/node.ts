import type { InterfaceName } from '../driver/interfaces.js';
import type { JsonObject } from '../json.js';
import type { ProvisionState } from '../provisioning/states.js';
import type { Sealed } from '../secrets/masking.js';

/** A JSON object whose secrets are {@link Secret}. */
export type SealedObject = { readonly [key: string]: Sealed };

/** Power states as a node record keeps them; null before the first reading. */
export type NodePowerState = 'power on' | 'power off' | 'error' | null;

/** Why a node was put into maintenance by the conductor itself. */
export const FAULTS = ['power failure', 'clean failure', 'rescue abort failure', 'service failure'] as const;
export type Fault = (typeof FAULTS)[number];

/** The implementation of each interface: `power_interface` and its twelve siblings. */
export type NodeInterfaces = Readonly<Record<InterfaceName, string>>;

/**
 * A machine as Ironic knows it. Fields keep Ironic's names in our case (`instance_info` is `instanceInfo`).
 * Source: ironic/objects/node.py and the recorded answers of Ironic 21.4 (API 1.82).
 */
export interface Node {
  readonly uuid: string;
  readonly name: string | null;
  readonly driver: string;
  readonly driverInfo: SealedObject;
  readonly driverInternalInfo: SealedObject;
  readonly instanceInfo: SealedObject;
  readonly instanceUuid: string | null;
  readonly chassisUuid: string | null;
  readonly properties: JsonObject;
  readonly extra: JsonObject;
  readonly networkData: JsonObject;
  readonly interfaces: NodeInterfaces;
  readonly resourceClass: string | null;
  readonly conductorGroup: string;
  readonly owner: string | null;
  readonly lessee: string | null;
  readonly description: string | null;
  readonly shard: string | null;
  readonly allocationUuid: string | null;
  readonly traits: readonly string[];

  readonly powerState: NodePowerState;
  readonly targetPowerState: NodePowerState;
  readonly provisionState: ProvisionState;
  readonly targetProvisionState: ProvisionState | null;
  readonly provisionUpdatedAt: Date | null;
  readonly lastError: string | null;
  readonly fault: Fault | null;
  readonly maintenance: boolean;
  readonly maintenanceReason: string | null;
  /** Name of the conductor that holds the lock. */
  readonly reservation: string | null;

  readonly automatedClean: boolean | null;
  readonly protected: boolean;
  readonly protectedReason: string | null;
  readonly retired: boolean;
  readonly retiredReason: string | null;
  readonly consoleEnabled: boolean;
  readonly bootMode: 'bios' | 'uefi' | null;
  readonly secureBoot: boolean | null;
  readonly cleanStep: JsonObject;
  readonly deployStep: JsonObject;
  readonly raidConfig: JsonObject;
  readonly targetRaidConfig: JsonObject;
  readonly inspectionStartedAt: Date | null;
  readonly inspectionFinishedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** A node as strategies see it: everything but the lock. */
export type NodeView = Omit<Node, 'reservation'>;
