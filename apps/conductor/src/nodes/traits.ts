import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import type { Requester } from './node-service.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** Most traits that a node can have. Source: Ironic, ironic/db/sqlalchemy/api.py (MAX_TRAITS_PER_NODE). */
const MOST_TRAITS = 50;

/** Replaces the traits of a node. */
export function setTraits(context: ConductorContext, { uuid }: StoredNode, traits: readonly string[], requester: Requester): Promise<void> {
  return changeTraits(context, uuid, requester, () => traits);
}

/** Adds a trait; one that is there already changes nothing. */
export function addTrait(context: ConductorContext, { uuid }: StoredNode, trait: string, requester: Requester): Promise<void> {
  return changeTraits(context, uuid, requester, (present) => [...present, trait]);
}

/** @throws RequestFault 404 when the node does not have it. */
export function removeTrait(context: ConductorContext, { uuid }: StoredNode, trait: string, requester: Requester): Promise<void> {
  return changeTraits(context, uuid, requester, (present) => {
    if (!present.includes(trait)) throw faults.traitNotFound(uuid, trait);
    return present.filter((each) => each !== trait);
  });
}

/** One transaction on a node that nobody works on, from the traits that it has then. */
async function changeTraits(
  { locks }: ConductorContext,
  uuid: string,
  requester: Requester,
  decide: (present: readonly string[]) => readonly string[],
): Promise<void> {
  await locks.change(
    uuid,
    async (transaction, node) => {
      const traits = [...new Set(decide(node.traits))].toSorted();
      if (traits.length > MOST_TRAITS) throw faults.tooManyTraits(uuid, traits.length, MOST_TRAITS);
      if (JSON.stringify(traits) === JSON.stringify(node.traits)) return;
      await transaction.nodes.update(uuid, { traits });
      await transaction.events.append({
        nodeUuid: uuid, type: 'node-updated', severity: 'INFO', message: `Traits: ${traits.length === 0 ? 'none' : traits.join(', ')}`,
        details: { fields: ['traits'], traits }, actor: actorOf(requester),
      });
    },
    requester.signal,
  );
}
