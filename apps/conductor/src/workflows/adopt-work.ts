import type { ConductorContext } from '../nodes/conductor-context.js';
import { requireValid } from '../nodes/validation.js';
import type { WorkHandler } from './journal.js';
import { provisionWork, runPart } from './provision-work.js';

/** adopting -> active: takes over a machine that already runs its system. Its power is not touched; its later boots lead to what it runs. */
export function adoptWork(context: ConductorContext): WorkHandler {
  return provisionWork(
    context,
    async (provision) => {
      const { node, opened } = provision;
      await requireValid(context, node, ['power', 'deploy'], 'deploy or power info');
      await runPart(provision, 'prepare instance', async () => ({ changes: (await opened.task.boot?.prepareInstance(opened.task)) ?? {} }));
      return { events: ['done'], changes: { lastError: null } };
    },
    { describe: (node, reason) => ({ reason: `Error while attempting to adopt node ${node.uuid}: ${reason}` }) },
  );
}
