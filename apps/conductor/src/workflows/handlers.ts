import type { ConductorContext } from '../nodes/conductor-context.js';
import type { WorkHandlers } from './journal.js';
import { powerWork } from './power-work.js';
import { adoptWork, cleanWork, deployWork, inspectWork, rescueWork, undeployWork } from './strategy-work.js';
import { verifyWork } from './verify-work.js';

/** Who does which kind of work. */
export function createWorkHandlers(context: ConductorContext): WorkHandlers {
  return {
    power: powerWork(context),
    verify: verifyWork(context),
    clean: cleanWork(context),
    adopt: adoptWork(context),
    deploy: deployWork(context),
    rebuild: deployWork(context),
    undeploy: undeployWork(context),
    inspect: inspectWork(context),
    rescue: rescueWork(context, 'rescue'),
    unrescue: rescueWork(context, 'unrescue'),
  };
}
