import type { JsonObject, SealedObject } from '@ferric/core';

/** How a node reaches a storage network: the name of its initiator. Source: ironic/objects/volume_connector.py. */
export interface VolumeConnector {
  readonly uuid: string;
  readonly nodeUuid: string;
  /** `iqn`, `ip`, `mac`, `wwnn`, `wwpn`. */
  readonly type: string;
  /** Unique among those of its type. */
  readonly connectorId: string;
  readonly extra: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** A volume in a storage network that a node uses. Source: ironic/objects/volume_target.py. */
export interface VolumeTarget {
  readonly uuid: string;
  readonly nodeUuid: string;
  /** `iscsi`, `fibre_channel`, ... */
  readonly volumeType: string;
  /** How it is reached; may hold a password. */
  readonly properties: SealedObject;
  /** 0: what the node boots from. Unique on a node. */
  readonly bootIndex: number;
  readonly volumeId: string;
  readonly extra: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}
