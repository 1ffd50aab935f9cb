import { resetManager } from '@ferric/redfish';
import { isUncertain } from '../connection/outages.js';
import type { IloController } from '../ilo-client.js';
import type { BackEndCall } from '../operations/perform.js';
import { resetController } from '../ribcl/index.js';
import { type ControllerParts, waitForReturn } from './wait-for-return.js';

const RESET_TIMEOUT_MS = 300_000;

export function createController(parts: ControllerParts): IloController {
  const { performer } = parts;
  return {
    reset: (options) =>
      performer.perform('reset controller', {
        async rest(call) {
          await sendReset(async () => void (await resetManager(call.client, await call.manager(), undefined, call.options)), call);
          await waitForReturn(parts, call, { leaves: true, before: call.identity });
        },
        async ribcl(call) {
          await sendReset(async () => void (await call.run(resetController())), call);
          await waitForReturn(parts, call, { leaves: true, before: call.identity });
        },
      }, { timeoutMs: RESET_TIMEOUT_MS, ...options }),
    waitUntilBack: (options) => performer.within('the return', options, RESET_TIMEOUT_MS, (waiting) => waitForReturn(parts, waiting, { leaves: false })),
  };
}

/** A controller that goes away may not answer any more: that it goes is seen afterwards. */
async function sendReset(send: () => Promise<void>, { signal }: BackEndCall): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (signal.aborted || !isUncertain(error)) throw error;
  }
}
