import { isIP } from 'node:net';
import { readInspection, type InspectionReport } from '@ferric/agent';
import type { JsonObject, Sealed, SealedObject } from '@ferric/core';
import { faults } from '../fault.js';
import type { Requester } from '../nodes/node-service.js';
import { actorOf } from '../nodes/requester.js';
import { promiseWork } from '../nodes/transitions.js';
import type { Store } from '../store/store.js';
import { agentEvent, badRequest, originOf, refuseUnknown, type AgentParts } from './agent-parts.js';

const WHAT = 'inspection report';
/** The one state in which a report is wanted. */
const AWAITED_IN = 'inspect wait';
/** A machine may be quicker than the work that started it; its agent asks again after a 409. */
const SOON_AWAITED_IN = 'inspecting';

/**
 * Takes what an agent found: it is kept, and the inspection that waits for it promised to go on, in one transaction.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (ContinueInspectionController) and ironic/drivers/modules/inspect_utils.py (lookup_node).
 */
export async function takeInspection(parts: AgentParts, body: JsonObject, nodeUuid: string | undefined, requester: Requester): Promise<string> {
  const { context } = parts;
  const report = readReport(body);
  const meant = await meantNodes(context.store, report, nodeUuid);
  const [uuid, ...others] = meant;
  if (uuid === undefined) throw refuseUnknown(parts, WHAT, `no node has a port with any of ${report.macs.slice(0, 8).join(', ')}`, requester);
  if (others.length > 0) throw refuseUnknown(parts, WHAT, `what it tells points to the nodes ${[...meant].slice(0, 8).join(', ')}`, requester);

  const outcome = await context.store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(uuid);
    if (node?.provisionState === SOON_AWAITED_IN) throw faults.nodeLocked(uuid, node.reservation ?? context.hostname);
    if (node?.provisionState !== AWAITED_IN) return { refused: node === undefined ? 'the node is gone' : `node ${uuid} is in state ${node.provisionState}` };
    // The agent asks again.
    if (node.reservation !== null) throw faults.nodeLocked(uuid, node.reservation);
    const at = context.clock.now();
    const { work, changes } = promiseWork('inspect', { resume: true, manual: false }, at, actorOf(requester), context.hostname);
    await transaction.inventories.put(uuid, { inventory: report.inventory, pluginData: report.pluginData });
    await transaction.nodes.update(uuid, { ...changes, provisionUpdatedAt: at });
    await transaction.events.append(
      agentEvent(node, requester, {
        type: 'agent-reported',
        ...(report.error === null ? {} : { severity: 'WARNING' }),
        message: `The agent at ${originOf(requester)} sent what it found${report.error === null ? '' : ', with errors'}`,
        details: { interfaces: report.macs.slice(0, 32), plugins: Object.keys(report.pluginData).slice(0, 32), errors: report.error !== null },
      }),
    );
    return { work };
  });
  if ('refused' in outcome) throw refuseUnknown(parts, WHAT, outcome.refused, requester);
  context.works.start(outcome.work, uuid);
  return uuid;
}

function readReport(body: JsonObject): InspectionReport {
  try {
    return readInspection(body);
  } catch (error) {
    throw badRequest(error);
  }
}

/**
 * Every node that something in the report points to: the UUID, the owners of the MAC addresses, and the nodes under inspection
 * whose controller has the address that the agent read from it. More than one: the report contradicts itself.
 */
async function meantNodes(store: Store, { macs, bmcAddresses }: InspectionReport, nodeUuid: string | undefined): Promise<ReadonlySet<string>> {
  const ports = await store.ports.all({ addresses: macs });
  const known = [...(nodeUuid === undefined ? [] : [nodeUuid]), ...ports.map((port) => port.nodeUuid)];
  const byController = bmcAddresses.length === 0 ? [] : await nodesWithController(store, new Set(bmcAddresses.map(canonicalHost)));
  return new Set([...known, ...byController]);
}

const PAGE = 200;

async function nodesWithController(store: Store, addresses: ReadonlySet<string>): Promise<readonly string[]> {
  const found: string[] = [];
  for (let marker: string | undefined; ; ) {
    const page = await store.nodes.list(
      { provisionState: AWAITED_IN },
      { sortKey: 'id', sortDirection: 'asc', limit: PAGE, ...(marker === undefined ? {} : { marker }) },
      ['uuid', 'driverInfo'],
    );
    for (const { uuid, driverInfo } of page ?? []) if (controllerAddresses(driverInfo).some((address) => addresses.has(address))) found.push(uuid);
    marker = page?.at(-1)?.uuid;
    if (page === undefined || page.length < PAGE) return found;
  }
}

/** `amt_address`, `ilo_address`, `ipmi_address` and the like. */
function controllerAddresses(driverInfo: SealedObject): readonly string[] {
  return Object.entries(driverInfo).flatMap(([key, value]: [string, Sealed]) => (key.endsWith('_address') && typeof value === 'string' ? [canonicalHost(value)] : []));
}

/** The same host in one spelling: names in lower case, IPv6 addresses in their shortest form. */
function canonicalHost(text: string): string {
  const host = text.trim().toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return isIP(host) === 6 ? new URL(`http://[${host.replace(/%.*$/, '')}]`).hostname.slice(1, -1) : host;
}
