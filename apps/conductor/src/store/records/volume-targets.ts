import { faults } from '../../fault.js';
import type { VolumeTarget } from '../../resources/volume.js';
import { document, instant, integer, optional, text, type Codecs } from '../column-codecs.js';
import type { RecordDefinition } from '../record-queries.js';
import { createRecordRows } from '../record-rows.js';

const CODECS: Codecs<Omit<VolumeTarget, 'properties'>> = {
  uuid: text(),
  nodeUuid: text(),
  volumeType: text(),
  bootIndex: integer(),
  volumeId: text(),
  extra: document(),
  createdAt: instant(),
  updatedAt: optional(instant()),
};

export interface VolumeTargetFilters {
  readonly nodeUuid?: string;
}

export const VOLUME_TARGETS: RecordDefinition<'volume_targets', VolumeTarget, VolumeTargetFilters> = {
  table: 'volume_targets',
  rows: createRecordRows<VolumeTarget, 'properties'>({ name: 'volume_target', codecs: CODECS, sealed: ['properties'], documents: ['extra'] }),
  conditions: { nodeUuid: (row, value) => row('node_uuid', '=', value) },
  notFound: faults.volumeTargetNotFound,
  faults: (target) => ({
    'volume_targets.uuid': () => faults.volumeTargetUuidTaken(target.uuid ?? ''),
    'volume_targets.boot_index': () => faults.volumeTargetTaken(target.bootIndex ?? 0),
    // The only reference of a target is to its node.
    volume_targets: () => faults.nodeNotFoundInBody(target.nodeUuid ?? ''),
  }),
};
