import { isEmptyImplementation, isUuid } from '@ferric/core';
import { endAllocation } from '../allocations/association.js';
import { faults } from '../fault.js';
import { receiveNetworkEvents } from '../networks/network-events.js';
import { setBootMode, setSecureBoot } from './boot-mode.js';
import type { ConductorContext } from './conductor-context.js';
import { readConsole, setConsole } from './console.js';
import { readIndicator, readIndicators, setIndicator } from './indicators.js';
import { injectNmi, readBiosSettings, readBootDevice, readFirmwareComponents, setBootDevice, supportedBootDevices } from './management.js';
import { newNode, requireChassis } from './node-creation.js';
import { checkDeletable } from './node-deletion.js';
import { applyEdit, checkUpdateAllowed, endsAllocation } from './node-editing.js';
import type { NodeService } from './node-service.js';
import { setPowerState } from './power-requests.js';
import { setProvisionState } from './provisioning.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';
import { addTrait, removeTrait, setTraits } from './traits.js';
import { validateNode } from './validation.js';
import { callVendorMethod, vendorMethodsOf } from './vendor-passthru.js';
import { attachVif, detachVif, listVifs } from './vifs.js';

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
        await requireChassis(transaction, node.chassisUuid);
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
          await requireChassis(transaction, changes.chassisUuid);
          const updated = await transaction.nodes.update(uuid, changes);
          if (endsAllocation(node, change)) await endAllocation(transaction, node, actorOf(requester));
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
          await endAllocation(transaction, node, actorOf(requester));
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
    firmwareComponents: async (identifier, requester) => readFirmwareComponents(context, await find(identifier), requester),
    setBootMode: async (identifier, target, requester) => setBootMode(context, await find(identifier), target, requester),
    setSecureBoot: async (identifier, enabled, requester) => setSecureBoot(context, await find(identifier), enabled, requester),
    console: async (identifier) => readConsole(context, await find(identifier)),
    setConsole: async (identifier, enabled, requester) => setConsole(context, await find(identifier), enabled, requester),
    injectNmi: async (identifier, requester) => injectNmi(context, await find(identifier), requester),
    indicators: async (identifier, requester) => readIndicators(context, await find(identifier), requester),
    indicator: async (identifier, indicator, requester) => readIndicator(context, await find(identifier), indicator, requester),
    setIndicator: async (identifier, indicator, state, requester) => setIndicator(context, await find(identifier), indicator, state, requester),

    async inventory(identifier) {
      const { uuid } = await find(identifier);
      const found = await store.inventories.get(uuid);
      if (found === undefined) throw faults.inventoryNotFound(uuid);
      return found;
    },

    setTraits: async (identifier, traits, requester) => setTraits(context, await find(identifier), traits, requester),
    addTrait: async (identifier, trait, requester) => addTrait(context, await find(identifier), trait, requester),
    removeTrait: async (identifier, trait, requester) => removeTrait(context, await find(identifier), trait, requester),
    vifs: async (identifier) => listVifs(context, await find(identifier)),
    attachVif: async (identifier, request, requester) => attachVif(context, await find(identifier), request, requester),
    detachVif: async (identifier, vif, requester) => detachVif(context, await find(identifier), vif, requester),
    receiveNetworkEvents: (events, requester) => receiveNetworkEvents(context, events, requester),

    vendorMethods: async (identifier) => vendorMethodsOf(context, await find(identifier)),
    callVendorMethod: async (identifier, method, httpMethod, args, requester) =>
      callVendorMethod(context, await find(identifier), method, httpMethod, args, requester),
  };
}
