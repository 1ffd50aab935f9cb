import type { StoredNode } from '../nodes/stored-node.js';
import { type Codecs, type ColumnOf, document, documentWithDates, flag, instant, integer, optional, type SnakeCase, text } from './column-codecs.js';
import { createRecordRows, type RecordRows } from './record-rows.js';

/** Documents of a node that may hold secrets. */
const SEALED_FIELDS = ['driverInfo', 'driverInternalInfo', 'instanceInfo'] as const;
type SealedField = (typeof SEALED_FIELDS)[number];

/** Every other field of a node and how it is kept. */
const PLAIN_CODECS: Codecs<Omit<StoredNode, SealedField>> = {
  id: integer(),
  uuid: text(),
  name: optional(text()),
  driver: text(),
  instanceUuid: optional(text()),
  chassisUuid: optional(text()),
  properties: document(),
  extra: document(),
  networkData: document(),
  interfaces: document(),
  resourceClass: optional(text()),
  conductorGroup: text(),
  owner: optional(text()),
  lessee: optional(text()),
  description: optional(text()),
  shard: optional(text()),
  allocationUuid: optional(text()),
  traits: document(),
  powerState: optional(text()),
  targetPowerState: optional(text()),
  provisionState: text(),
  targetProvisionState: optional(text()),
  provisionUpdatedAt: optional(instant()),
  lastError: optional(text()),
  fault: optional(text()),
  maintenance: flag(),
  maintenanceReason: optional(text()),
  reservation: optional(text()),
  automatedClean: optional(flag()),
  protected: flag(),
  protectedReason: optional(text()),
  retired: flag(),
  retiredReason: optional(text()),
  consoleEnabled: flag(),
  bootMode: optional(text()),
  secureBoot: optional(flag()),
  cleanStep: document(),
  deployStep: document(),
  raidConfig: document(),
  targetRaidConfig: document(),
  inspectionStartedAt: optional(instant()),
  inspectionFinishedAt: optional(instant()),
  createdAt: instant(),
  updatedAt: optional(instant()),
  work: optional(documentWithDates(['requestedAt'])),
  powerKnowledge: optional(documentWithDates(['at'])),
};

/** What the conductor adds to the fields of a node in its row. */
interface AddedNodeColumns {
  secrets: string;
  /** `description` as it is searched. */
  description_folded: string | null;
}

/** A row of the table `nodes`. */
export type NodeRow = { [Field in keyof StoredNode as SnakeCase<Field>]: ColumnOf<StoredNode[Field]> } & AddedNodeColumns;

/** Turns nodes into rows and back. */
export const NODE_ROWS: RecordRows<StoredNode> = createRecordRows<StoredNode, SealedField>({
  name: 'node',
  codecs: PLAIN_CODECS,
  sealed: SEALED_FIELDS,
  documents: [
    'properties', 'extra', 'networkData', 'interfaces', 'traits', 'cleanStep', 'deployStep', 'raidConfig', 'targetRaidConfig', 'work',
    'powerKnowledge',
  ],
  folded: ['description'],
  given: ['id'],
});
