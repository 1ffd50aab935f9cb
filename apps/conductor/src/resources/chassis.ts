import type { JsonObject } from '@ferric/core';

/** A rack, a blade enclosure: a group of nodes. Source: ironic/objects/chassis.py. */
export interface Chassis {
  readonly uuid: string;
  readonly description: string | null;
  readonly extra: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date | null;
}
