import { faults } from '../../fault.js';
import type { Chassis } from '../../resources/chassis.js';
import { document, instant, optional, text, type Codecs } from '../column-codecs.js';
import type { RecordDefinition } from '../record-queries.js';
import { createRecordRows } from '../record-rows.js';

const CODECS: Codecs<Chassis> = {
  uuid: text(),
  description: optional(text()),
  extra: document(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export type ChassisFilters = Readonly<Record<string, never>>;

export const CHASSIS: RecordDefinition<'chassis', Chassis, ChassisFilters> = {
  table: 'chassis',
  rows: createRecordRows<Chassis>({ name: 'chassis', codecs: CODECS, documents: ['extra'] }),
  conditions: {},
  notFound: faults.chassisNotFound,
  faults: (chassis) => ({ 'chassis.uuid': () => faults.chassisUuidTaken(chassis.uuid ?? '') }),
};
