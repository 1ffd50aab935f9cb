import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Chassis } from './chassis.js';
import { createRecordService, type RecordService } from './record-service.js';

export function createChassisService({ store, clock }: Pick<ConductorContext, 'store' | 'clock'>): RecordService<Chassis> {
  return createRecordService<Chassis>(
    { store, clock },
    {
      writer: (transaction) => transaction.chassis,
      reader: store.chassis,
      notFound: faults.chassisNotFound,
      empty: { description: null, extra: {} },
      async checkDeletion(transaction, { uuid }) {
        if ((await transaction.nodes.count({ chassisUuid: uuid })) > 0) throw faults.chassisNotEmpty(uuid);
      },
    },
  );
}
