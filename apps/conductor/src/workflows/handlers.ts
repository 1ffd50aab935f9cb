import type { ConductorContext } from '../nodes/conductor-context.js';
import { abortWork } from './abort-work.js';
import { adoptWork } from './adopt-work.js';
import { cleanWork } from './clean-work.js';
import { deployWork, undeployWork } from './deploy-work.js';
import { inspectWork } from './inspect-work.js';
import type { WorkHandlers } from './journal.js';
import { powerWork } from './power-work.js';
import { rescueWork } from './rescue-work.js';
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
    abort: abortWork(context),
  };
}
