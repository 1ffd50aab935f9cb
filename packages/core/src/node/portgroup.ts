import type { JsonObject } from '../json.js';

/** Ports of a node that act as one, as Ironic stores them. Source: ironic/objects/portgroup.py. */
export interface Portgroup {
  readonly uuid: string;
  readonly nodeUuid: string;
  /** MAC address, lower case with colons; unique. */
  readonly address: string | null;
  readonly name: string | null;
  /** Bonding mode as Linux names it: `active-backup`, `802.3ad`. */
  readonly mode: string;
  /** Options of the bonding mode. */
  readonly properties: JsonObject;
  /** Whether its ports may be used one by one. */
  readonly standalonePortsSupported: boolean;
  readonly extra: JsonObject;
  readonly internalInfo: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** A port group as strategies see it. */
export type PortgroupView = Pick<Portgroup, 'uuid' | 'address' | 'mode' | 'properties' | 'standalonePortsSupported' | 'extra' | 'internalInfo'>;
