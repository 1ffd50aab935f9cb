import type { JsonObject } from '../json.js';

/** A network port of a node, as Ironic stores it. Times are dates, names in our case. */
export interface Port {
  readonly uuid: string;
  readonly nodeUuid: string;
  /** MAC address, lower case with colons; unique. */
  readonly address: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly pxeEnabled: boolean;
  readonly localLinkConnection: JsonObject;
  readonly physicalNetwork: string | null;
  readonly portgroupUuid: string | null;
  readonly isSmartnic: boolean;
  readonly extra: JsonObject;
  readonly internalInfo: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}

/** A port as strategies see it. */
export type PortView = Pick<
  Port, 'uuid' | 'address' | 'pxeEnabled' | 'localLinkConnection' | 'physicalNetwork' | 'portgroupUuid' | 'extra' | 'internalInfo'
>;
