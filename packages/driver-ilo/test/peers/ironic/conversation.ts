import { IronicFault } from './ironic-api.js';
import type { IronicServer } from './ironic-server.js';
import { enrol, type NodeUnderTest, type PeerGeneration } from './node-under-test.js';
import { BOOT } from './operations/boot.js';
import { AUTOMATED_CLEANING, ERASURE, MANAGEMENT_STEPS, SETTINGS_STEPS } from './operations/cleaning.js';
import { INSPECTION } from './operations/inspection.js';
import { DELETION, ENROLMENT, POWER, prepare } from './operations/life.js';
import { CLEANING_BY_MEDIA, MEDIA } from './operations/media.js';
import type { Operations } from './operations/operation.js';

interface Conversation {
  /** What happens before, and is no matter of this one. */
  readonly prepare?: (node: NodeUnderTest) => Promise<void>;
  readonly operations: Operations;
}

/** Three machines of a generation, at the same time: each takes minutes, most of them spent waiting. */
const CONVERSATIONS: Readonly<Record<string, Conversation>> = {
  used: { operations: { ...ENROLMENT, ...POWER, ...BOOT, ...INSPECTION, ...MEDIA, ...ERASURE, ...DELETION } },
  cleaned: { prepare, operations: { ...CLEANING_BY_MEDIA, ...MANAGEMENT_STEPS } },
  configured: { prepare, operations: { ...SETTINGS_STEPS, ...AUTOMATED_CLEANING } },
};

/** The names of all operations. */
export const OPERATIONS: readonly string[] = Object.values(CONVERSATIONS).flatMap(({ operations }) => Object.keys(operations));

/** What became of an operation: what it yielded, or what Ironic says why it did not work. */
export type Result = { readonly value: unknown } | { readonly fault: string };

/** Does everything with machines of one generation. A failure that Ironic tells of is a result, any other one is the end. */
export async function converse(ironic: IronicServer, generation: PeerGeneration): Promise<ReadonlyMap<string, Result>> {
  const parts = await Promise.all(Object.entries(CONVERSATIONS).map(([name, conversation]) => converseWith(ironic, generation, name, conversation)));
  return new Map(parts.flat());
}

type NamedResult = readonly [operation: string, result: Result];

async function converseWith(ironic: IronicServer, generation: PeerGeneration, name: string, conversation: Conversation): Promise<readonly NamedResult[]> {
  await using node = await enrol(ironic, generation, name);
  await conversation.prepare?.(node);
  const results: NamedResult[] = [];
  for (const [operation, act] of Object.entries(conversation.operations)) {
    try {
      results.push([operation, { value: await act(node) }]);
    } catch (error) {
      if (!(error instanceof IronicFault)) throw new Error(`${node.ilo.name}: ${operation}: ${String(error)}`, { cause: error });
      results.push([operation, { fault: error.message }]);
    }
  }
  return results;
}
