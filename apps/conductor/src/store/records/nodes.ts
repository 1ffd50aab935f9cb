import type { StoredNode } from '../../nodes/stored-node.js';
import { faults } from '../../fault.js';
import { containing } from '../filters.js';
import { NODE_ROWS } from '../node-rows.js';
import type { RecordDefinition } from '../record-queries.js';
import type { NodeFilters } from '../store.js';

export const NODES: RecordDefinition<'nodes', StoredNode, NodeFilters> = {
  table: 'nodes',
  rows: NODE_ROWS,
  conditions: {
    name: (row, value) => row('name', '=', value),
    instanceUuid: (row, value) => row('instance_uuid', '=', value),
    chassisUuid: (row, value) => row('chassis_uuid', '=', value),
    associated: (row, value) => row('instance_uuid', value ? 'is not' : 'is', null),
    maintenance: (row, value) => row('maintenance', '=', value ? 1 : 0),
    provisionState: (row, value) => row('provision_state', '=', value),
    driver: (row, value) => row('driver', '=', value),
    resourceClass: (row, value) => row('resource_class', '=', value),
    fault: (row, value) => row('fault', '=', value),
    conductorGroup: (row, value) => row('conductor_group', '=', value),
    owner: (row, value) => row('owner', '=', value),
    lessee: (row, value) => row('lessee', '=', value),
    descriptionContains: (row, value) => row('description_folded', 'like', containing(value)),
    retired: (row, value) => row('retired', '=', value ? 1 : 0),
    shard: (row, value) => row('shard', 'in', value),
    sharded: (row, value) => row('shard', value ? 'is not' : 'is', null),
    project: (row, value) => row.or([row('owner', '=', value), row('lessee', '=', value)]),
    hasWork: (row, value) => row('work', value ? 'is not' : 'is', null),
    reserved: (row, value) => row('reservation', value ? 'is not' : 'is', null),
    powerKnown: (row, value) => row('power_state', value ? 'is not' : 'is', null),
  },
  notFound: faults.nodeNotFound,
  faults: (node) => ({
    'nodes.uuid': () => faults.nodeUuidTaken(node.uuid ?? ''),
    'nodes.name': () => faults.nodeNameTaken(node.name ?? ''),
    'nodes.instance_uuid': () => faults.instanceUuidTaken(node.instanceUuid ?? '', node.uuid ?? ''),
  }),
};
