import { randomUUID } from 'node:crypto';
import { faults } from '../fault.js';
import type { NewPort } from '../store/store.js';
import type { ConductorContext } from './conductor-context.js';
import type { PortService } from './node-service.js';
import { actorOf } from './requester.js';

/** The port service. Ports share the lock of their node: creating or changing one while the node is worked on is refused. */
export function createPortService(context: ConductorContext): PortService {
  const { store, locks, clock } = context;

  const find: PortService['find'] = async (uuid) => {
    const port = await store.ports.get(uuid);
    if (port === undefined) throw faults.portNotFound(uuid);
    return port;
  };

  return {
    find,

    async create(fields, requester) {
      refusePortgroup(fields.portgroupUuid);
      const port: NewPort = { ...EMPTY_PORT, ...fields, uuid: fields.uuid ?? randomUUID(), createdAt: clock.now() };
      if ((await store.nodes.get(port.nodeUuid)) === undefined) throw faults.nodeNotFoundInBody(port.nodeUuid);
      return locks.change(
        port.nodeUuid,
        async (transaction) => {
          const created = await transaction.ports.insert(port);
          await transaction.events.append({
            nodeUuid: port.nodeUuid,
            type: 'port-created',
            severity: 'INFO',
            message: `Port ${port.address} added`,
            details: { port: port.uuid, address: port.address },
            actor: actorOf(requester),
          });
          return created;
        },
        requester.signal,
      );
    },

    async update(uuid, edit, requester) {
      const { nodeUuid } = await find(uuid);
      return locks.change(
        nodeUuid,
        async (transaction) => {
          const port = await transaction.ports.get(uuid);
          if (port === undefined) throw faults.portNotFound(uuid);
          const changes = edit(port);
          refusePortgroup(changes.portgroupUuid);
          if (changes.nodeUuid !== undefined && (await transaction.nodes.get(changes.nodeUuid)) === undefined) {
            throw faults.nodeNotFoundInBody(changes.nodeUuid);
          }
          const updated = await transaction.ports.update(uuid, changes);
          await transaction.events.append({
            nodeUuid,
            type: 'port-updated',
            severity: 'INFO',
            message: `Port ${updated.address} changed: ${Object.keys(changes).join(', ')}`,
            details: { port: uuid, fields: Object.keys(changes) },
            actor: actorOf(requester),
          });
          return updated;
        },
        requester.signal,
      );
    },

    async delete(uuid, requester) {
      const { nodeUuid } = await find(uuid);
      await locks.change(
        nodeUuid,
        async (transaction) => {
          const port = await transaction.ports.get(uuid);
          if (port === undefined) throw faults.portNotFound(uuid);
          await transaction.ports.delete(uuid);
          await transaction.events.append({
            nodeUuid, type: 'port-deleted', severity: 'INFO', message: `Port ${port.address} removed`, details: { port: uuid, address: port.address }, actor: actorOf(requester),
          });
        },
        requester.signal,
      );
    },
  };
}

/** @throws RequestFault 400: there are no port groups here that a port could belong to. */
function refusePortgroup(portgroupUuid: string | null | undefined): void {
  if (portgroupUuid !== undefined && portgroupUuid !== null) throw faults.portgroupNotFoundInBody(portgroupUuid);
}

/** What a new port holds in the fields that its creator left out. */
export const EMPTY_PORT: Omit<NewPort, 'uuid' | 'nodeUuid' | 'address' | 'createdAt'> = {
  name: null,
  description: null,
  pxeEnabled: true,
  localLinkConnection: {},
  physicalNetwork: null,
  portgroupUuid: null,
  isSmartnic: false,
  extra: {},
  internalInfo: {},
};
