import type { JsonObject } from '@ferric/core';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Requester } from '../nodes/node-service.js';
import { actorOf } from '../nodes/requester.js';

/** What a network service tells of. Source: Ironic, ironic/api/controllers/v1/event.py. */
export const NETWORK_EVENTS = ['network.bind_port', 'network.unbind_port', 'network.delete_port'] as const;

/** What a network service tells of one of its ports. */
export interface NetworkEvent {
  readonly event: (typeof NETWORK_EVENTS)[number];
  /** UUID of the network's port: what nodes know as a VIF. */
  readonly portId: string;
  /** MAC address, lower case with colons. */
  readonly macAddress: string;
  /** `ACTIVE`, `DOWN`, `ERROR`, `DELETED`. */
  readonly status: string;
  readonly deviceId: string | null;
  readonly hostId: string | null;
  readonly vnicType: string | null;
}

/** Writes events of networks into the histories of the nodes that have a port or a port group with the address; all of them into the log. */
export async function receiveNetworkEvents(context: ConductorContext, events: readonly NetworkEvent[], requester: Requester): Promise<void> {
  const { logger, store } = context;
  for (const event of events) logger.debug({ ...event, requestId: requester.requestId }, 'Network event received');
  const owners = await ownersOf(context, new Set(events.map(({ macAddress }) => macAddress)));
  const told = events.flatMap((event) => [...(owners.get(event.macAddress) ?? [])].map((nodeUuid) => ({ nodeUuid, event })));
  if (told.length === 0) return;
  await store.write(async (transaction) => {
    for (const { nodeUuid, event } of told) {
      await transaction.events.append({
        nodeUuid, type: 'network-event-received', severity: 'INFO', message: `Network event ${event.event} for ${event.macAddress}: ${event.status}`,
        details: detailsOf(event), actor: actorOf(requester),
      });
    }
  });
}

/** Nodes by the addresses of their ports and port groups. A group often has the address of one of its ports. */
async function ownersOf({ store }: ConductorContext, addresses: ReadonlySet<string>): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const filters = { addresses: [...addresses] };
  const owners = new Map<string, Set<string>>();
  for (const { address, nodeUuid } of [...(await store.ports.all(filters)), ...(await store.portgroups.all(filters))]) {
    if (address !== null) owners.set(address, (owners.get(address) ?? new Set()).add(nodeUuid));
  }
  return owners;
}

/** The event with the names of the wire. */
function detailsOf({ event, portId, macAddress, status, deviceId, hostId, vnicType }: NetworkEvent): JsonObject {
  return {
    event, port_id: portId, mac_address: macAddress, status, device_id: deviceId, 'binding:host_id': hostId, 'binding:vnic_type': vnicType,
  };
}
