import type { ProcedureTable } from '../daemon/procedure.js';
import { authenticationProcedures } from './authentication.js';
import { connectionProcedures } from './connection.js';
import { domainChangeProcedures } from './domain-changes.js';
import { domainFactProcedures } from './domain-facts.js';
import { domainListProcedures } from './domain-lists.js';
import { domainPowerProcedures } from './domain-power.js';
import { domainStreamProcedures } from './domain-streams.js';
import { eventProcedures } from './events.js';
import { networkProcedures } from './network.js';
import { storagePoolProcedures } from './storage-pools.js';
import { storageVolumeProcedures } from './storage-volumes.js';

/**
 * What the daemon can do, by number. Any other number is answered as an older daemon does: "unknown procedure".
 * Source of numbers and arguments: libvirt 9.0.0, src/remote/remote_protocol.x.
 */
export const PROCEDURES: ProcedureTable = {
  ...authenticationProcedures,
  ...connectionProcedures,
  ...domainListProcedures,
  ...domainPowerProcedures,
  ...domainFactProcedures,
  ...domainChangeProcedures,
  ...domainStreamProcedures,
  ...eventProcedures,
  ...networkProcedures,
  ...storagePoolProcedures,
  ...storageVolumeProcedures,
};
