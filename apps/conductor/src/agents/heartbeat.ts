import { checkHeartbeat, readAgentRecord, type HeartbeatVerdict } from '@ferric/agent';
import { FerricError, isUuid, type SealedObject } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { Requester } from '../nodes/node-service.js';
import { actorOf } from '../nodes/requester.js';
import type { StoredNode, Work } from '../nodes/stored-node.js';
import { promiseWork } from '../nodes/transitions.js';
import { WORK_AFTER_WAIT } from '../nodes/waiting-states.js';
import type { Transaction } from '../store/store.js';
import { agentEvent, badRequest, conductorFacts, noteSeldom, originOf, withFacts, type AgentParts } from './agent-parts.js';

/**
 * Takes a heartbeat: the facts are written down and, where the node waits for them and nobody works on it, the work that goes on is
 * promised with them in one transaction.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (HeartbeatController) and ironic/drivers/modules/agent_base.py (heartbeat).
 */
export async function takeHeartbeat(parts: AgentParts, identifier: string, body: unknown, base: string, requester: Requester): Promise<void> {
  const { context, settings } = parts;
  const { uuid } = await findNode(context, identifier);
  const outcome = await context.store.write(async (transaction) => {
    const node = await transaction.nodes.getForUpdate(uuid);
    if (node === undefined) throw faults.nodeNotFound(identifier);
    const at = context.clock.now();
    const checked = check(() =>
      checkHeartbeat({
        body, node, at,
        version: requester.version,
        record: readAgentRecord(node),
        settings: { requireTls: settings.agentRequireTls },
      }),
    );
    if ('refusal' in checked) return { ...checked, node };
    const { conductorUrl, embeddedToken } = readAgentRecord(node);
    // No lookup told it where the token came with a medium; this report has proved that it is the agent's.
    const more = embeddedToken !== undefined && conductorUrl === undefined ? conductorFacts(base) : {};
    return { node, verdict: checked.verdict, work: await accept(context, transaction, node, checked.verdict, { at, more, requester }) };
  });
  if ('refusal' in outcome) {
    await tellRefusal(parts, outcome.node, outcome.refusal, requester);
    throw badRequest(outcome.refusal);
  }
  if (outcome.verdict.action === 'ignore') tellIgnored(parts, outcome.node, requester);
  if (outcome.work !== undefined) context.works.start(outcome.work, uuid);
}

async function findNode({ store }: ConductorContext, identifier: string): Promise<StoredNode> {
  const node = isUuid(identifier) ? await store.nodes.get(identifier.toLowerCase()) : await store.nodes.getByName(identifier);
  if (node === undefined) throw faults.nodeNotFound(identifier);
  return node;
}

/** A refusal is no failure of the transaction: the node is needed to tell of it. */
function check(decide: () => HeartbeatVerdict): { readonly verdict: HeartbeatVerdict } | { readonly refusal: FerricError } {
  try {
    return { verdict: decide() };
  } catch (error) {
    if (FerricError.is(error) && error.code === 'INVALID_OPTIONS') return { refusal: error };
    throw error;
  }
}

async function accept(
  context: ConductorContext,
  transaction: Transaction,
  node: StoredNode,
  { action, facts }: HeartbeatVerdict,
  { at, more, requester }: { readonly at: Date; readonly more: SealedObject; readonly requester: Requester },
): Promise<Work | undefined> {
  if (action === 'ignore') return undefined;
  const work = action === 'act' ? continuation(context, node, at, requester) : undefined;
  await transaction.nodes.update(node.uuid, {
    driverInternalInfo: withFacts(node, { ...more, ...facts }),
    // What the time limit of a wait is counted from.
    ...(action === 'act' ? { provisionUpdatedAt: at } : {}),
    ...work?.changes,
  });
  const news = newsOf(node, facts);
  if (news !== undefined) await transaction.events.append(agentEvent(node, requester, { type: 'agent-reported', ...news }));
  return work?.work;
}

/** The work that waited for this report; undefined while somebody works on the node or a person keeps it for himself. */
function continuation(context: ConductorContext, node: StoredNode, at: Date, requester: Requester): ReturnType<typeof promiseWork> | undefined {
  const kind = WORK_AFTER_WAIT[node.provisionState];
  if (kind === undefined || node.maintenance || node.reservation !== null) return undefined;
  const manual = kind === 'clean' && node.targetProvisionState === 'manageable';
  return promiseWork(kind, { resume: true, manual }, at, actorOf(requester), context.hostname);
}

/** Facts of which the timeline tells when they change; an agent reports every few minutes, which is no news. */
const NEWS = ['agent_url', 'agent_version', 'agent_status', 'agent_status_message'] as const;
const LONGEST_NEWS = 500;

function newsOf(node: StoredNode, facts: HeartbeatVerdict['facts']): { readonly message: string; readonly details: Readonly<Record<string, string>> } | undefined {
  const changed = NEWS.filter((key) => facts[key] !== undefined && facts[key] !== node.driverInternalInfo[key]);
  if (changed.length === 0) return undefined;
  const details = Object.fromEntries(changed.map((key) => [key, (facts[key] ?? '').slice(0, LONGEST_NEWS)]));
  const isFirst = readAgentRecord(node).lastHeartbeatAt === undefined;
  if (isFirst) return { message: `The deploy agent${facts.agent_version === undefined ? '' : ` ${facts.agent_version}`} reported for the first time since the machine started`, details };
  return { message: `The deploy agent reported ${changed.map((key) => `${key.replace('agent_', '').replaceAll('_', ' ')} ${details[key]}`).join(', ')}`, details };
}

/** Somebody who is not the agent of this boot may be at work: whoever looks after the node should see it, but not each attempt. */
async function tellRefusal(parts: AgentParts, node: StoredNode, refusal: FerricError, requester: Requester): Promise<void> {
  const { url } = readAgentRecord(node);
  const known = url === undefined ? 'no agent has reported in this boot' : `the agent of this boot is at ${url}`;
  const message = `A heartbeat from ${originOf(requester)} was refused: ${refusal.message.replace(/\.$/, '')} (${known})`;
  const details = { reason: refusal.message, agent_url: url ?? null };
  const isNoted = await noteSeldom(parts, `refused ${node.uuid}`, agentEvent(node, requester, { type: 'agent-refused', severity: 'WARNING', message, details }));
  if (isNoted) parts.context.logger.warn({ node: node.uuid, requestId: requester.requestId, address: originOf(requester) }, message);
}

function tellIgnored({ context, seldom }: AgentParts, node: StoredNode, requester: Requester): void {
  if (!seldom.first(`ignored ${node.uuid}`)) return;
  context.logger.warn({ node: node.uuid, state: node.provisionState, address: originOf(requester) }, 'A heartbeat was ignored: nothing waits for the agent in this state');
}
