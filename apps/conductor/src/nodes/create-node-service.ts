import { isEmptyImplementation, isUuid } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import { readBiosSettings, readBootDevice, setBootDevice, supportedBootDevices } from './management.js';
import { newNode } from './node-creation.js';
import { checkDeletable } from './node-deletion.js';
import { applyEdit, checkUpdateAllowed } from './node-editing.js';
import type { NodeService } from './node-service.js';
import { setPowerState } from './power-requests.js';
import { setProvisionState } from './provisioning.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';
import { validateNode } from './validation.js';
import { callVendorMethod, vendorMethodsOf } from './vendor-passthru.js';

/** The node service on a store and a registry. */
export function createNodeService(context: ConductorContext): NodeService {
  const { store, locks, registry, clock } = context;

  const find = async (identifier: string): Promise<StoredNode> => {
    const node = isUuid(identifier) ? await store.nodes.get(identifier.toLowerCase()) : await store.nodes.getByName(identifier);
    if (node === undefined) throw faults.nodeNotFound(identifier);
    return node;
  };

  return {
    find,

    create(creation, requester) {
      const node = newNode(registry, creation, requester.version, clock.now());
      return store.write(async (transaction) => {
        const created = await transaction.nodes.insert(node);
        await transaction.events.append({
          nodeUuid: created.uuid,
          type: 'node-created',
          severity: 'INFO',
          message: `Node enrolled with driver ${created.driver}`,
          details: { driver: created.driver, name: created.name },
          actor: actorOf(requester),
        });
        return created;
      });
    },

    async update(identifier, edit, { resetInterfaces }, requester) {
      const { uuid } = await find(identifier);
      return locks.change(
        uuid,
        async (transaction, node) => {
          // A node that is being worked on is refused before its patch is looked at, except where the patch may be allowed even so.
          if (!node.maintenance) checkUpdateAllowed(node, requester.version);
          const change = edit(node);
          checkUpdateAllowed(node, requester.version, change);
          const changes = applyEdit(registry, node, change, resetInterfaces);
          const updated = await transaction.nodes.update(uuid, changes);
          const fields = Object.keys(changes);
          if (fields.length > 0) {
            await transaction.events.append({
              nodeUuid: uuid, type: 'node-updated', severity: 'INFO', message: `Changed: ${fields.join(', ')}`, details: { fields }, actor: actorOf(requester),
            });
          }
          return updated;
        },
        requester.signal,
      );
    },

    async delete(identifier, requester) {
      const { uuid } = await find(identifier);
      await locks.change(
        uuid,
        async (transaction, node) => {
          checkDeletable(node);
          await transaction.nodes.delete(uuid);
          await transaction.events.append({
            nodeUuid: uuid, type: 'node-deleted', severity: 'INFO', message: 'Node deleted', details: { name: node.name }, actor: actorOf(requester),
          });
        },
        requester.signal,
      );
    },

    async setMaintenance(identifier, { enabled, reason }, requester) {
      const { uuid } = await find(identifier);
      // Maintenance must be possible while work runs: it is how an operator keeps everybody else away from a sick machine.
      await store.write(async (transaction) => {
        const node = await transaction.nodes.getForUpdate(uuid);
        if (node === undefined) throw faults.nodeNotFound(identifier);
        await transaction.nodes.update(uuid, enabled ? { maintenance: true, maintenanceReason: reason } : { maintenance: false, maintenanceReason: null, fault: null });
        await transaction.events.append({
          nodeUuid: uuid,
          type: enabled ? 'maintenance-set' : 'maintenance-cleared',
          severity: 'INFO',
          message: enabled ? `Maintenance set${reason === null ? '' : `: ${reason}`}` : 'Maintenance cleared',
          details: { reason },
          actor: actorOf(requester),
        });
      });
    },

    setProvisionState: async (identifier, request, requester) => setProvisionState(context, await find(identifier), request, requester),
    setPowerState: async (identifier, request, requester) => setPowerState(context, await find(identifier), request, requester),
    validate: async (identifier) => validateNode(context, await find(identifier)),

    async setTargetRaidConfig(identifier, configuration, requester) {
      const { uuid, driver, interfaces } = await find(identifier);
      if (isEmptyImplementation('raid', interfaces.raid)) throw faults.raidUnsupported(driver);
      await locks.change(uuid, (transaction) => transaction.nodes.update(uuid, { targetRaidConfig: configuration }), requester.signal);
    },

    bootDevice: async (identifier, requester) => readBootDevice(context, await find(identifier), requester),
    supportedBootDevices: async (identifier) => supportedBootDevices(context, await find(identifier)),
    setBootDevice: async (identifier, request, requester) => setBootDevice(context, await find(identifier), request, requester),
    biosSettings: async (identifier, requester) => readBiosSettings(context, await find(identifier), requester),

    async inventory(identifier) {
      const { uuid } = await find(identifier);
      const found = await store.inventories.get(uuid);
      if (found === undefined) throw faults.inventoryNotFound(uuid);
      return found;
    },

    vendorMethods: async (identifier) => vendorMethodsOf(context, await find(identifier)),
    callVendorMethod: async (identifier, method, httpMethod, args, requester) =>
      callVendorMethod(context, await find(identifier), method, httpMethod, args, requester),
  };
}
