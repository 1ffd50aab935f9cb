import { FerricError, type NetworkStrategy, type NodeChanges } from '@ferric/core';
import { chooseVifPlace, findVif, TENANT_VIF, vifOf, type VifPlace } from './vif-places.js';

/**
 * One network for everything: machines are where they are plugged in, and whoever runs the switch cares for the rest. It remembers which
 * VIF belongs to which port, and tells in the node's history in which phase a machine needs its network.
 * Source: Ironic, ironic/drivers/modules/network/flat.py, without the network service that it calls.
 */
export function createFlatNetwork(): NetworkStrategy {
  return {
    interface: 'network',
    name: 'flat',
    validate: async () => undefined,
    async connect(task, phase) {
      task.progress(`The machine needs the ${phase} network from now on; its switch is configured elsewhere`, { phase });
      return undefined;
    },
    async disconnect(task, phase) {
      task.progress(`The machine does not need the ${phase} network any more`, { phase });
      return undefined;
    },
    async listVifs({ ports, portgroups }) {
      return [...ports, ...portgroups].flatMap((place) => vifOf(place) ?? []).map((id) => ({ id }));
    },
    attachVif: async (task, request) => vifChange(chooseVifPlace(task, request), request.id),
    async detachVif(task, id) {
      const place = findVif(task, id);
      if (place !== undefined) return vifChange(place, null);
      throw new FerricError('INVALID_OPTIONS', `Unable to detach VIF ${id} from node ${task.node.uuid} because it is not attached to it.`, {
        details: { vif: id, node: task.node.uuid },
        hint: 'See which VIFs are: GET /v1/nodes/{node}/vifs.',
      });
    },
  };
}

function vifChange({ kind, uuid }: VifPlace, vif: string | null): NodeChanges {
  const info = { [uuid]: { [TENANT_VIF]: vif } };
  return kind === 'port' ? { portInfo: info } : { portgroupInfo: info };
}
