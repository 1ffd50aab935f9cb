import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { DeployTemplate } from './deploy-template.js';
import { createRecordService, type RecordService } from './record-service.js';

export function createDeployTemplateService({ store, clock }: Pick<ConductorContext, 'store' | 'clock'>): RecordService<DeployTemplate> {
  return createRecordService<DeployTemplate>(
    { store, clock },
    {
      writer: (transaction) => transaction.deployTemplates,
      reader: store.deployTemplates,
      findByName: (name) => store.deployTemplates.one({ name }),
      notFound: faults.deployTemplateNotFound,
      empty: { name: '', steps: [], extra: {} },
    },
  );
}
