import type { Port, Portgroup } from '@ferric/core';
import type { AllocationService } from '../allocations/allocation-service.js';
import { createAllocationService } from '../allocations/create-allocation-service.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Chassis } from './chassis.js';
import { createChassisService } from './chassis-service.js';
import type { DeployTemplate } from './deploy-template.js';
import { createDeployTemplateService } from './deploy-template-service.js';
import { createPortService } from './port-service.js';
import { createPortgroupService } from './portgroup-service.js';
import type { RecordService } from './record-service.js';
import type { VolumeConnector, VolumeTarget } from './volume.js';
import { createVolumeConnectorService, createVolumeTargetService } from './volume-services.js';

/** What clients may do with everything but nodes and drivers. */
export interface ResourceServices {
  readonly ports: RecordService<Port>;
  readonly portgroups: RecordService<Portgroup>;
  readonly chassis: RecordService<Chassis>;
  readonly allocations: AllocationService;
  readonly deployTemplates: RecordService<DeployTemplate>;
  readonly volumeConnectors: RecordService<VolumeConnector>;
  readonly volumeTargets: RecordService<VolumeTarget>;
}

export function createResourceServices(context: ConductorContext): ResourceServices {
  return {
    ports: createPortService(context),
    portgroups: createPortgroupService(context),
    chassis: createChassisService(context),
    allocations: createAllocationService(context),
    deployTemplates: createDeployTemplateService(context),
    volumeConnectors: createVolumeConnectorService(context),
    volumeTargets: createVolumeTargetService(context),
  };
}
